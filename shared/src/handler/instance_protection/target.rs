//! An instance that is looked at.

use crate::protect::{Host, Leave, Managed, Mark, Member, OnHost, Plan, Snapshot, Step, Tasks};

/// Where an instance is in Auto Scaling.
#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    /// Nobody could tell.
    #[default]
    Unseen,
    /// In no group.
    NoGroup,
    /// In this one.
    In(Member),
}

/// An instance that is looked at, by its container instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// The cluster's ARN.
    pub(super) cluster: String,
    /// As ECS has it, once it was described.
    pub(super) host: Option<Host>,
    /// As its group has it.
    pub(super) place: Place,
    /// What is known of its tasks.
    pub(super) on: OnHost,
    /// Whether ECS protects its group, once that is known.
    pub(super) managed: Option<Managed>,
    /// Whether another container instance says it is the same EC2 instance.
    pub(super) is_twice: bool,
    /// What is next.
    pub(super) plan: Option<Plan>,
    /// What is next was done.
    pub(super) is_done: bool,
    /// What went wrong.
    pub(super) trouble: Option<String>,
}

impl Target {
    /// Its EC2 instance, where it has one.
    pub(super) fn instance_id(&self) -> Option<&str> {
        self.host.as_ref()?.instance.ec2_instance_id.as_deref()
    }

    /// Its group and EC2 instance, where it is in one.
    pub(super) fn member(&self) -> Option<&Member> {
        match &self.place {
            Place::In(member) => Some(member),
            Place::NoGroup | Place::Unseen => None,
        }
    }

    /// What we noted on it.
    pub(super) fn mark(&self) -> Option<Mark> {
        self.host.as_ref().and_then(|host| Mark::of(&host.instance))
    }

    /// What is seen of it, once enough is.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let host = self.host.as_ref()?;
        Some(Snapshot {
            member: match &self.place {
                Place::In(member) => Some(member.clone()),
                Place::NoGroup => None,
                Place::Unseen => return None,
            },
            status: host.instance.status.clone(),
            mark: self.mark(),
            managed: self.managed.clone()?,
            tasks: Tasks::NoneSeen,
        })
    }

    /// The step, where it is one that is done and not only said.
    pub(super) fn to_do(&self) -> Option<&Step> {
        self.plan.as_ref().filter(|plan| plan.acts).map(|plan| &plan.step)
    }

    /// Whether scale-in leaves it alone now, by what was seen and done.
    pub(super) fn is_protected(&self) -> bool {
        match self.plan.as_ref().map(|plan| &plan.step) {
            Some(Step::Protect) if self.is_done => true,
            Some(Step::Release) if self.is_done => false,
            _ => self.member().is_some_and(|member| member.is_protected),
        }
    }

    /// Whether it runs a task that counts, and scale-in may take it.
    pub(super) fn is_at_risk(&self) -> bool {
        let is_left = match self.plan.as_ref().map(|plan| &plan.step) {
            Some(Step::Leave(leave)) => match leave {
                Leave::TakenBack | Leave::RegisteredTwice => false,
                Leave::NothingToProtect
                | Leave::NoGroup
                | Leave::NotInService(_)
                | Leave::NotActive(_)
                | Leave::Managed
                | Leave::OthersProtection => true,
            },
            Some(_) => false,
            None => true,
        };
        self.on.acting + self.on.trial > 0 && !is_left && !self.is_protected()
    }
}
