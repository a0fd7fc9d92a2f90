//! A judged record: what is to be told, counted and remembered.

use crate::alert::incident::document::{record_key, task_key};
use crate::alert::{Alert, Subject};
use crate::intake::Unreadable;
use crate::judge::host::FollowUp;
use crate::judge::{self, Verdict};

/// A judged record.
#[derive(Debug)]
pub(super) struct Judged {
    /// The verdict and what it is about.
    pub(super) alert: Alert,
    /// What to remember once it is done.
    pub(super) memory: Memory,
    /// What becomes of it, where it is about a host.
    pub(super) follow_up: FollowUp,
}

/// What to remember of a record once it is done.
#[derive(Debug)]
pub(super) enum Memory {
    /// The version of a stopped task.
    Task(Box<str>, i64),
    /// The end of a container in a task that runs on.
    ContainerEnd {
        /// What the end is recognised by.
        key: Box<str>,
        /// The task.
        task: Box<str>,
        /// The version of the task that showed it.
        version: Option<i64>,
    },
    /// A version of a container instance.
    Host {
        /// What the event is recognised by in the table.
        key: Box<str>,
        /// Whether the process remembers that key too: it is of more than one version.
        is_occurrence: bool,
        /// The container instance, and its version.
        version: Option<(Box<str>, i64)>,
    },
    /// An event without a version, by its key.
    Occurrence(Box<str>),
    /// A record nobody could read: it fails whatever becomes of its alert.
    Unreadable(Unreadable),
    /// Nothing.
    Nothing,
}

impl Judged {
    /// A verdict on an event.
    pub(super) fn new(verdict: Verdict, subject: Subject, memory: Memory) -> Self {
        Self { alert: Alert::new(verdict, subject), memory, follow_up: FollowUp::default() }
    }

    /// With what becomes of a verdict on a host.
    pub(super) fn followed_by(self, follow_up: FollowUp) -> Self {
        Self { follow_up, ..self }
    }

    /// A record that was not read.
    pub(super) fn unreadable(unreadable: Unreadable) -> Self {
        let verdict = judge::unreadable_event(&unreadable);
        Self::new(verdict, Subject::default(), Memory::Unreadable(unreadable))
    }

    /// The key the record is recognised by in the alert table: task, text, or at least the event's id.
    pub(super) fn key(&self) -> Option<String> {
        match &self.memory {
            Memory::Task(arn, _) => Some(task_key(arn)),
            Memory::ContainerEnd { key, .. } | Memory::Host { key, .. } | Memory::Occurrence(key) => {
                Some(record_key(key))
            }
            Memory::Unreadable(unreadable) => Some(record_key(&format!("{:016x}", unreadable.key))),
            Memory::Nothing => self.alert.subject.event_id.as_deref().map(record_key),
        }
    }

    /// The version of its task, 0 for what has none.
    pub(super) const fn version(&self) -> i64 {
        match self.memory {
            Memory::Task(_, version) => version,
            Memory::ContainerEnd { .. }
            | Memory::Host { .. }
            | Memory::Occurrence(_)
            | Memory::Unreadable(_)
            | Memory::Nothing => 0,
        }
    }
}
