//! Calls within their budgets and the invocation's time, one after the other.

use std::time::Duration;

use crate::event::Timestamp;
use crate::handler::budget::{
    AUTO_SCALING, Allowance, Bucket, CLUSTER_READS, OF_DRAINS, RESOURCE_READS, SERVICE_READS,
};
use crate::ports::call::{ATTEMPTS_PER_CALL, LONGEST_CALL, iam_action};
use crate::ports::{ApiError, Clock};

/// Kept back of an invocation's time: the longest call, what there is to tell after the last one, and the counts.
const RESERVE: Duration = Duration::from_secs(LONGEST_CALL.as_secs() + 4);

/// Whose allowance a call is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// ECS's reads of clusters.
    Clusters,
    /// ECS's reads of services.
    Services,
    /// ECS's reads of cluster resources, which `instance-drain` takes its quarter of.
    Resources,
    /// Auto Scaling.
    Groups,
}

/// What is left of our shares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Of [`Lane::Clusters`].
    clusters: Bucket,
    /// Of [`Lane::Services`].
    services: Bucket,
    /// Of [`Lane::Resources`].
    resources: Bucket,
    /// Of [`Lane::Groups`].
    groups: Bucket,
}

impl Budget {
    /// Full buckets of so many percent of what AWS gives. Of the cluster resources it is that share of what
    /// `instance-drain` leaves, and of Auto Scaling, which a drain must not wait for, a quarter.
    pub(super) fn of(percent: u32) -> Self {
        let left = RESOURCE_READS.burst * (100 - OF_DRAINS) / 100;
        let resources =
            Allowance { burst: left, per_second: RESOURCE_READS.per_second * (100 - OF_DRAINS) / 100 };
        Self {
            clusters: Bucket::share(CLUSTER_READS, percent),
            services: Bucket::share(SERVICE_READS, percent),
            resources: Bucket::share(resources, percent),
            groups: Bucket::share(AUTO_SCALING, OF_DRAINS),
        }
    }

    /// The bucket of a lane.
    const fn of_lane(&mut self, lane: Lane) -> &mut Bucket {
        match lane {
            Lane::Clusters => &mut self.clusters,
            Lane::Services => &mut self.services,
            Lane::Resources => &mut self.resources,
            Lane::Groups => &mut self.groups,
        }
    }
}

/// Why something was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The call failed.
    Api(ApiError),
    /// Our share of the account's calls is used up for the moment.
    NoBudget,
    /// The invocation is about to end.
    NoTime,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Api(error) => error.fmt(formatter),
            Self::NoBudget => formatter.write_str("our share of the account's calls is used up for now"),
            Self::NoTime => formatter.write_str("no time left in this invocation"),
        }
    }
}

/// The calls of one invocation.
#[derive(Debug)]
pub(super) struct Calls<'a, C> {
    /// The time.
    pub(super) clock: &'a C,
    /// The end of the invocation.
    pub(super) deadline: Timestamp,
    /// What is left of our shares.
    pub(super) budget: Budget,
    /// How many were made.
    pub(super) made: u32,
}

impl<C: Clock> Calls<'_, C> {
    /// Whether a call of this lane can be made now.
    pub(super) fn can(&mut self, lane: Lane) -> Result<(), Trouble> {
        let now = self.clock.now();
        if now.plus(RESERVE) >= self.deadline {
            return Err(Trouble::NoTime);
        }
        if self.budget.of_lane(lane).left(now) == 0 { Err(Trouble::NoBudget) } else { Ok(()) }
    }

    /// Makes one call, if there is budget and time for it.
    pub(super) async fn call<T>(
        &mut self,
        name: &'static str,
        lane: Lane,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Trouble> {
        self.can(lane)?;
        let now = self.clock.now();
        self.budget.of_lane(lane).take(now);
        self.made += 1;
        let outcome = call.await;
        if let Err(error) = &outcome {
            match error {
                ApiError::Refused { .. } => {}
                // The SDK has tried it again.
                ApiError::Throttled(_) | ApiError::Unavailable(_) => {
                    self.budget.of_lane(lane).charge(ATTEMPTS_PER_CALL - 1);
                }
            }
            tracing::warn!(call = name, action = iam_action(name), error = %error, "call failed");
        }
        outcome.map_err(Trouble::Api)
    }
}
