//! Auto Scaling's operations. Each does its work at once; [`crate::api`] decides what it costs.

use shared::drain::auto_scaling::{ActionResult, Group, GroupInstance, LifecycleState};
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter, PER_GROUPS, PER_INSTANCES};
use shared::ports::{ApiError, Page};

use super::{GroupNo, HookNo, Stage};
use crate::ec2::InstanceNo;
use crate::ecs::api::{page_of, refused};
use crate::world::World;
use crate::world::ledger::Deed;

/// Auto Scaling's one code for what it will not do.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    refused("ValidationError", message)
}

impl World {
    /// `DescribeAutoScalingGroups`, as the port asks it.
    pub(crate) fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<GroupNo>, ApiError> {
        match filter {
            GroupFilter::All => self.describe_groups_where(&[], |_| true, token, most),
            GroupFilter::TagKey(key) => {
                let tagged = |group: &super::Group| group.tags.iter().any(|(name, _)| name == key);
                self.describe_groups_where(&[], tagged, token, most)
            }
            GroupFilter::Names(names) => self.describe_groups_where(names, |_| true, token, most),
        }
    }

    /// `DescribeAutoScalingGroups`: of these names, if any, and passing a filter.
    pub(crate) fn describe_groups_where(
        &self,
        names: &[String],
        passes: impl Fn(&super::Group) -> bool,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<GroupNo>, ApiError> {
        if names.len() > PER_GROUPS {
            return Err(invalid("The number of group names exceeds the maximum of 100"));
        }
        let wanted = self
            .groups
            .iter()
            .enumerate()
            .filter(|(_, group)| (names.is_empty() || names.contains(&group.name)) && passes(group));
        let page = page_of(wanted.map(|(number, _)| (number, GroupNo(number))), token, most.min(PER_GROUPS));
        page.map_err(|_| refused("InvalidNextToken", "The token is not valid."))
    }

    /// `DescribeAutoScalingInstances`.
    pub(crate) fn describe_group_instances(&self, ids: &[String]) -> Result<Vec<InstanceNo>, ApiError> {
        if ids.is_empty() || ids.len() > PER_INSTANCES {
            return Err(invalid("The number of instance ids must be between 1 and 50"));
        }
        let mut found: Vec<_> = ids.iter().filter_map(|id| self.instance_of_id(id)).collect();
        found.retain(|instance| self.instance(*instance).membership.is_some());
        Ok(found)
    }

    /// The group of a name, or Auto Scaling's refusal.
    pub(crate) fn group_or_refusal(&self, name: &str) -> Result<GroupNo, ApiError> {
        self.group_named(name)
            .ok_or_else(|| invalid(format!("AutoScalingGroup name not found - no such group: {name}")))
    }

    /// The instance and the hook of an action; none where the group does not have that instance.
    fn action(&self, action: Action<'_>) -> Result<(GroupNo, HookNo, Option<InstanceNo>), ApiError> {
        let group = self.group_or_refusal(action.group)?;
        let hook = self.group(group).hooks.iter().position(|hook| hook.name == action.hook);
        let missing = || invalid(format!("No Lifecycle Hook found with name {}", action.hook));
        let hook = HookNo(hook.ok_or_else(missing)?);
        let instance = self.instance_of_id(action.instance_id).filter(|instance| {
            self.instance(*instance).membership.as_ref().is_some_and(|member| member.group == group)
        });
        Ok((group, hook, instance))
    }

    /// `RecordLifecycleActionHeartbeat`.
    pub(crate) fn call_heartbeat(&mut self, action: Action<'_>) -> Result<ActionOutcome, ApiError> {
        let (group, hook, instance) = self.action(action)?;
        let taken = instance.is_some_and(|instance| self.record_heartbeat(instance, hook, group.0));
        Ok(if taken { ActionOutcome::Accepted } else { ActionOutcome::NoActiveAction })
    }

    /// `CompleteLifecycleAction`.
    pub(crate) fn call_complete(
        &mut self,
        action: Action<'_>,
        result: ActionResult,
    ) -> Result<ActionOutcome, ApiError> {
        let (_, hook, instance) = self.action(action)?;
        let taken = instance.is_some_and(|instance| self.complete_hook(instance, hook, result));
        Ok(if taken { ActionOutcome::Accepted } else { ActionOutcome::NoActiveAction })
    }

    /// An instance as the port shows it; none where it is in no group.
    #[must_use]
    pub fn group_instance_view(&self, instance: InstanceNo) -> Option<GroupInstance> {
        let member = self.instance(instance).membership.as_ref()?;
        Some(GroupInstance {
            instance_id: self.instance(instance).id.clone(),
            group: self.group(member.group).name.clone(),
            state: LifecycleState::from_word(member.stage.word()),
        })
    }

    /// A group as the port shows it: without its warm pool.
    #[must_use]
    pub fn group_view(&self, number: GroupNo) -> Group {
        let group = self.group(number);
        let serving = self.instances_of(number).into_iter().filter(|instance| {
            let member = self.instance(*instance).membership.as_ref();
            member.is_some_and(|member| member.stage != Stage::WarmedStopped)
        });
        Group {
            name: group.name.clone(),
            tags: group.tags.clone(),
            instances: serving.filter_map(|instance| self.group_instance_view(instance)).collect(),
            retains_on_abandon: group.retains_on_abandon,
        }
    }

    /// The instance a lifecycle action holds, by its token.
    pub(crate) fn instance_of_token(&self, token: &str) -> Option<InstanceNo> {
        self.all_instances().find(|instance| {
            let member = self.instance(*instance).membership.as_ref();
            member.is_some_and(|member| member.actions.iter().any(|action| action.token == token))
        })
    }

    /// Somebody sets or takes the protection of an instance, if it is in a group.
    pub fn set_scale_in_protection(&mut self, instance: InstanceNo, protected: bool) {
        self.set_protection(instance, protected, false);
    }

    /// Sets the protection of an instance, by a call or a scenario.
    fn set_protection(&mut self, instance: InstanceNo, now: bool, by_call: bool) {
        let tasks = self.live_tasks(instance);
        let container = self.instance(instance).container.as_ref();
        let notes = container.map(|container| container.attributes.clone().into_iter().collect());
        let Some(member) = self.instances[instance.0].membership.as_mut() else { return };
        let before = std::mem::replace(&mut member.protected_from_scale_in, now);
        let notes = notes.unwrap_or_default();
        self.record(Deed::Protection { instance, now, before, by_call, notes, tasks });
    }

    /// `SetInstanceProtection`.
    pub(crate) fn protect_from_scale_in(
        &mut self,
        group: &str,
        ids: &[String],
        protected: bool,
    ) -> Result<(), ApiError> {
        let group = self.group_or_refusal(group)?;
        if ids.is_empty() || ids.len() > PER_INSTANCES {
            return Err(invalid("The number of instance ids must be between 1 and 50"));
        }
        let mut found = Vec::new();
        for id in ids {
            let instance = self.instance_of_id(id).filter(|instance| {
                let member = self.instance(*instance).membership.as_ref();
                member.is_some_and(|member| member.group == group)
            });
            let instance = instance
                .ok_or_else(|| invalid(format!("The instance {id} is not part of Auto Scaling group.")))?;
            let stage = self.instance(instance).membership.as_ref().map(|member| member.stage);
            if stage != Some(Stage::InService) {
                return Err(invalid(format!("The instance {id} is not in InService.")));
            }
            found.push(instance);
        }
        for instance in found {
            self.set_protection(instance, protected, true);
        }
        Ok(())
    }
}
