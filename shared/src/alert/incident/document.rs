//! What the alert table holds: six kinds of documents, each under a key of its own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::awaited::Awaited;
use super::cluster::Cluster;
use super::course::{Course, Wish};
use super::job::JobRecord;
use super::settings::Grouping;
use super::watch::Watch;
use crate::alert::{Alert, Subject};
use crate::event::Timestamp;
use crate::verdict::{Cause, Verdict};

/// How long a stop that was dealt with is remembered: as long as a queue keeps a message unless told otherwise
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>).
const SEEN_FOR: Duration = Duration::from_hours(4 * 24);
/// How long an incident is kept that nobody ends, because the ticks are missing.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);
/// How long it is kept what was seen when nobody looks any more: what people know of is noted anew each day.
const WATCH_KEPT_FOR: Duration = Duration::from_hours(14 * 24);
/// How long a job is remembered that does not run any more, several times the longest a policy may wait for it.
const JOB_KEPT_FOR: Duration = Duration::from_hours(180 * 24);
/// Longest fingerprint that is a key as it is; `DynamoDB` takes keys of up to 2,048 bytes.
const KEY_BYTES: usize = 900;
/// Latest tasks of an incident that are kept by name.
pub const TASKS: usize = 10;
/// Parts of the last hour that stops are counted by.
const PARTS: i64 = 12;
/// The length of such a part in milliseconds.
const PART_MILLIS: i64 = 5 * 60_000;

/// One document of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Document {
    /// A stop that was dealt with.
    Seen(Seen),
    /// The stops of one fingerprint.
    Incident(Box<Incident>),
    /// What began in a cluster lately.
    Cluster(Box<Cluster>),
    /// What is told unless it is withdrawn before its time.
    Awaited(Box<Awaited>),
    /// The states that somebody who looks regularly has seen.
    Watch(Box<Watch>),
    /// What is known of a job.
    Job(Box<JobRecord>),
}

/// That a stop was dealt with: counted in an incident, told or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The highest version of the task.
    pub version: i64,
    /// What it was counted under.
    pub fingerprint: String,
    /// When.
    pub at: Timestamp,
}

/// A verdict worth an alert, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The verdict.
    pub verdict: Verdict,
    /// What it is about.
    pub subject: Subject,
}

impl Example {
    /// Of an alert.
    #[must_use]
    pub fn of(alert: &Alert) -> Self {
        Self { verdict: alert.verdict.clone(), subject: alert.subject.clone() }
    }
}

/// Stops of the last hour, by parts of five minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastHour(Vec<(i64, u64)>);

impl LastHour {
    /// Counts a stop.
    pub fn add(&mut self, now: Timestamp) {
        let part = now.as_millis().div_euclid(PART_MILLIS);
        self.0.retain(|(old, _)| part.saturating_sub(*old) < PARTS);
        match self.0.last_mut() {
            Some((latest, count)) if *latest >= part => *count += 1,
            _ => self.0.push((part, 1)),
        }
    }

    /// Stops within the hour before `now`, to five minutes.
    #[must_use]
    pub fn count(&self, now: Timestamp) -> u64 {
        let part = now.as_millis().div_euclid(PART_MILLIS);
        self.0.iter().filter(|(old, _)| part.saturating_sub(*old) < PARTS).map(|(_, count)| count).sum()
    }
}

/// The stops of one fingerprint, from the first to an hour without any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// How far people were told.
    pub course: Course,
    /// The loudest stop, the latest of equals.
    pub latest: Example,
    /// What groups it with other incidents of its service.
    pub thread: String,
    /// The incident the thread began with, in words; none where it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// Ids of the latest tasks.
    pub tasks: Vec<String>,
    /// Stops of the last hour.
    pub last_hour: LastHour,
}

impl Incident {
    /// Counts another stop.
    pub fn add(&mut self, alert: &Alert, now: Timestamp) {
        self.course.add(now, alert.verdict.severity);
        self.note(alert, now);
    }

    /// Keeps what is told of a stop.
    pub(super) fn note(&mut self, alert: &Alert, now: Timestamp) {
        if alert.verdict.severity >= self.latest.verdict.severity {
            self.latest = Example::of(alert);
        }
        self.last_hour.add(now);
        if let Some(id) = &alert.subject.task_id {
            self.tasks.push(id.clone());
            if self.tasks.len() > TASKS {
                self.tasks.remove(0);
            }
        }
    }

