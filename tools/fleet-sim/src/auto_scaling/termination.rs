//! How an instance leaves its group: hooks hold it, then EC2 ends it.

use shared::drain::auto_scaling::{ActionResult, TERMINATING};

use super::{Action, Destination, GroupNo, HookNo, Membership, Stage};
use crate::ec2::{Cause, InstanceNo, Power};
use crate::events;
use crate::span::after;
use crate::world::ledger::Deed;
use crate::world::{Happening, World};

impl World {
    /// Auto Scaling decides to terminate an instance; whether it does: not if it is protected from that, or
    /// under way already.
    pub fn terminate(&mut self, instance: InstanceNo) -> bool {
        self.begin_termination(instance, Destination::Ec2)
    }

    /// Auto Scaling decides to return an instance to the warm pool; whether it does.
    pub fn terminate_to_warm_pool(&mut self, instance: InstanceNo) -> bool {
        self.begin_termination(instance, Destination::WarmPool)
    }

    /// Scale-in: the group gives up the first of its instances that serves and is not protected; which, where there
    /// is one.
    pub fn scale_in(&mut self, group: GroupNo) -> Option<InstanceNo> {
        let victim = self.instances_of(group).into_iter().find(|instance| {
            let member = self.instance(*instance).membership.as_ref();
            member.is_some_and(|one| one.stage == Stage::InService && !one.protected_from_scale_in)
        })?;
        self.terminate(victim).then_some(victim)
    }

    /// Every terminate hook of the group takes hold of the instance.
    fn begin_termination(&mut self, instance: InstanceNo, destination: Destination) -> bool {
        let now = self.now;
        if self.instance(instance).power != Power::Running {
            return false;
        }
        let Some(member) = self.instance(instance).membership.as_ref() else { return false };
        let (group, retained) = (self.group(member.group), member.stage == Stage::Retained);
        if member.protected_from_scale_in || (member.stage != Stage::InService && !retained) {
            return false;
        }
        // One that is retained has had its hooks.
        let hooks: Vec<_> = group
            .hooks
            .iter()
            .enumerate()
            .filter(|(_, hook)| hook.transition == TERMINATING && !retained)
            .map(|(number, hook)| (HookNo(number), hook.heartbeat_timeout, hook.longest_hold()))
            .collect();
        let mut actions = Vec::new();
        for (hook, heartbeat, longest) in hooks {
            let ends_at = after(now, longest);
            let expires_at = after(now, heartbeat).min(ends_at);
            let token = self.token();
            actions.push(Action { hook, token, since: now, expires_at, ends_at, active: true, turn: 0 });
            self.note(expires_at, Happening::HookExpires(instance, hook, 0));
        }
        let held = !actions.is_empty();
        let Some(member) = self.member_mut(instance) else { return false };
        member.stage = Stage::TerminatingWait;
        member.destination = destination;
        member.actions = actions;
        self.record(Deed::TerminationBegan(instance));
        events::lifecycle_actions(self, instance);
        if !held {
            self.proceed(instance);
        }
        true
    }

    /// A name for a lifecycle action, in the form of AWS's.
    fn token(&mut self) -> String {
        let (high, low) = (self.dice.number(), self.dice.number());
        let digits = format!("{high:016x}{low:016x}");
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        parts.join("-")
    }

    /// An instance's place in its group.
    fn member_mut(&mut self, instance: InstanceNo) -> Option<&mut Membership> {
        self.instances[instance.0].membership.as_mut()
    }

    /// The active action of a hook on an instance.
    fn active_action(&mut self, instance: InstanceNo, hook: HookNo) -> Option<&mut Action> {
        let member = self.member_mut(instance)?;
        member.actions.iter_mut().find(|action| action.hook == hook && action.active)
    }

    /// Extends a hook's time; whether it still held.
    pub(crate) fn record_heartbeat(&mut self, instance: InstanceNo, hook: HookNo, group: usize) -> bool {
        let now = self.now;
        let timeout = self.groups[group].hooks[hook.0].heartbeat_timeout;
        let Some(action) = self.active_action(instance, hook) else { return false };
        action.turn += 1;
        action.expires_at = after(now, timeout).min(action.ends_at);
        let (expires_at, turn) = (action.expires_at, action.turn);
        self.note(expires_at, Happening::HookExpires(instance, hook, turn));
        self.record(Deed::Heartbeat(instance, hook));
        true
    }

    /// Completes a hook; whether it still held.
    pub(crate) fn complete_hook(&mut self, instance: InstanceNo, hook: HookNo, result: ActionResult) -> bool {
        let Some(action) = self.active_action(instance, hook) else { return false };
        action.active = false;
        self.record(Deed::HookCompleted(instance, hook, result));
        self.settle_hook(instance, result);
        true
    }

    /// A hook's time is over, unless a heartbeat came: its default result applies.
    pub(crate) fn expire_hook(&mut self, instance: InstanceNo, hook: HookNo, turn: u32) {
        let Some(member) = self.instance(instance).membership.as_ref() else { return };
        let result = self.group(member.group).hooks[hook.0].default_result;
        let Some(action) = self.active_action(instance, hook).filter(|action| action.turn == turn) else {
            return;
        };
        action.active = false;
        self.record(Deed::HookExpired(instance, hook, result));
        self.settle_hook(instance, result);
    }

    /// What follows from a hook's end.
    fn settle_hook(&mut self, instance: InstanceNo, result: ActionResult) {
        match result {
            ActionResult::Continue => {
                let member = self.instance(instance).membership.as_ref();
                if member.is_some_and(|member| member.actions.iter().all(|action| !action.active)) {
                    self.proceed(instance);
                }
            }
            ActionResult::Abandon => {
                self.skip_hooks(instance);
                let member = self.instance(instance).membership.as_ref();
                let retains = member.is_some_and(|member| self.group(member.group).retains_on_abandon);
                if retains {
                    if let Some(member) = self.member_mut(instance) {
                        member.stage = Stage::Retained;
                    }
                    self.record(Deed::Retained(instance));
                } else {
                    self.proceed(instance);
                }
            }
        }
    }

    /// Lets go of what still holds an instance.
    fn skip_hooks(&mut self, instance: InstanceNo) {
        let Some(member) = self.member_mut(instance) else { return };
        let mut skipped = Vec::new();
        for action in member.actions.iter_mut().filter(|action| action.active) {
            action.active = false;
            skipped.push(action.hook);
        }
        for hook in skipped {
            self.record(Deed::HookSkipped(instance, hook));
        }
    }

    /// No hook holds the instance any more.
    fn proceed(&mut self, instance: InstanceNo) {
        let Some(member) = self.member_mut(instance) else { return };
        member.stage = Stage::TerminatingProceed;
        let cause = match member.destination {
            Destination::Ec2 => Cause::AutoScaling,
            Destination::WarmPool => Cause::WarmPool,
        };
        self.note_after(self.settings.proceed_takes, Happening::InstanceEnds(instance, cause));
    }

    /// An instance that ends leaves its group, or goes to its warm pool.
    pub(crate) fn leave_group(&mut self, instance: InstanceNo, cause: Cause) {
        self.skip_hooks(instance);
        match cause {
            Cause::WarmPool => {
                if let Some(member) = self.member_mut(instance) {
                    member.stage = Stage::WarmedStopped;
                }
            }
            Cause::AutoScaling | Cause::Spot | Cause::Direct => {
                self.instances[instance.0].membership = None;
            }
        }
    }
}
