//! The times of a drain: heartbeats, milestones, deadline, and the hook's own end.

use std::time::Duration;

use super::auto_scaling::Hook;
use super::marks::{Marks, Stage};
use crate::event::Timestamp;
use crate::policy::drain::DrainPolicy;

/// The time between two ticks.
pub const TICK: Duration = Duration::from_mins(1);
/// How soon a heartbeat may follow another: events come in bursts, and each extends the hook anew.
const HEARTBEAT_PAUSE: Duration = Duration::from_secs(20);
/// Three ticks: one that comes too early to be due, one that is lost, one that works.
const HEARTBEAT_SLACK: Duration = Duration::from_mins(3);
/// How much a tick may come earlier than a minute after the last one.
const JITTER: Duration = Duration::from_secs(5);
/// Kept between our own end of a drain and the hook's: the hook may have begun a little before it was
/// noticed, and ticks may be lost.
pub const RESERVE: Duration = Duration::from_mins(10);
/// How long DRAINING must have stood before an instance counts as empty: a task that was being placed
/// meanwhile is listed by then.
pub const SETTLING: Duration = Duration::from_secs(10);
/// How long an instance may take to join a cluster before it counts as one that never will.
pub const JOINING: Duration = Duration::from_secs(45);
/// How long an agent must be away before it is gone; agents reconnect several times an hour.
pub const AGENT_GONE: Duration = Duration::from_mins(10);

/// The times of one drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it began.
    pub since: Timestamp,
    /// When the policy's time is over.
    pub deadline: Timestamp,
    /// When it ends whatever the policy says: [`RESERVE`] before the hook's own limit.
    pub end: Timestamp,
    /// How long before the end tasks are asked to stop: the policy's grace, but at most half of the time.
    pub stop_grace: Duration,
}

impl Times {
    /// Of a drain that began at `since`.
    #[must_use]
    pub fn new(since: Timestamp, hook: &Hook, policy: &DrainPolicy) -> Self {
        let end = since.plus(hook.global_timeout.saturating_sub(RESERVE));
        let deadline = since.plus(policy.deadline).min(end);
        let stop_grace = policy.stop_grace.min(deadline.elapsed_since(since) / 2);
        Self { since, deadline, end, stop_grace }
    }

    /// The highest stage that time alone has reached.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        let whole = self.deadline.millis_since(self.since).max(1);
        let percent = now.millis_since(self.since).saturating_mul(100) / whole;
        match percent {
            ..25 => Stage::Started,
            25..50 => Stage::Stuck25,
            50..75 => Stage::Stuck50,
            75..100 => Stage::Stuck75,
            100.. => Stage::Deadline,
        }
    }
}

/// Whether a heartbeat is due: half the heartbeat timeout has passed, or too little would be left of it after
/// two more ticks. Where nobody knows when the hook last heard anything, it is due.
#[must_use]
pub fn heartbeat_is_due(last: Option<Timestamp>, hook: &Hook, now: Timestamp) -> bool {
    last.is_none_or(|last| {
        let silence = now.elapsed_since(last);
        let half = hook.heartbeat_timeout / 2;
        let safe = hook.heartbeat_timeout.saturating_sub(HEARTBEAT_SLACK);
        silence + JITTER >= half.min(safe).max(HEARTBEAT_PAUSE)
    })
}

/// When the hook last heard of a drain: its last heartbeat, else its begin.
#[must_use]
pub fn last_heard(marks: &Marks) -> Timestamp {
    marks.heartbeat.map_or(marks.since, |heartbeat| heartbeat.max(marks.since))
}
