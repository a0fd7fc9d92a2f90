//! The instances of one invocation.

use crate::alert::Archive;
use crate::drain::auto_scaling::Hook;
use crate::drain::container_instance::ContainerInstance;
use crate::drain::marks::{Marks, Stage};
use crate::drain::words::tasks;
use crate::drain::{Snapshot, Step};
use crate::event::Timestamp;

/// Why an instance is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Auto Scaling may be about to terminate it; a hook may hold it.
    Termination,
    /// Spot capacity is taken back in two minutes.
    Spot,
    /// Somebody asked for it to be drained, hook or not.
    Asked,
}

/// What a trigger says of an instance; all of it may be old news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Why it is to be looked at.
    pub purpose: Purpose,
    /// When its hook began to hold it.
    pub waiting_since: Option<Timestamp>,
    /// Its cluster and container instance, by ARN.
    pub place: Option<(String, String)>,
    /// The cluster it is in, by name or ARN, where somebody said so.
    pub cluster: Option<String>,
    /// Whether it goes to a warm pool.
    pub to_warm_pool: bool,
}

impl Wish {
    /// To look at an instance, with nothing known of it.
    #[must_use]
    pub const fn new(purpose: Purpose) -> Self {
        Self { purpose, waiting_since: None, place: None, cluster: None, to_warm_pool: false }
    }

    /// Adds what another trigger says of the same instance.
    pub fn merge(&mut self, other: Self) {
        // The later event is about the present life of the instance.
        self.waiting_since = self.waiting_since.max(other.waiting_since);
        self.place = self.place.take().or(other.place);
        self.cluster = self.cluster.take().or(other.cluster);
        self.to_warm_pool |= other.to_warm_pool;
        if other.purpose == Purpose::Spot {
            self.purpose = Purpose::Spot;
        }
    }
}

/// One instance in one invocation.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// What was asked.
    pub(super) wish: Wish,
    /// Its group's name.
    pub(super) group: Option<String>,
    /// The hook that holds it; of several of ours the one that waits the shortest.
    pub(super) hook: Option<Hook>,
    /// The names of all hooks of ours that may hold it.
    pub(super) our_hooks: Vec<String>,
    /// Whether its group has other hooks that may hold it too.
    pub(super) others_hold: bool,
    /// The cluster it was found in.
    pub(super) cluster: Option<String>,
    /// What is seen.
    pub(super) seen: Snapshot,
    /// What is done; none where not enough was seen to decide.
    pub(super) step: Option<Step>,
    /// Marks that are to be written.
    pub(super) new_marks: Option<Marks>,
    /// Whether a heartbeat was accepted in this invocation.
    pub(super) heard: bool,
    /// What went wrong, in words.
    pub(super) trouble: Option<String>,
    /// Its logs, or why there are none, where they are collected.
    pub(super) logs: Option<Result<Archive, String>>,
    /// What was done about it.
    pub(super) done: Vec<Deed>,
}

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// DRAINING was set.
    SetDraining,
    /// A heartbeat was accepted.
    Heartbeat,
    /// Tasks were asked to stop.
    StoppedTasks,
    /// The lifecycle action was completed.
    Completed,
    /// The lifecycle action was over before.
    WasOver,
}

impl Deed {
    /// The word for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SetDraining => "set-draining",
            Self::Heartbeat => "heartbeat",
            Self::StoppedTasks => "stopped-tasks",
            Self::Completed => "completed",
            Self::WasOver => "was-over",
        }
    }

    /// For people, where it was done so many times.
    #[must_use]
    pub fn in_words(self, times: usize) -> String {
        match self {
            Self::SetDraining => "set DRAINING".to_owned(),
            Self::Heartbeat => "extended the hook's time".to_owned(),
            Self::StoppedTasks => format!("asked {} to stop", tasks(times)),
            Self::Completed => "completed the lifecycle action".to_owned(),
            Self::WasOver => "found the lifecycle action over".to_owned(),
        }
    }
}

impl Target {
    /// An instance nothing is known of.
    pub(super) fn new(id: &str, wish: Wish) -> Self {
        Self {
            wish,
            group: None,
            hook: None,
            our_hooks: Vec::new(),
            others_hold: false,
            cluster: None,
            seen: Snapshot::new(id, None),
            step: None,
            new_marks: None,
            heard: false,
            trouble: None,
            logs: None,
            done: Vec::new(),
        }
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.seen.instance_id
    }

    /// Its cluster and container instance, where it was found.
    pub(super) fn found(&self) -> Option<(&str, &ContainerInstance)> {
        Some((self.cluster.as_deref()?, self.seen.container_instance()?))
    }

    /// The marks as they will be written, to be changed; those that are seen where nothing is to be written yet.
    pub(super) fn marks_to_write(&mut self) -> Option<&mut Marks> {
        if self.new_marks.is_none() {
            self.new_marks = self.seen.marks();
        }
        self.new_marks.as_mut()
    }

    /// Notes that people were told.
    pub(super) fn told(&mut self, stage: Stage) {
        if let Some(marks) = self.marks_to_write() {
            marks.stage = marks.stage.max(stage);
        }
    }
}
