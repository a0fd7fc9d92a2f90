//! What is going to happen, in the order of time; at the same time, in the order it was noted.

use std::collections::BTreeMap;

use shared::event::Timestamp;

/// A queue by time.
#[derive(Debug)]
pub struct Agenda<T> {
    /// By time, then by the order of noting.
    entries: BTreeMap<(Timestamp, u64), T>,
    /// How many were noted so far.
    noted: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), noted: 0 }
    }
}

impl<T> Agenda<T> {
    /// Notes something.
    pub fn note(&mut self, at: Timestamp, what: T) {
        self.entries.insert((at, self.noted), what);
        self.noted += 1;
    }

    /// When the first is due.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    /// Takes the first, if it is due by then.
    pub fn take_due(&mut self, by: Timestamp) -> Option<(Timestamp, T)> {
        let first = self.entries.first_entry().filter(|entry| entry.key().0 <= by)?;
        let at = first.key().0;
        Some((at, first.remove()))
    }

    /// How many are waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
