//! How many calls of ECS a function allows itself.
//!
//! ECS counts an account's calls in buckets that all callers share, the agents and the console too:
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>. A function
//! may never starve the others, so each takes a share.

use crate::event::Timestamp;

/// What AWS gives an account: calls at once, and calls a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// At once.
    pub(super) burst: u32,
    /// A second.
    pub(super) per_second: u32,
}

/// Reads of cluster resources: `ListContainerInstances`, `DescribeContainerInstances`, `ListTasks`, `DescribeTasks`.
pub(super) const RESOURCE_READS: Allowance = Allowance { burst: 100, per_second: 20 };
/// Changes of cluster resources: `UpdateContainerInstancesState`, `PutAttributes`, `StopTask`.
pub(super) const RESOURCE_CHANGES: Allowance = Allowance { burst: 100, per_second: 40 };
/// Reads of services: `ListServices`, `DescribeServices`.
pub(super) const SERVICE_READS: Allowance = Allowance { burst: 100, per_second: 20 };
/// Reads of clusters: `ListClusters`, `DescribeClusters`.
pub(super) const CLUSTER_READS: Allowance = Allowance { burst: 50, per_second: 20 };
/// What is assumed of Auto Scaling, whose allowance AWS does not say.
pub(super) const AUTO_SCALING: Allowance = Allowance { burst: 100, per_second: 10 };

/// The share of the cluster-resource reads and changes that `instance-drain` takes, in percent.
pub(super) const OF_DRAINS: u32 = 25;

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
    /// A full bucket of a share of an allowance. One less at once, for the call that is on its way while the next one
    /// is counted.
    pub(super) fn share(allowance: Allowance, percent: u32) -> Self {
        let share = f64::from(percent) / 100.0;
        let burst = (f64::from(allowance.burst) * share - 1.0).max(1.0);
        Self { burst, per_second: f64::from(allowance.per_second) * share, tokens: burst, filled: None }
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
    use super::{Allowance, Bucket, OF_DRAINS, RESOURCE_READS};
    use crate::event::Timestamp;

    #[test]
    fn it_gives_a_burst_and_then_what_comes_in() {
        let mut bucket = Bucket::share(RESOURCE_READS, OF_DRAINS);
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
        let mut bucket = Bucket::share(RESOURCE_READS, OF_DRAINS);
        let now = Timestamp::from_millis(0);
        let mut calls = 0;
        while bucket.take(now) {
            bucket.charge(1);
            calls += 1;
        }
        assert_eq!(calls, 12);
    }

    #[test]
    fn the_smallest_share_still_gives_a_call() {
        let mut bucket = Bucket::share(Allowance { burst: 50, per_second: 20 }, 1);
        let mut take = |millis| bucket.take(Timestamp::from_millis(millis));
        assert!(take(0) && !take(0) && take(5_000));
    }
}
