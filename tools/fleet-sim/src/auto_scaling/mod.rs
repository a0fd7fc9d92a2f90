//! Auto Scaling: groups, the hooks they have, and how an instance leaves one.

pub mod api;
mod hook;
mod termination;
#[cfg(test)]
mod tests;

pub use hook::{Action, HookPlan};

use crate::ecs::{ACCOUNT, REGION};

/// Which group, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupNo(pub(crate) usize);

/// Which hook of its group, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HookNo(pub usize);

/// Where an instance stands in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It serves.
    InService,
    /// Hooks hold it.
    TerminatingWait,
    /// No hook holds it any more.
    TerminatingProceed,
    /// A hook was abandoned, and the group retains.
    Retained,
    /// Stopped, in the warm pool.
    WarmedStopped,
}

impl Stage {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InService => "InService",
            Self::TerminatingWait => "Terminating:Wait",
            Self::TerminatingProceed => "Terminating:Proceed",
            Self::Retained => "Terminating:Retained",
            Self::WarmedStopped => "Warmed:Stopped",
        }
    }

    /// Whether it is on its way out of the group's service.
    #[must_use]
    pub const fn is_leaving(self) -> bool {
        match self {
            Self::TerminatingWait | Self::TerminatingProceed => true,
            Self::InService | Self::Retained | Self::WarmedStopped => false,
        }
    }
}

/// Where a terminated instance goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// It is terminated.
    Ec2,
    /// It is stopped and kept.
    WarmPool,
}

impl Destination {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::WarmPool => "WarmPool",
        }
    }
}

/// An instance's place in its group.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The group.
    pub group: GroupNo,
    /// Where it stands.
    pub stage: Stage,
    /// Where it goes once no hook holds it.
    pub destination: Destination,
    /// Lifecycle actions of its termination, one for each terminate hook.
    pub actions: Vec<Action>,
    /// Whether scale-in leaves it alone.
    pub protected_from_scale_in: bool,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
    /// Whether an abandoned terminate hook leaves the instance running.
    pub retains_on_abandon: bool,
    /// Its hooks.
    pub hooks: Vec<HookPlan>,
    /// Its capacity provider, and whether that protects its instances.
    pub capacity_provider: Option<(String, bool)>,
}

impl Group {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0:autoScalingGroupName/{}",
            self.name
        )
    }
}
