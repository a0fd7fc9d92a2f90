//! What happened, to be asserted on.

use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::Status;
use shared::event::Timestamp;

use crate::auto_scaling::HookNo;
use crate::ec2::{Cause, InstanceNo};
use crate::ecs::{Class, LastStatus, TaskNo};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Auto Scaling decided to terminate an instance.
    TerminationBegan(InstanceNo),
    /// EC2 announced that it takes an instance back.
    SpotWarned(InstanceNo),
    /// EC2 ended an instance.
    Terminated(InstanceNo, Cause),
    /// An instance was stopped and went to the warm pool.
    Parked(InstanceNo),
    /// An instance stays, since a hook was abandoned and its group retains.
    Retained(InstanceNo),
    /// A hook's time was extended.
    Heartbeat(InstanceNo, HookNo),
    /// Somebody completed a hook.
    HookCompleted(InstanceNo, HookNo, ActionResult),
    /// A hook's time was over, and its default result applied.
    HookExpired(InstanceNo, HookNo, ActionResult),
    /// A hook was skipped, since another was abandoned or the instance was gone.
    HookSkipped(InstanceNo, HookNo),
    /// A container instance changed its status.
    StatusChanged(InstanceNo, Status),
    /// An agent connected or disconnected.
    Agent(InstanceNo, bool),
    /// Somebody set or took the protection of an instance from scale-in.
    Protection {
        /// Which.
        instance: InstanceNo,
        /// Whether it is protected now.
        now: bool,
        /// Whether it was before.
        before: bool,
        /// Whether by a call, not by a scenario.
        by_call: bool,
        /// What was noted on the container instance at that time: names and values.
        notes: Vec<(String, String)>,
        /// Its tasks that had not stopped.
        tasks: Vec<TaskNo>,
    },
    /// Somebody asked a task to stop.
    StopAsked {
        /// Which.
        task: TaskNo,
        /// Where.
        instance: InstanceNo,
        /// Its kind.
        class: Class,
        /// `stopCode`.
        code: &'static str,
    },
    /// A task stopped by its own steps.
    TaskStopped {
        /// Which.
        task: TaskNo,
        /// Where.
        instance: InstanceNo,
        /// Its kind.
        class: Class,
    },
    /// A task had not stopped when its instance ended.
    TaskKilled {
        /// Which.
        task: TaskNo,
        /// Where.
        instance: InstanceNo,
        /// Its kind.
        class: Class,
        /// Where it stood, as ECS saw it.
        last: LastStatus,
        /// Whether its stop had been asked for.
        asked_to_stop: bool,
        /// Whether a protection still held.
        protected: bool,
    },
}

/// A deed with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}
