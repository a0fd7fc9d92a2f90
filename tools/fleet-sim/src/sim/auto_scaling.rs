//! The port to Auto Scaling.

use shared::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook};
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter, PER_GROUPS};
use shared::ports::{ApiError, AutoScaling, Page};

use super::Sim;
use crate::api::Op;

impl AutoScaling for Sim {
    async fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        page: Option<&str>,
    ) -> Result<Page<Group>, ApiError> {
        self.call(Op::DescribeAutoScalingGroups, |world, _| {
            let found = world.describe_groups(filter, page, PER_GROUPS)?;
            let items = found.items.into_iter().map(|group| world.group_view(group)).collect();
            Ok(Page { items, next: found.next })
        })
        .await
    }

    async fn describe_instances(&self, instance_ids: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        self.call(Op::DescribeAutoScalingInstances, |world, _| {
            let found = world.describe_group_instances(instance_ids)?;
            Ok(found.into_iter().filter_map(|instance| world.group_instance_view(instance)).collect())
        })
        .await
    }

    async fn describe_hooks(&self, group: &str) -> Result<Vec<Hook>, ApiError> {
        self.call(Op::DescribeLifecycleHooks, |world, _| {
            let found = world.group(world.group_or_refusal(group)?);
            Ok(found.hooks.iter().map(|hook| hook.seen_in(group)).collect())
        })
        .await
    }

    async fn heartbeat(&self, action: Action<'_>) -> Result<ActionOutcome, ApiError> {
        self.call(Op::RecordLifecycleActionHeartbeat, |world, _| world.call_heartbeat(action)).await
    }

    async fn complete(&self, action: Action<'_>, result: ActionResult) -> Result<ActionOutcome, ApiError> {
        self.call(Op::CompleteLifecycleAction, |world, _| world.call_complete(action, result)).await
    }
}
