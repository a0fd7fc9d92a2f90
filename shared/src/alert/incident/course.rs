//! How far people were told of an incident, and what is to be told next. Time is an argument.
//!
//! Telling is a lease: `begin` says that somebody is at it until a time, `accepted` that it is done. Who dies
//! between the two leaves a lease that ends, and what was to be told is wished again: it may be told twice, and
//! is never lost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::settings::{FIRST_DIGEST, Grouping, SILENCE_OF_AUDITS, SILENCE_OF_ECS, next_after};
use crate::event::Timestamp;
use crate::verdict::{Cause, Severity};

/// What a message says of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notice {
    /// It began.
    Alert,
    /// It is louder than what was told.
    Louder,
    /// It goes on: how often since the last message.
    Digest,
    /// It is over.
    Recovery,
}

impl Notice {
    /// The word in attributes and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Louder => "louder",
            Self::Digest => "digest",
            Self::Recovery => "recovery",
        }
    }
}

/// Somebody is telling people, until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The end of the lease; it also tells one lease from the next.
    pub until: Timestamp,
    /// What is being told.
    pub notice: Notice,
    /// The stops it covers.
    pub count: u64,
    /// The severity it is told at.
    pub severity: Severity,
    /// Topics that took this very message before another failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<String>,
}

/// How far people were told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// When the first stop was seen.
    pub opened: Timestamp,
    /// When the latest was.
    pub last_seen: Timestamp,
    /// All stops.
    pub count: u64,
    /// Stops that an accepted message covers.
    pub told: u64,
    /// The loudest stop.
    pub severity: Severity,
    /// The loudest severity people were told; none where nothing was accepted yet.
    pub told_severity: Option<Severity>,
    /// When a message was last accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// Digests sent.
    pub digests: u32,
    /// When stops that were not told are: nothing is told before it, save what is louder.
    pub next: Timestamp,
    /// When ECS said, after the latest stop, that the service is steady; of a state, when it was seen to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady: Option<Timestamp>,
    /// Whether it is about a service as a whole, of which ECS is silent for hours while it goes on.
    #[serde(default)]
    pub of_a_service: bool,
    /// Whether it is about a state, which is over when it is seen to be and not by silence.
    #[serde(default)]
    pub of_a_state: bool,
    /// Who is telling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Tell people.
    Tell(Notice),
    /// Nothing before this time.
    Wait(Timestamp),
}

impl Course {
    /// Begins with a first stop, which is told from `next` on.
    #[must_use]
    pub const fn new(now: Timestamp, severity: Severity, next: Timestamp) -> Self {
        Self {
            opened: now,
            last_seen: now,
            count: 1,
            told: 0,
            severity,
            told_severity: None,
            told_at: None,
            digests: 0,
            next,
            steady: None,
            of_a_service: false,
            of_a_state: false,
            pending: None,
        }
    }

    /// About what this is the cause of: of a service as a whole, silence says less than of stops, and of a state
    /// nothing.
    #[must_use]
    pub const fn about(mut self, cause: Cause) -> Self {
        self.of_a_service = cause.is_of_a_service();
        self.of_a_state = cause.is_of_a_state();
        self
    }

    /// Counts another stop.
    pub fn add(&mut self, now: Timestamp, severity: Severity) {
        self.count += 1;
        self.last_seen = self.last_seen.max(now);
        self.severity = self.severity.max(severity);
        self.steady = None;
    }

    /// Notes that ECS found the service steady, or that the state was seen to be over.
    pub fn steady(&mut self, now: Timestamp) {
        if now >= self.last_seen {
            self.steady = Some(now);
        }
    }

    /// Stops that no accepted message covers.
    #[must_use]
    pub const fn untold(&self) -> u64 {
        self.count.saturating_sub(self.told)
    }

    /// When it is over, if nothing more comes.
    #[must_use]
    pub fn over_at(&self, grouping: &Grouping) -> Timestamp {
        if self.of_a_state {
            return self.steady.unwrap_or_else(|| self.last_seen.plus(SILENCE_OF_AUDITS));
        }
        let at_least = if self.of_a_service { SILENCE_OF_ECS } else { Duration::ZERO };
        let quiet = self.last_seen.plus(grouping.quiet_after.max(at_least));
        self.steady.map_or(quiet, |at| quiet.min(at.max(self.last_seen.plus(grouping.steady_after))))
    }

    /// What is to be done now.
    #[must_use]
    pub fn wish(&self, now: Timestamp, grouping: &Grouping) -> Wish {
        if let Some(pending) = &self.pending
            && now < pending.until
        {
            return Wish::Wait(pending.until);
        }
        let Some(told) = self.told_severity else {
            return if now < self.next { Wish::Wait(self.next) } else { Wish::Tell(Notice::Alert) };
        };
        if self.severity > told {
            return Wish::Tell(Notice::Louder);
        }
        let over = self.over_at(grouping);
        if now >= over {
            return Wish::Tell(Notice::Recovery);
        }
        match self.untold() {
            0 => Wish::Wait(over),
            _ if now >= self.next => Wish::Tell(Notice::Digest),
            _ => Wish::Wait(over.min(self.next)),
        }
    }

    /// Takes the lease until `until`. Topics that took the same message before are kept.
    pub fn begin(&mut self, notice: Notice, until: Timestamp) {
        let before =
            self.pending.take().filter(|before| before.notice == notice && before.count == self.count);
        let delivered = before.map(|before| before.delivered).unwrap_or_default();
        let (count, severity) = (self.count, self.severity);
        self.pending = Some(Pending { until, notice, count, severity, delivered });
    }

    /// After its end was told: whether more came while it was, which then is an incident nobody knows of.
    pub fn reopened(&mut self) -> bool {
        if self.untold() == 0 {
            return false;
        }
        let mut anew = Self::new(self.last_seen, self.severity, self.last_seen);
        anew.count = self.untold();
        anew.of_a_service = self.of_a_service;
        anew.of_a_state = self.of_a_state;
        *self = anew;
        true
    }

    /// Gives the lease that ends at `until` back before its time; some topics may have taken the message.
    pub fn failed(&mut self, until: Timestamp, now: Timestamp, delivered: &[String]) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.until == until) {
            pending.until = now.min(until);
            pending.delivered = delivered.to_vec();
        }
    }

    /// Notes that what was begun with the lease that ends at `until` was accepted; false where the lease is
    /// somebody else's by now.
    pub fn accepted(&mut self, until: Timestamp, now: Timestamp) -> bool {
        let Some(pending) = self.pending.take_if(|pending| pending.until == until) else { return false };
        self.told_at = Some(now);
        self.told = self.told.max(pending.count);
        self.told_severity = self.told_severity.max(Some(pending.severity));
        match pending.notice {
            Notice::Alert => self.next = now.plus(FIRST_DIGEST),
            Notice::Louder | Notice::Recovery => {}
            Notice::Digest => {
                self.digests = self.digests.saturating_add(1);
                self.next = next_after(self.next, now, self.digests);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
