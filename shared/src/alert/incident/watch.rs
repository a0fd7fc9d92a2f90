//! States that are seen by looking again and again: told once they have lasted, reminded of each day, and over when a
//! look that went well does not see them any more. Time is an argument.
//!
//! A look that failed says nothing of what it looks for: whatever was there still is, and that it failed is a finding
//! of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::event::Timestamp;
use crate::verdict::Severity;

/// People are reminded of what goes on.
pub const REMINDER: Duration = Duration::from_hours(24);
/// What people know of is over when it has not been seen for this long: two ticks, so that one look which falls
/// between two tasks makes no news.
pub const SETTLED: Duration = Duration::from_secs(100);
/// For how long a look may fail before people hear of it.
pub const UNREAD_FOR: Duration = Duration::from_mins(15);
/// States of one scope at most; each takes some 300 bytes, and a document of the table 400 KB at most.
pub const STATES: usize = 800;

/// A state that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is told of it, by its fingerprint; quiet where the policy is silent about it.
    pub alert: Alert,
    /// How long it has to last before people are told.
    pub grace: Duration,
}

/// One look at a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What was looked for, as one word: `services`, `agents`. A look sees the end only of what it found itself.
    pub name: &'static str,
    /// All that was seen; or, where not everything could be read, the finding that says so. What was found all the
    /// same stands in looks of the same name beside it, each as if it were that finding: it is noted, and ends nothing.
    pub seen: Result<Vec<Found>, Box<Found>>,
}

/// What is remembered of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasting {
    /// The look that sees it.
    pub look: String,
    /// Since when it has been seen.
    pub since: Timestamp,
    /// When people were last told, and how loud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(Timestamp, Severity)>,
    /// Since when it has not been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
}

/// The states of one scope, by fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// When it last changed.
    pub at: Timestamp,
    /// The states.
    pub states: BTreeMap<String, Lasting>,
}

/// What is to be done about a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Tell people; it has been so since then.
    Tell(Box<Alert>, Timestamp),
    /// It is over, by its fingerprint.
    Over(String),
}

impl Watch {
    /// Nothing seen yet.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { at: now, states: BTreeMap::new() }
    }

    /// Notes what looks have seen, and answers what is to be done. What is done is noted with [`Watch::told`] and
    /// [`Watch::ended`]; what could not be done is answered again the next time.
    pub fn follow(&mut self, looks: Vec<Look>, now: Timestamp) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for look in looks {
            let (found, is_whole) = match look.seen {
                Ok(found) => (found, true),
                Err(unread) => (vec![*unread], false),
            };
            let mut seen = Vec::with_capacity(found.len());
            for one in found {
                seen.push(one.alert.verdict.fingerprint.clone());
                deeds.extend(self.note(look.name, one, now));
            }
            if is_whole {
                deeds.extend(self.note_gone(look.name, &seen, now));
            }
        }
        deeds
    }

    /// Notes that people were told of a state, and how loud.
    pub fn told(&mut self, fingerprint: &str, severity: Severity, now: Timestamp) {
        if let Some(state) = self.states.get_mut(fingerprint) {
            state.told = Some((now, severity));
        }
    }

    /// Notes that the end of a state is known.
    pub fn ended(&mut self, fingerprint: &str) {
        self.states.remove(fingerprint);
    }

    /// Notes a state that is seen, and answers whether people are told.
    fn note(&mut self, look: &str, found: Found, now: Timestamp) -> Option<Deed> {
        let verdict = &found.alert.verdict;
        if !self.states.contains_key(&verdict.fingerprint) {
            if self.states.len() >= STATES {
                self.make_room()?;
            }
            let state = Lasting { look: look.to_owned(), since: now, told: None, gone: None };
            self.states.insert(verdict.fingerprint.clone(), state);
        }
        let state = self.states.get_mut(&verdict.fingerprint)?;
        state.gone = None;
        let is_told = match state.told {
            None => now.elapsed_since(state.since) >= found.grace,
            Some((at, severity)) => verdict.severity > severity || now.elapsed_since(at) >= REMINDER,
        };
        let since = state.since;
        (is_told && verdict.is_alert()).then(|| Deed::Tell(Box::new(found.alert), since))
    }

    /// Notes that states of a look are not seen any more, and answers those that are over.
    fn note_gone(&mut self, look: &str, seen: &[String], now: Timestamp) -> Vec<Deed> {
        let mut over = Vec::new();
        self.states.retain(|fingerprint, state| {
            if state.look != look || seen.contains(fingerprint) {
                return true;
            }
            if state.told.is_none() {
                return false;
            }
            let gone = *state.gone.get_or_insert(now);
            if now.elapsed_since(gone) >= SETTLED {
                over.push(Deed::Over(fingerprint.clone()));
            }
            true
        });
        over
    }

    /// Forgets the state that was seen last of those nobody was told of; nothing where people know of all.
    fn make_room(&mut self) -> Option<()> {
        let untold = self.states.iter().filter(|(_, state)| state.told.is_none());
        let latest = untold.max_by_key(|(_, state)| state.since)?.0.clone();
        self.states.remove(&latest).map(drop)
    }
}

#[cfg(test)]
mod tests;
