//! What comes next: events on their way and stories that go on, by time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::story::Story;
use super::task::Snapshot;

/// What comes at a time.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// An event is delivered.
    Event(Snapshot),
    /// A story goes on.
    Story(Story),
}

/// One entry.
#[derive(Debug)]
struct Item {
    /// When, in milliseconds since the epoch.
    at: i64,
    /// The place among those of one time: first in, first out.
    order: u64,
    /// What.
    what: What,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    /// The earliest is the greatest: the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// Entries by time.
#[derive(Debug, Default)]
pub struct Queue {
    /// The entries.
    items: BinaryHeap<Item>,
    /// How many were put in.
    order: u64,
}

impl Queue {
    /// Puts one in.
    pub fn push(&mut self, at: i64, what: What) {
        self.order += 1;
        self.items.push(Item { at, order: self.order, what });
    }

    /// When the next one comes.
    pub fn next_at(&self) -> Option<i64> {
        self.items.peek().map(|item| item.at)
    }

    /// Takes the next one out.
    pub fn pop(&mut self) -> Option<(i64, What)> {
        self.items.pop().map(|item| (item.at, item.what))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }
}