    /// Whether its end is worth a message: a job that failed once has not recovered an hour later, nor has a task
    /// that lost a container, which ECS does not start again.
    #[must_use]
    pub const fn has_recovery(&self) -> bool {
        if self.latest.verdict.cause.is_of_a_state() {
            return true;
        }
        let is_replaced = !matches!(self.latest.verdict.cause, Cause::ContainerExited);
        (is_replaced && self.latest.subject.service.is_some()) || self.course.count > 1
    }
}

/// What the table holds of one stop: each part is missing where it holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The stop itself.
    pub seen: Option<Seen>,
    /// Its incident.
    pub incident: Option<Incident>,
    /// Its cluster.
    pub cluster: Option<Cluster>,
}

impl Document {
    /// When somebody has to look at it; none where only a stop changes anything.
    #[must_use]
    pub fn due(&self, now: Timestamp, grouping: &Grouping) -> Option<Timestamp> {
        let wish = match self {
            Self::Seen(_) | Self::Watch(_) | Self::Job(_) => return None,
            Self::Awaited(awaited) => return Some(awaited.due),
            Self::Incident(incident) => incident.course.wish(now, grouping),
            Self::Cluster(cluster) => cluster.storm.as_ref()?.course.wish(now, grouping),
        };
        Some(match wish {
            Wish::Tell(_) => now,
            Wish::Wait(until) => until,
        })
    }

    /// When the table may forget it.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        match self {
            Self::Seen(seen) => seen.at.plus(SEEN_FOR),
            Self::Incident(incident) => incident.course.last_seen.plus(KEPT_FOR),
            Self::Cluster(cluster) => cluster.last_seen().plus(KEPT_FOR),
            Self::Awaited(awaited) => awaited.due.plus(KEPT_FOR),
            Self::Watch(watch) => watch.at.plus(WATCH_KEPT_FOR),
            Self::Job(job) => job.last_seen().plus(JOB_KEPT_FOR),
        }
    }
}

/// The key of a task's stop.
#[must_use]
pub fn task_key(arn: &str) -> String {
    short("task", arn)
}

/// The key of a record that could not be read, or of an event by its id.
#[must_use]
pub fn record_key(id: &str) -> String {
    short("record", id)
}

/// The key of an incident.
#[must_use]
pub fn incident_key(fingerprint: &str) -> String {
    short("incident", fingerprint)
}

/// The key of what is told unless it is withdrawn, by its fingerprint.
#[must_use]
pub fn awaited_key(fingerprint: &str) -> String {
    short("awaited", fingerprint)
}

/// The key of what `who` has seen of `scope`, a cluster's name.
#[must_use]
pub fn watch_key(who: &str, scope: &str) -> String {
    short("watch", &format!("{who}/{scope}"))
}

/// The key of a job.
#[must_use]
pub fn job_key(cluster: &str, family: &str) -> String {
    short("job", &format!("{cluster}/{family}"))
}

/// The key of a cluster.
#[must_use]
pub fn cluster_key(cluster: &str) -> String {
    short("cluster", cluster)
}

/// The cluster a fingerprint is of.
#[must_use]
pub fn cluster_of(fingerprint: &str) -> &str {
    fingerprint.split('/').next().unwrap_or(fingerprint)
}

/// `kind#name`; what is too long for a key ends in a hash of the whole.
fn short(kind: &str, name: &str) -> String {
    if name.len() <= KEY_BYTES {
        return format!("{kind}#{name}");
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let cut = name.floor_char_boundary(KEY_BYTES);
    format!("{kind}#{}#{:016x}", &name[..cut], hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::{LastHour, Timestamp, cluster_of, incident_key};

    #[test]
    fn the_last_hour_forgets() {
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        let mut hour = LastHour::default();
        for minute in 0..120 {
            hour.add(at(minute));
        }
        assert_eq!((hour.count(at(119)), hour.count(at(150)), hour.count(at(300))), (60, 25, 0));
        hour.add(at(0));
        assert_eq!(hour.count(at(119)), 61, "a clock that went back counts now");
    }

    #[test]
    fn long_fingerprints_stay_keys_of_their_own() {
        let long = |end: &str| incident_key(&format!("{}{end}", "ü".repeat(800)));
        assert!(long("a").len() < 1_000 && long("a") != long("b"));
        assert_eq!(incident_key("c/web/killed/app/137"), "incident#c/web/killed/app/137");
        assert_eq!((cluster_of("c/web/killed"), cluster_of("-")), ("c", "-"));
    }
}
