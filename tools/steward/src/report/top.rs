//! The fingerprints with the most stops, in bounded memory: Space-Saving, by Metwally, Agrawal and El Abbadi,
//! <https://www.cse.ust.hk/~raywong/comp5331/References/EfficientComputationOfFrequentAndTop-kElementsInDataStreams.pdf>.
//!
//! A newcomer to a full table takes the place of the entry with the fewest stops, and its count: counts may then
//! be too high, by as much as the entry says, and never too low.

use std::collections::HashMap;

use shared::event::Timestamp;
use shared::judge::{Cause, Severity};

use super::Happening;

/// Fingerprints that are kept.
pub const KEPT: usize = 500;

/// What is known of a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its stops.
    pub stops: u64,
    /// By how much that may be too high.
    pub too_high: u64,
    /// Messages about it.
    pub messages: u64,
    /// The cause.
    pub cause: Cause,
    /// How loud it was at most.
    pub severity: Severity,
    /// The first stop that is known.
    pub first: Timestamp,
    /// The last one.
    pub last: Timestamp,
}

/// The fingerprints.
#[derive(Debug, Default)]
pub struct Top {
    /// What is kept.
    entries: HashMap<String, Entry>,
    /// Whether any had to go.
    pub is_estimate: bool,
}

impl Top {
    /// Counts a stop.
    pub fn stop(&mut self, happening: &Happening<'_>) {
        if let Some(entry) = self.entries.get_mut(happening.fingerprint) {
            entry.stops += 1;
            entry.severity = entry.severity.max(happening.severity);
            entry.last = entry.last.max(happening.at);
            return;
        }
        let too_high = if self.entries.len() < KEPT { 0 } else { self.evict() };
        let entry = Entry {
            stops: too_high + 1,
            too_high,
            messages: 0,
            cause: happening.cause,
            severity: happening.severity,
            first: happening.at,
            last: happening.at,
        };
        self.entries.insert(happening.fingerprint.to_owned(), entry);
    }

    /// Counts a message about a fingerprint that is kept.
    pub fn message(&mut self, fingerprint: &str) {
        if let Some(entry) = self.entries.get_mut(fingerprint) {
            entry.messages += 1;
        }
    }

    /// Lets the one with the fewest stops go, and answers how many it had.
    fn evict(&mut self) -> u64 {
        let least = self.entries.iter().min_by_key(|(name, entry)| (entry.stops, *name));
        let Some((name, stops)) = least.map(|(name, entry)| (name.clone(), entry.stops)) else { return 0 };
        self.entries.remove(&name);
        self.is_estimate = true;
        stops
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The first `count` of them, those with the most stops first.
    #[must_use]
    pub fn first(&self, count: usize) -> Vec<(&str, &Entry)> {
        let mut all: Vec<_> = self.entries.iter().map(|(name, entry)| (name.as_str(), entry)).collect();
        all.sort_by_key(|(name, entry)| (std::cmp::Reverse(entry.stops), *name));
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Happening, KEPT, Severity, Timestamp, Top};
    use crate::report::Fate;

    fn stop(top: &mut Top, fingerprint: &str) {
        top.stop(&Happening {
            at: Timestamp::from_millis(0),
            cause: Cause::Killed,
            severity: Severity::High,
            fingerprint,
            fate: Fate::Told,
        });
    }

    #[test]
    fn what_is_frequent_stays_and_no_count_is_too_low() {
        let mut top = Top::default();
        for number in 0..3 * KEPT {
            stop(&mut top, &format!("rare-{number}"));
            stop(&mut top, "often");
        }
        top.message("often");
        top.message("unknown");
        assert_eq!((top.len(), top.is_estimate), (KEPT, true));
        let first = top.first(1);
        assert_eq!(first[0].0, "often");
        assert_eq!((first[0].1.stops, first[0].1.too_high, first[0].1.messages), (3 * KEPT as u64, 0, 1));
        assert!(top.first(KEPT).iter().all(|(_, entry)| entry.stops > entry.too_high));
    }
}
