//! How an incident stands when people are told of it.

use serde::{Deserialize, Serialize};

use super::course::{Course, Notice};
use super::document::Incident;
use super::settings::{FIRST_DIGEST, Grouping, next_after};
use super::storm::{Member, Storm};
use crate::event::Timestamp;

/// Facts of an incident beyond its latest stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// What the message is.
    pub notice: Notice,
    /// When the first stop was seen.
    pub opened: Timestamp,
    /// When the latest was.
    pub last_seen: Timestamp,
    /// All stops.
    pub count: u64,
    /// Those that no message told of.
    pub new: u64,
    /// Those of the last hour; not known of a storm.
    pub last_hour: Option<u64>,
    /// When people hear of it again at the earliest, unless it gets louder; none at its end.
    pub next: Option<Timestamp>,
    /// When it is taken for over, if nothing more comes.
    pub over_at: Timestamp,
    /// ECS said that the service is steady.
    pub steady: bool,
    /// What groups it with related ones.
    pub thread: String,
    /// The incident the thread began with.
    pub follows: Option<String>,
    /// Ids of the latest tasks.
    pub tasks: Vec<String>,
    /// What fails, in a storm.
    pub members: Vec<Member>,
    /// Fingerprints beyond those.
    pub unnamed: u64,
}

impl Standing {
    /// Of an incident of one fingerprint.
    #[must_use]
    pub fn of_incident(incident: &Incident, notice: Notice, now: Timestamp, grouping: &Grouping) -> Self {
        Self {
            last_hour: Some(incident.last_hour.count(now)),
            follows: incident.follows.clone(),
            tasks: incident.tasks.clone(),
            ..Self::of_course(&incident.course, &incident.thread, notice, now, grouping)
        }
    }

    /// Of a storm.
    #[must_use]
    pub fn of_storm(storm: &Storm, notice: Notice, now: Timestamp, grouping: &Grouping) -> Self {
        Self {
            members: storm.members.clone(),
            unnamed: storm.unnamed,
            ..Self::of_course(&storm.course, &storm.thread, notice, now, grouping)
        }
    }

    /// What both have.
    fn of_course(course: &Course, thread: &str, notice: Notice, now: Timestamp, grouping: &Grouping) -> Self {
        let next = match notice {
            Notice::Alert => Some(now.plus(FIRST_DIGEST)),
            Notice::Louder => Some(course.next),
            Notice::Digest => Some(next_after(course.next, now, course.digests.saturating_add(1))),
            Notice::Recovery => None,
        };
        Self {
            notice,
            opened: course.opened,
            last_seen: course.last_seen,
            count: course.count,
            new: course.untold(),
            last_hour: None,
            next,
            over_at: course.over_at(grouping),
            steady: course.steady.is_some(),
            thread: thread.to_owned(),
            follows: None,
            tasks: Vec::new(),
            members: Vec::new(),
            unnamed: 0,
        }
    }

    /// Milliseconds from the first stop to the latest.
    #[must_use]
    pub const fn lasted_millis(&self) -> i64 {
        self.last_seen.millis_since(self.opened)
    }
}
