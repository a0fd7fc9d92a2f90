//! Auto Scaling groups and their lifecycle hooks.

use super::seen::{GroupSeen, HookSeen, Read};
use super::{Account, not_read};
use crate::aws::auto_scaling::read;

/// What is done where nobody answers a hook and nobody said what.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html>.
const DEFAULT_RESULT: &str = "ABANDON";

impl Account {
    /// `DescribeAutoScalingGroups`: every group, with no hooks yet.
    ///
    /// # Errors
    /// Where a page was not answered.
    pub async fn groups(&self) -> Read<Vec<GroupSeen>> {
        let pages = self.auto_scaling.describe_auto_scaling_groups().into_paginator().items().send();
        let groups: Vec<_> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(not_read("autoscaling:DescribeAutoScalingGroups"))?;
        let seen = groups.into_iter().map(|group| GroupSeen {
            arn: group.auto_scaling_group_arn().unwrap_or_default().to_owned(),
            protects_new: group.new_instances_protected_from_scale_in().unwrap_or_default(),
            hooks: Ok(Vec::new()),
            group: read::group(group),
        });
        Ok(seen.collect())
    }

    /// `DescribeLifecycleHooks` of a group.
    ///
    /// # Errors
    /// Where the call was not answered.
    pub async fn hooks(&self, group: &str) -> Read<Vec<HookSeen>> {
        let call = self.auto_scaling.describe_lifecycle_hooks().auto_scaling_group_name(group);
        let reply = call.send().await.map_err(not_read("autoscaling:DescribeLifecycleHooks"))?;
        let hooks = reply.lifecycle_hooks.unwrap_or_default().into_iter();
        let seen = hooks.map(|hook| HookSeen {
            default_result: hook.default_result().unwrap_or(DEFAULT_RESULT).to_owned(),
            hook: read::hook(hook),
        });
        Ok(seen.collect())
    }
}
