//! Calls within the budget and the invocation's time, page by page.

use std::fmt;
use std::time::Duration;

use crate::event::Timestamp;
use crate::handler::budget::{Bucket, OF_DRAINS, RESOURCE_CHANGES, RESOURCE_READS};
use crate::ports::call::{ATTEMPTS_PER_CALL, LONGEST_CALL, iam_action};
use crate::ports::{ApiError, Clock, Page};

/// Kept back from an invocation's time: the longest call, and what comes after the last one.
const RESERVE: Duration = Duration::from_secs(LONGEST_CALL.as_secs() + 3);
/// Pages of one answer that are followed: 100 of them are 10,000 tasks on one instance.
const PAGES: usize = 100;

/// What `PutAttributes` says of a container instance that has as many attributes as it can have.
const ATTRIBUTE_LIMIT: &str = "AttributeLimitExceededException";

/// What ECS says of a cluster it does not have.
const CLUSTER_NOT_FOUND: &str = "ClusterNotFoundException";

/// Why something was not found out or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::handler) enum Trouble {
    /// The call failed.
    Api(ApiError),
    /// The reply was there in part: a `failures[]` of this reason.
    Partly(String),
    /// Our own share of the account's calls is used up for the moment.
    NoBudget,
    /// The invocation is about to end.
    NoTime,
    /// There is no such cluster.
    NoSuchCluster,
    /// An answer had page after page without an end.
    TooManyPages,
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(formatter),
            Self::Partly(reason) => write!(formatter, "answered in part: {reason}"),
            Self::NoBudget => formatter.write_str("our share of the account's ECS calls is used up for now"),
            Self::NoTime => formatter.write_str("no time left in this invocation"),
            Self::NoSuchCluster => formatter.write_str("there is no such cluster"),
            Self::TooManyPages => write!(formatter, "more than {PAGES} pages"),
        }
    }
}

/// What a call is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::handler) enum Cost {
    /// ECS's reads of cluster resources.
    Read,
    /// ECS's changes of cluster resources.
    Change,
    /// A bucket of its own that a drain does not come near: services, protection, clusters, Auto Scaling.
    Other,
}

/// The calls of one invocation: what they cost, and how long they may go on.
#[derive(Debug)]
pub(in crate::handler) struct Calls<'a, C> {
    /// The time.
    pub(in crate::handler) clock: &'a C,
    /// The end of the invocation.
    pub(in crate::handler) deadline: Timestamp,
    /// What is left of our share.
    pub(in crate::handler) budget: Budget,
    /// Whether what is done now cannot wait for budget. It is charged all the same.
    pub(in crate::handler) urgent: bool,
    /// Calls that AWS refused, in words: somebody has to change something.
    pub(in crate::handler) refused: Vec<String>,
    /// Whether something waits only for budget.
    pub(in crate::handler) starved: bool,
}

/// Our share of the account's calls.
#[derive(Clone, Copy, Debug)]
pub(in crate::handler) struct Budget {
    /// Reads.
    reads: Bucket,
    /// Changes.
    changes: Bucket,
}

impl Default for Budget {
    fn default() -> Self {
        let share = |allowance| Bucket::share(allowance, OF_DRAINS);
        Self { reads: share(RESOURCE_READS), changes: share(RESOURCE_CHANGES) }
    }
}

impl<C: Clock> Calls<'_, C> {
    /// The present.
    pub(in crate::handler) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes one call, if there is budget and time for it.
    pub(in crate::handler) async fn call<T>(
        &mut self,
        name: &'static str,
        cost: Cost,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Trouble> {
        let now = self.clock.now();
        if now.plus(RESERVE) >= self.deadline {
            return Err(Trouble::NoTime);
        }
        let bucket = match cost {
            Cost::Read => Some(&mut self.budget.reads),
            Cost::Change => Some(&mut self.budget.changes),
            Cost::Other => None,
        };
        if let Some(bucket) = bucket
            && !bucket.take(now)
        {
            if !self.urgent {
                self.starved = true;
                return Err(Trouble::NoBudget);
            }
            bucket.charge(1);
        }
        let outcome = call.await;
        if let Err(error) = &outcome {
            match (cost, error) {
                // Somebody has to grant it. Other refusals are races, such as with what has gone meanwhile, or
                // make a drain stuck, of which people are told as such.
                (_, ApiError::Refused { code, .. }) => {
                    if error.is_denied() || code == ATTRIBUTE_LIMIT {
                        self.refused.push(format!("{name} (IAM action {}): {error}", iam_action(name)));
                    }
                }
                (Cost::Read, _) => self.budget.reads.charge(ATTEMPTS_PER_CALL - 1),
                (Cost::Change, _) => self.budget.changes.charge(ATTEMPTS_PER_CALL - 1),
                (Cost::Other, _) => {}
            }
            tracing::warn!(call = name, error = %error, "call failed");
        }
        outcome.map_err(|error| {
            let no_cluster = matches!(&error, ApiError::Refused { code, .. } if code == CLUSTER_NOT_FOUND);
            if no_cluster { Trouble::NoSuchCluster } else { Trouble::Api(error) }
        })
    }

    /// Makes one call that a drain does not depend on: what AWS refuses of it is for the caller to tell.
    pub(super) async fn aside<T>(
        &mut self,
        name: &'static str,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Trouble> {
        if self.clock.now().plus(RESERVE) >= self.deadline {
            return Err(Trouble::NoTime);
        }
        let outcome = call.await;
        if let Err(error) = &outcome {
            tracing::warn!(call = name, iam = iam_action(name), error = %error, "call failed");
        }
        outcome.map_err(Trouble::Api)
    }

    /// How many reads are left for now.
    pub(in crate::handler) fn reads_left(&mut self) -> usize {
        self.budget.reads.left(self.clock.now())
    }

    /// Follows the pages of an answer to its end. Half an answer is none.
    pub(in crate::handler) async fn pages<T, F: Future<Output = Result<Page<T>, ApiError>>>(
        &mut self,
        name: &'static str,
        cost: Cost,
        mut call: impl FnMut(Option<String>) -> F,
    ) -> Result<Vec<T>, Trouble> {
        let mut items = Vec::new();
        let mut next = None;
        for _ in 0..PAGES {
            let page = self.call(name, cost, call(next.take())).await?;
            items.extend(page.items);
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(items),
            }
        }
        Err(Trouble::TooManyPages)
    }
}
