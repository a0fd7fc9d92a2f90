//! What to do next about one instance.

use super::auto_scaling::ActionResult;
use super::marks::{Marks, Stage};

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is to be done, for a named reason.
    Leave(Leave),
    /// Set the container instance to DRAINING and put these marks on it.
    Drain {
        /// To be written with it.
        marks: Marks,
        /// Whether a heartbeat is due.
        heartbeat: bool,
        /// What people are to be told, where that does not work for long.
        tell: Option<Stage>,
    },
    /// It is DRAINING, and nobody noted since when: put these marks on it.
    Remember {
        /// To be written.
        marks: Marks,
        /// Whether a heartbeat is due.
        heartbeat: bool,
    },
    /// List its tasks and decide again.
    ListTasks {
        /// Whether a heartbeat is due.
        heartbeat: bool,
    },
    /// Ask whether the group retains abandoned instances and decide again.
    AskGroup {
        /// Whether a heartbeat is due.
        heartbeat: bool,
    },
    /// Wait for the next look.
    Wait(Wait),
    /// Complete the lifecycle action.
    Complete(ActionResult, Ending),
    /// It is drained, and no hook is to be completed.
    Drained {
        /// How many tasks go down with it because the policy ignores their class.
        ignored: usize,
    },
}

/// Why nothing is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It is in no Auto Scaling group (any more): it is gone.
    Gone,
    /// Auto Scaling has it in another state, so no hook holds it.
    NotWaiting(String),
    /// Our hook is done with; another one holds the instance.
    Released,
    /// The group has no terminate hook of ours; these are the others.
    NoHookOfOurs(Vec<String>),
    /// A drain by hand or for a spot warning: it is in no cluster.
    NoCluster,
}

/// Waiting, and what is done meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What for.
    pub because: Because,
    /// Whether a heartbeat is due.
    pub heartbeat: bool,
    /// Tasks to stop now, by ARN.
    pub stop: Vec<String>,
    /// What people are to be told, where they were not told before.
    pub tell: Option<Stage>,
}

/// What a drain waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// An instance that is in no cluster yet may still join one.
    Joining,
    /// Something could not be found out: a failed call, an answer in part, no budget left.
    Trouble(String),
    /// The container instance has a status in which it cannot be drained.
    Status(String),
    /// DRAINING was set a moment ago.
    Settling,
    /// ECS's own count of tasks is not zero.
    TasksLeft(i64),
    /// These many tasks were seen that have not stopped.
    Unfinished(usize),
    /// What was remembered of it has stopped; all its tasks are to be listed.
    Recheck,
    /// All else is done, and its logs are being collected.
    Logs,
}

/// How a drain with a hook ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It never joined a cluster.
    NeverJoined,
    /// Every task has stopped.
    Drained {
        /// Those we asked to.
        stopped_by_us: usize,
        /// Those that go down with it because the policy ignores their class.
        ignored: usize,
    },
    /// The time is over and the policy says to continue: so many tasks have not stopped.
    Forced {
        /// How many.
        left: usize,
    },
    /// The time is over and the group retains: so many tasks go on running.
    Retained {
        /// How many.
        left: usize,
    },
}

impl Step {
    /// Whether a heartbeat is due.
    #[must_use]
    pub const fn heartbeat(&self) -> bool {
        match self {
            Self::Drain { heartbeat, .. }
            | Self::Remember { heartbeat, .. }
            | Self::ListTasks { heartbeat }
            | Self::AskGroup { heartbeat }
            | Self::Wait(Wait { heartbeat, .. }) => *heartbeat,
            Self::Leave(_) | Self::Complete(..) | Self::Drained { .. } => false,
        }
    }
}
