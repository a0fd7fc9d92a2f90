//! How many calls of ECS this function allows itself.
//!
//! ECS counts an account's calls in buckets that all callers share, the agents and the console too:
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>. A drain may never
//! starve the others, so it takes a quarter.

use crate::event::Timestamp;

/// A token bucket on the time it is given.
#[derive(Clone, Copy, Debug)]
pub(in crate::handler) struct Bucket {
    /// The most it holds.
    burst: f64,
    /// What comes in within a second.
    per_second: f64,
    /// What it holds; below zero where calls were dearer than thought.
    tokens: f64,
    /// When it was last filled.
    filled: Option<Timestamp>,
}

impl Bucket {
    /// A quarter of the cluster-resource reads: 100 at once, 20 a second. `DescribeContainerInstances`,
    /// `ListContainerInstances`, `ListTasks`, `DescribeTasks`.
    pub(in crate::handler) const fn of_reads() -> Self {
        // One less at once, for the call that is on its way while the next one is counted.
        Self { burst: 24.0, per_second: 5.0, tokens: 24.0, filled: None }
    }

    /// A quarter of the cluster-resource changes: 100 at once, 40 a second. `UpdateContainerInstancesState`,
    /// `PutAttributes`, `StopTask`.
    pub(in crate::handler) const fn of_changes() -> Self {
        Self { burst: 25.0, per_second: 10.0, tokens: 25.0, filled: None }
    }

    /// Adds what came in since the last time.
    fn fill(&mut self, now: Timestamp) {
        if let Some(filled) = self.filled {
            let came = now.elapsed_since(filled).as_secs_f64() * self.per_second;
            self.tokens = self.burst.min(self.tokens + came);
        }
        self.filled = Some(self.filled.map_or(now, |filled| filled.max(now)));
    }

    /// How many tokens there are.
    pub(in crate::handler) fn left(&mut self, now: Timestamp) -> usize {
        self.fill(now);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the burst")]
        (self.tokens.max(0.0) as usize)
    }

    /// Takes one token, where there is one.
    pub(in crate::handler) fn take(&mut self, now: Timestamp) -> bool {
        self.fill(now);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }

    /// Pays for what a call cost beyond its token: the SDK tries a failed one again.
    pub(in crate::handler) fn charge(&mut self, tokens: u32) {
        self.tokens -= f64::from(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use crate::event::Timestamp;

    #[test]
    fn it_gives_a_burst_and_then_what_comes_in() {
        let mut bucket = Bucket::of_reads();
        let mut taken =
            |millis, tries| (0..tries).filter(|_| bucket.take(Timestamp::from_millis(millis))).count();
        assert_eq!(taken(0, 100), 24);
        assert_eq!(taken(199, 10), 0);
        assert_eq!(taken(1_000, 10), 5);
        // A clock that goes back fills nothing.
        assert_eq!(taken(500, 10), 0);
        assert_eq!(taken(3_600_000, 100), 24);
    }

    #[test]
    fn a_call_that_was_tried_twice_costs_two() {
        let mut bucket = Bucket::of_reads();
        let now = Timestamp::from_millis(0);
        let mut calls = 0;
        while bucket.take(now) {
            bucket.charge(1);
            calls += 1;
        }
        assert_eq!(calls, 12);
    }
}
