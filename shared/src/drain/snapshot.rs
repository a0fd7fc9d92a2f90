//! What is seen of one instance, as far as it was asked for.

use super::auto_scaling::{Hook, LifecycleState};
use super::class::ClassedTask;
use super::container_instance::ContainerInstance;
use super::marks::{Marks, Stage};
use crate::event::Timestamp;

/// What is seen of an instance that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// Where Auto Scaling says it stands; none where it is in no group (any more).
    pub state: Option<LifecycleState>,
    /// Since when the hook has held it, where an event or an earlier look told.
    pub waiting_since: Option<Timestamp>,
    /// Since when this process has seen it waiting.
    pub first_seen: Option<Timestamp>,
    /// What people were told of it, where this process remembers.
    pub told: Option<Stage>,
    /// When its hook began to hold it, where an event told.
    pub hook_began: Option<Timestamp>,
    /// Since when it is known to be in no cluster.
    pub unjoined_since: Option<Timestamp>,
    /// When its hook last heard of us, where only this process remembers.
    pub last_heartbeat: Option<Timestamp>,
    /// Whether its agent has been away for so long that its tasks' statuses say nothing any more.
    pub agent_is_gone: bool,
    /// The marks this process remembers, for the case that they could not be written.
    pub remembered: Option<Marks>,
    /// Whether its tasks are worth a look though their count is not zero: the last look was a while ago.
    pub look_is_due: bool,
    /// Whether ECS stopped counting its tasks only a moment ago: they are hardly gone.
    pub may_still_be_stopping: bool,
    /// Whether its group retains instances whose termination is abandoned; none where nobody asked yet.
    pub retains_on_abandon: Option<bool>,
    /// Until when its logs may be collected, where they are: its hook waits for that.
    pub collecting_until: Option<Timestamp>,
    /// Where it is in ECS.
    pub place: Place,
    /// Its tasks.
    pub tasks: Tasks,
}

/// Where an instance is in ECS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody could tell: a call failed, or answered in part.
    Unknown(String),
    /// Every cluster it could be in says that it is not there.
    NoCluster,
    /// It is this container instance.
    In(ContainerInstance),
}

/// The tasks of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tasks {
    /// Nobody asked yet.
    NotListed,
    /// Somebody asked and there was no whole answer.
    Unknown(String),
    /// What was found.
    Listed {
        /// Stopped ones too.
        tasks: Vec<ClassedTask>,
        /// Whether these are all: every page under RUNNING, and after that every page under STOPPED. In this
        /// order no task slips through, for a task only ever goes from the first list to the second.
        complete: bool,
    },
}

impl Snapshot {
    /// Of an instance of which nothing is known but where Auto Scaling says it stands.
    #[must_use]
    pub fn new(instance_id: &str, state: Option<LifecycleState>) -> Self {
        Self {
            instance_id: instance_id.to_owned(),
            state,
            waiting_since: None,
            first_seen: None,
            told: None,
            hook_began: None,
            unjoined_since: None,
            last_heartbeat: None,
            agent_is_gone: false,
            remembered: None,
            look_is_due: false,
            may_still_be_stopping: false,
            retains_on_abandon: None,
            collecting_until: None,
            place: Place::Unknown("not looked for yet".to_owned()),
            tasks: Tasks::NotListed,
        }
    }

    /// Its container instance, where it has one.
    #[must_use]
    pub const fn container_instance(&self) -> Option<&ContainerInstance> {
        match &self.place {
            Place::In(instance) => Some(instance),
            Place::Unknown(_) | Place::NoCluster => None,
        }
    }

    /// The marks of its drain: those on the container instance and those this process remembers, which may not
    /// have been written. Of two drains, the later one counts.
    #[must_use]
    pub fn marks(&self) -> Option<Marks> {
        let written = self.container_instance().and_then(Marks::of);
        match (written, self.remembered) {
            (Some(written), Some(remembered)) if remembered.since == written.since => Some(Marks {
                stage: written.stage.max(remembered.stage),
                heartbeat: written.heartbeat.max(remembered.heartbeat),
                draining: written.draining.max(remembered.draining),
                ..written
            }),
            (Some(written), Some(remembered)) if remembered.draining < written.draining => Some(written),
            (written, remembered) => remembered.or(written),
        }
    }

    /// The marks, where they may be of the drain that goes on now.
    #[must_use]
    pub fn marks_of_this_drain(&self, hook: Option<&Hook>, now: Timestamp) -> Option<Marks> {
        let of_this_drain =
            |marks: &Marks| hook.is_none_or(|hook| marks.may_be_of_this_drain(hook, self.hook_began, now));
        self.marks().map(|marks| marks.heard_by(now)).filter(of_this_drain)
    }

    /// Since when the hook has held it, as far as marks, events or this process know.
    #[must_use]
    pub fn held_since(&self, hook: Option<&Hook>, now: Timestamp) -> Timestamp {
        let marked = self.marks_of_this_drain(hook, now).map(|marks| marks.since);
        marked.or(self.waiting_since).or(self.first_seen).unwrap_or(now)
    }

    /// The tasks that were found and have not stopped.
    pub fn unfinished(&self) -> impl Iterator<Item = &ClassedTask> {
        let tasks = match &self.tasks {
            Tasks::Listed { tasks, .. } => tasks.as_slice(),
            Tasks::NotListed | Tasks::Unknown(_) => &[],
        };
        tasks.iter().filter(|seen| !seen.task.is_stopped())
    }
}
