//! What this process has dealt with already: versions of tasks, service events, and records nobody could read.
//!
//! Bounded, and forgetful on purpose: it spares repeats while the process lives and is never needed for
//! an alert to go out.

use super::recent::Recent;
use crate::event::TaskStateChange;
use crate::verdict::{Cause, Verdict};

/// How many tasks are remembered: a few megabytes at most.
const TASKS: usize = 8_192;
/// How many service events are remembered.
const OCCURRENCES: usize = 1_024;
/// How many unreadable records are remembered.
const UNREADABLE: usize = 1_024;

/// What was dealt with; the oldest is forgotten first.
#[derive(Debug, Default)]
pub struct Seen {
    /// The highest version of each task that was dealt with.
    versions: Recent<Box<str>, i64, TASKS>,
    /// Events without a version that were dealt with, by their keys.
    occurrences: Recent<Box<str>, (), OCCURRENCES>,
    /// Unreadable records that were alerted on.
    unreadable: Recent<u64, (), UNREADABLE>,
}

impl Seen {
    /// The highest version of a task that was dealt with.
    #[must_use]
    pub fn last_version(&self, task_arn: &str) -> Option<i64> {
        self.versions.get(task_arn).copied()
    }

    /// Remembers that a version of a stopped task was dealt with.
    pub fn remember(&mut self, task_arn: &str, version: i64) {
        let highest = self.last_version(task_arn).map_or(version, |known| known.max(version));
        self.versions.keep(task_arn.into(), highest);
    }

    /// Whether an event without a version was dealt with, by its key.
    #[must_use]
    pub fn was_seen(&self, key: &str) -> bool {
        self.occurrences.get(key).is_some()
    }

    /// Remembers that an event without a version was dealt with.
    pub fn remember_occurrence(&mut self, key: &str) {
        self.occurrences.keep(key.into(), ());
    }

    /// The containers of a task, by name, whose end was dealt with while the task ran on.
    #[must_use]
    pub fn known_ends(&self, task: &TaskStateChange) -> Vec<Box<str>> {
        let Some(arn) = task.task_arn.as_deref() else { return Vec::new() };
        let names = task.containers.iter().filter_map(|container| container.name.as_ref());
        names.filter(|name| self.was_seen(&key_of_end(arn, name))).cloned().collect()
    }

    /// Whether an unreadable record was alerted on.
    #[must_use]
    pub fn was_alerted(&self, key: u64) -> bool {
        self.unreadable.get(&key).is_some()
    }

    /// Remembers that an unreadable record was alerted on.
    pub fn remember_unreadable(&mut self, key: u64) {
        self.unreadable.keep(key, ());
    }
}

/// Task and version that are done once a verdict is dealt with; none where a later event is still to come,
/// or where the event does not say which version it is.
#[must_use]
pub fn done<'a>(task: &'a TaskStateChange, verdict: &Verdict) -> Option<(&'a str, i64)> {
    let is_final = !matches!(verdict.cause, Cause::NotStopped | Cause::ContainerExited | Cause::Duplicate);
    task.task_arn.as_deref().zip(task.version).filter(|_| is_final)
}

/// What the end of a container is recognised by, where a verdict is about one in a task that runs on: the same
/// for every later event that still shows it. None where the event does not name task or container.
#[must_use]
pub fn end_of(task: &TaskStateChange, verdict: &Verdict) -> Option<String> {
    let names = task.task_arn.as_deref().zip(verdict.container.as_deref());
    names.filter(|_| verdict.cause == Cause::ContainerExited).map(|(arn, name)| key_of_end(arn, name))
}

/// The key of a container's end.
fn key_of_end(task_arn: &str, container: &str) -> String {
    format!("{}#{task_arn}#{container}", Cause::ContainerExited)
}

#[cfg(test)]
mod tests {
    use super::{Seen, end_of};
    use crate::judge::Cause;
    use crate::judge::rules::testing::{task, verdict};

    #[test]
    fn the_highest_version_is_kept() {
        let mut seen = Seen::default();
        seen.remember("first", 7);
        seen.remember("first", 5);
        assert_eq!((seen.last_version("first"), seen.last_version("second")), (Some(7), None));
    }

    #[test]
    fn an_end_is_known_by_task_and_container() {
        let containers = [("app", None, ""), ("log", Some(1), "")];
        let mut task = task("service:web", "", "", &containers);
        let (mut seen, mut verdict) = (Seen::default(), verdict(&task));
        verdict.container = Some("log".into());
        assert_eq!(end_of(&task, &verdict), None, "the end of the task");
        verdict.cause = Cause::ContainerExited;
        seen.remember_occurrence(&end_of(&task, &verdict).expect("a key"));
        task.version = Some(6);
        assert_eq!(seen.known_ends(&task), [Box::<str>::from("log")]);
        assert!(super::done(&task, &verdict).is_none(), "the task is not done");
        task.task_arn = Some("another".into());
        assert!(seen.known_ends(&task).is_empty());
        task.task_arn = None;
        assert_eq!((end_of(&task, &verdict), seen.known_ends(&task).len()), (None, 0));
    }
}
