//! What this process has dealt with already: versions of tasks, service events, and records nobody could read.
//!
//! Bounded, and forgetful on purpose: it spares repeats while the process lives and is never needed for
//! an alert to go out.

use std::collections::{HashMap, VecDeque};

use crate::event::TaskStateChange;
use crate::verdict::{Cause, Verdict};

/// How many tasks and unreadable records are remembered: a few megabytes at most.
pub const CAPACITY: usize = 8_192;

/// The version of what has none: it happened, and does not change.
pub const ONCE: i64 = 0;

/// Bounded memory; the oldest entry is forgotten first.
#[derive(Debug, Default)]
pub struct Seen {
    /// The highest version of each task that was dealt with, and events without versions by their keys.
    versions: HashMap<Box<str>, i64>,
    /// Keys of `versions`, oldest first.
    order: VecDeque<Box<str>>,
    /// Unreadable records that were alerted on, oldest first.
    unreadable: VecDeque<u64>,
}

impl Seen {
    /// The highest version of a task that was dealt with.
    #[must_use]
    pub fn last_version(&self, task_arn: &str) -> Option<i64> {
        self.versions.get(task_arn).copied()
    }

    /// Whether an event without a version was dealt with, by its key.
    #[must_use]
    pub fn was_seen(&self, key: &str) -> bool {
        self.versions.contains_key(key)
    }

    /// Remembers that a version of a stopped task was dealt with, or under its key an event that happened
    /// [`ONCE`].
    pub fn remember(&mut self, task_arn: &str, version: i64) {
        if let Some(known) = self.versions.get_mut(task_arn) {
            *known = version.max(*known);
            return;
        }
        if self.order.len() == CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.versions.remove(&oldest);
        }
        self.order.push_back(task_arn.into());
        self.versions.insert(task_arn.into(), version);
    }

    /// Whether an unreadable record was alerted on.
    #[must_use]
    pub fn was_alerted(&self, key: u64) -> bool {
        self.unreadable.contains(&key)
    }

    /// Remembers that an unreadable record was alerted on.
    pub fn remember_unreadable(&mut self, key: u64) {
        if self.unreadable.len() == CAPACITY / 8 {
            self.unreadable.pop_front();
        }
        self.unreadable.push_back(key);
    }
}

/// Task and version that are done once a verdict is dealt with; none where a later event is still to come,
/// or where the event does not say which version it is.
#[must_use]
pub fn done<'a>(task: &'a TaskStateChange, verdict: &Verdict) -> Option<(&'a str, i64)> {
    let is_final = !matches!(verdict.cause, Cause::NotStopped | Cause::Duplicate);
    task.task_arn.as_deref().zip(task.version).filter(|_| is_final)
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, Seen};

    #[test]
    fn the_highest_version_is_kept_and_the_oldest_task_forgotten() {
        let mut seen = Seen::default();
        seen.remember("first", 7);
        seen.remember("first", 5);
        assert_eq!(seen.last_version("first"), Some(7));
        for task in 0..CAPACITY {
            seen.remember(&format!("task {task}"), 1);
        }
        assert_eq!((seen.last_version("first"), seen.last_version("task 0")), (None, Some(1)));
        assert_eq!((seen.versions.len(), seen.order.len()), (CAPACITY, CAPACITY));
    }
}
