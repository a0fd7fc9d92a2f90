//! What began in a cluster lately: how many incidents at once, and which belong together.

use serde::{Deserialize, Serialize};

use super::settings::{Grouping, STORM_WINDOW};
use super::storm::{Member, Storm};
use crate::alert::Subject;
use crate::alert::limits::name;
use crate::event::Timestamp;
use crate::verdict::{Cause, Severity, Verdict};

/// How long after an incident another one of its service joins its thread.
const RELATED_MILLIS: i64 = 60 * 60_000;
/// How long an opening is kept: so long a steady service ends its incidents early.
const KEPT_MILLIS: i64 = 24 * 60 * 60_000;
/// Openings that are kept; in a storm the latest count.
const OPENINGS: usize = 200;
/// Bytes of names that are kept of a cluster; a document of `DynamoDB` has 400 KB at most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const NAME_BYTES: usize = 200_000;

/// An incident that began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub fingerprint: String,
    /// The service, or the family of a job.
    pub workload: String,
    /// Why.
    pub cause: Cause,
    /// How loud.
    pub severity: Severity,
    /// Its thread.
    pub thread: String,
}

/// A cluster as its incidents are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The incidents of the last day, the oldest first.
    pub openings: Vec<Opening>,
    /// More at once than are told one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storm: Option<Storm>,
}

impl Cluster {
    /// Notes an incident that begins, and answers its thread and what the thread began with.
    pub fn open(&mut self, verdict: &Verdict, subject: &Subject, now: Timestamp) -> (String, Option<String>) {
        self.openings.retain(|opening| now.millis_since(opening.at) < KEPT_MILLIS);
        let workload = workload(subject);
        let mut of_workload = self
            .openings
            .iter()
            .filter(|opening| opening.workload == workload && now.millis_since(opening.at) < RELATED_MILLIS);
        let (thread, follows) = match of_workload.next_back() {
            Some(latest) => {
                let first = self.openings.iter().find(|opening| opening.thread == latest.thread);
                let follows = first.map(|first| format!("{} of {}", first.cause, first.at));
                (latest.thread.clone(), follows)
            }
            None => (thread_name(subject, now), None),
        };
        self.openings.push(Opening {
            at: now,
            fingerprint: verdict.fingerprint.clone(),
            workload,
            cause: verdict.cause,
            severity: verdict.severity,
            thread: thread.clone(),
        });
        if self.openings.len() > OPENINGS {
            self.openings.remove(0);
        }
        (thread, follows)
    }

    /// The fingerprints that began for a service lately, each once.
    #[must_use]
    pub fn fingerprints_of(&self, service: &str) -> Vec<String> {
        let of_service = self.openings.iter().filter(|opening| opening.workload == name(service));
        let mut found: Vec<_> = of_service.map(|opening| opening.fingerprint.clone()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Incidents that began within the minute before `now`.
    pub fn newcomers(&self, now: Timestamp) -> impl Iterator<Item = &Opening> {
        self.openings.iter().filter(move |opening| now.elapsed_since(opening.at) < STORM_WINDOW)
    }

    /// Keeps it below the size of a document, whatever its names are: the oldest openings go first, then the
    /// latest members of the storm, which are counted on.
    pub(super) fn fit(&mut self) {
        let of_opening = |opening: &Opening| {
            opening.fingerprint.len() + opening.workload.len() + opening.thread.len() + 100
        };
        let of_member = |member: &Member| member.fingerprint.len() + member.workload.len() + 100;
        let mut bytes: usize = self.openings.iter().map(of_opening).sum();
        let members = self.storm.iter().flat_map(|storm| &storm.members);
        bytes += members.map(of_member).sum::<usize>();
        while bytes > NAME_BYTES && !self.openings.is_empty() {
            bytes -= of_opening(&self.openings.remove(0));
        }
        while let Some(storm) = self.storm.as_mut().filter(|_| bytes > NAME_BYTES) {
            let Some(member) = storm.members.pop() else { return };
            bytes -= of_member(&member);
            storm.unnamed += 1;
        }
    }

    /// Whether more incidents began within a minute than are told one by one.
    #[must_use]
    pub fn is_surging(&self, now: Timestamp, grouping: &Grouping) -> bool {
        grouping.storm_at > 0 && self.newcomers(now).count() > grouping.storm_at
    }

    /// When something of it was seen last.
    #[must_use]
    pub fn last_seen(&self) -> Timestamp {
        let opened = self.openings.last().map(|opening| opening.at);
        let stormy = self.storm.as_ref().map(|storm| storm.course.last_seen);
        opened.max(stormy).unwrap_or(Timestamp::from_millis(0))
    }
}

/// The service, family or instance, as names of incidents have it.
pub(super) fn workload(subject: &Subject) -> String {
    subject.thing().map_or_else(|| "-".to_owned(), name)
}

/// `harbor/web/2026-05-01T10:00:00Z`
fn thread_name(subject: &Subject, now: Timestamp) -> String {
    let cluster = subject.cluster.as_deref().map_or_else(|| "-".to_owned(), name);
    format!("{cluster}/{}/{now}", workload(subject))
}
