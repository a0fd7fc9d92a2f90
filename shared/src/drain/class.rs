//! The classes of tasks a drain treats differently.

use super::task::Task;
use crate::policy::drain::{DrainPolicy, Treatment};

/// What a task is to a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Of a REPLICA service: ECS moves it.
    Service,
    /// Of a DAEMON service: ECS stops it after all others.
    Daemon,
    /// Of nobody: ECS leaves it alone.
    Standalone,
    /// Of a service, and protected from being stopped.
    Protected,
    /// Of any kind, on an instance whose agent is gone: its status no longer changes.
    AgentGone,
}

impl Class {
    /// The word for people and policy.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Daemon => "daemon",
            Self::Standalone => "standalone",
            Self::Protected => "protected",
            Self::AgentGone => "agent-gone",
        }
    }

    /// What the policy does with it.
    #[must_use]
    pub const fn treatment(self, policy: &DrainPolicy) -> Treatment {
        match self {
            Self::Service => policy.service,
            Self::Daemon => policy.daemon,
            Self::Standalone => policy.standalone,
            Self::Protected => policy.protected,
            Self::AgentGone => policy.agent_gone,
        }
    }

    /// What keeps a task of this class from going, in words.
    #[must_use]
    pub const fn blocked_by(self) -> &'static str {
        match self {
            Self::Service => {
                "its service has not moved it: no room for a replacement, or its minimumHealthyPercent and maximumPercent leave none"
            }
            Self::Daemon => "ECS stops daemons after all other tasks",
            Self::Standalone => "nobody moves a standalone task: it ends by itself or is stopped",
            Self::Protected => "it has task scale-in protection",
            Self::AgentGone => "the agent is disconnected, so ECS does not know how the task is",
        }
    }
}

/// A task with its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassedTask {
    /// As ECS shows it.
    pub task: Task,
    /// What it is to the drain.
    pub class: Class,
}
