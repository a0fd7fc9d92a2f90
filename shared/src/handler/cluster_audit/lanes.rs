//! Which read comes next: kinds of reads take turns, so that no allowance is hit harder than it has to be.

use std::collections::VecDeque;

use super::calls::Lane;
use super::memory::Area;

/// Reads of one lane, the longest unread first.
#[derive(Debug)]
pub(super) struct Queue {
    /// Whose allowance they are taken from.
    pub(super) lane: Lane,
    /// Clusters, by their number, and what is read of them.
    jobs: VecDeque<(usize, Area)>,
    /// About how many calls are left.
    left: usize,
    /// About how many calls there were.
    all: usize,
}

impl Queue {
    /// Nothing.
    pub(super) const fn of(lane: Lane) -> Self {
        Self { lane, jobs: VecDeque::new(), left: 0, all: 0 }
    }

    /// A read more, of about so many calls.
    pub(super) fn push(&mut self, job: (usize, Area), calls: usize) {
        self.jobs.push_back(job);
        self.left += calls;
        self.all += calls;
    }

    /// The next read.
    pub(super) fn first(&self) -> Option<(usize, Area)> {
        self.jobs.front().copied()
    }

    /// Notes a call.
    pub(super) fn called(&mut self) {
        self.left = self.left.saturating_sub(1).max(1);
    }

    /// The first read is over.
    pub(super) fn pop(&mut self) {
        self.jobs.pop_front();
    }

    /// The first read goes on after the others.
    pub(super) fn put_back(&mut self) {
        if let Some(job) = self.jobs.pop_front() {
            self.jobs.push_back(job);
        }
    }
}

/// The queues that have something, the one with the larger part of its calls still to come first.
pub(super) fn in_turn(queues: &[Queue]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..queues.len()).filter(|place| queues[*place].first().is_some()).collect();
    places.sort_by(|a, b| {
        let part = |one: &Queue, other: &Queue| one.left.saturating_mul(other.all);
        part(&queues[*b], &queues[*a]).cmp(&part(&queues[*a], &queues[*b]))
    });
    places
}

#[cfg(test)]
mod tests {
    use super::{Area, Lane, Queue, in_turn};

    #[test]
    fn they_take_turns_by_what_is_left() {
        let mut queues = [Queue::of(Lane::Services), Queue::of(Lane::Resources)];
        queues[0].push((0, Area::Services), 8);
        queues[1].push((0, Area::Instances), 4);
        let mut called = String::new();
        for _ in 0..12 {
            let first = in_turn(&queues)[0];
            queues[first].called();
            called.push(if first == 0 { 's' } else { 'r' });
        }
        assert!(
            ["ss", "rr"].iter().all(|_| !called.contains("sss") && !called[..11].contains("rr")),
            "{called}"
        );
        queues[0].pop();
        assert_eq!(in_turn(&queues), [1]);
    }
}
