//! What is remembered of a job that the policy speaks of: when it last succeeded, and how it last ended.

use serde::{Deserialize, Serialize};

use crate::event::Timestamp;

/// The end of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobEnd {
    /// When it stopped.
    pub at: Timestamp,
    /// The task's id.
    pub task: String,
    /// Whether it did what it was there for: exit code 0, or one that the policy expects.
    pub succeeded: bool,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// How long it ran, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran_millis: Option<i64>,
}

/// What is known of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRecord {
    /// Since when somebody has watched it: nothing is missing from before.
    pub watched_since: Timestamp,
    /// When it last succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<Timestamp>,
    /// How it last ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<JobEnd>,
}

impl JobRecord {
    /// Of a job nothing is known of yet.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { watched_since: now, succeeded: None, ended: None }
    }

    /// Notes how a run ended. Ends may come late and twice: the latest counts.
    pub fn note(&mut self, end: JobEnd) {
        if end.succeeded {
            self.succeeded = self.succeeded.max(Some(end.at));
        }
        if self.ended.as_ref().is_none_or(|known| known.at <= end.at) {
            self.ended = Some(end);
        }
    }

    /// Since when a success has been missing: the last one, or the begin of the watch.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.succeeded.unwrap_or(self.watched_since)
    }

    /// When something of it was last seen.
    #[must_use]
    pub fn last_seen(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.watched_since, |end| end.at.max(self.watched_since))
    }
}

#[cfg(test)]
mod tests {
    use super::{JobEnd, JobRecord, Timestamp};

    fn end(minutes: i64, succeeded: bool) -> JobEnd {
        let at = Timestamp::from_millis(minutes * 60_000);
        JobEnd { at, task: minutes.to_string(), succeeded, exit_code: None, ran_millis: None }
    }

    #[test]
    fn the_latest_end_counts_in_whatever_order_they_come() {
        let mut record = JobRecord::new(Timestamp::from_millis(0));
        assert_eq!(record.since(), Timestamp::from_millis(0));
        for one in [end(30, false), end(20, true), end(10, true), end(20, true)] {
            record.note(one);
        }
        assert_eq!(record.succeeded, Some(end(20, true).at), "a failure after it does not take it back");
        assert_eq!((record.ended.clone(), record.since()), (Some(end(30, false)), end(20, true).at));
        assert_eq!(record.last_seen(), end(30, false).at);
    }
}
