//! What a process remembers between invocations. Hints, all of it: they save calls and lines in the log, and a
//! process without them does the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::event::Timestamp;
use crate::handler::instance_drain::calls::Budget;
use crate::handler::refusals::Refusals;
use crate::policy::protect::ForTask;
use crate::protect::CapacityProvider;

/// How long clusters, capacity providers and the tags of tasks are believed.
pub(super) const BELIEVED: Duration = Duration::from_mins(5);
/// How long a line about a group is not repeated.
const SAID: Duration = Duration::from_hours(1);

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Our share of the account's calls.
    pub(super) budget: Budget,
    /// All clusters' ARNs, and when they were listed.
    pub(super) clusters: Option<(Vec<String>, Timestamp)>,
    /// The cluster to begin with, where the budget did not last for all of them.
    pub(super) begin_with: usize,
    /// Tasks by cluster and ARN.
    pub(super) tasks: BTreeMap<String, BTreeMap<String, Known>>,
    /// Tasks that have stopped, by cluster: they need no second look.
    pub(super) stopped: BTreeMap<String, BTreeSet<String>>,
    /// Container instances with a note of ours by cluster, and when they were listed.
    pub(super) noted: BTreeMap<String, (BTreeSet<String>, Timestamp)>,
    /// Clusters in which so many tasks stop that their list is too long for our share of the calls.
    pub(super) too_long: BTreeSet<String>,
    /// Capacity providers by name, and when they were described.
    pub(super) providers: HashMap<String, (CapacityProvider, Timestamp)>,
    /// What was last said of each container instance.
    pub(super) said: BTreeMap<String, String>,
    /// What was said of groups, and when.
    groups: BTreeMap<(&'static str, String), Timestamp>,
    /// Refusals people were told of.
    pub(super) refusals: Refusals,
}

/// What is remembered of a task that runs.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The container instance it is on; none for one of Fargate.
    pub(super) host: Option<String>,
    /// What the policy does for it.
    pub(super) is: ForTask,
    /// When it was described.
    pub(super) at: Timestamp,
}

impl Memory {
    /// Whether something is to be said of a group now; remembers that it is.
    pub(super) fn is_news(&mut self, what: &'static str, group: &str, now: Timestamp) -> bool {
        self.groups.retain(|_, at| now.elapsed_since(*at) < SAID);
        self.groups.insert((what, group.to_owned()), now).is_none_or(|at| {
            self.groups.insert((what, group.to_owned()), at);
            false
        })
    }

    /// Forgets what was remembered of clusters that are not there any more.
    pub(super) fn keep_clusters(&mut self, clusters: &[String]) {
        let is_there = |cluster: &String| clusters.contains(cluster);
        self.tasks.retain(|cluster, _| is_there(cluster));
        self.stopped.retain(|cluster, _| is_there(cluster));
        self.noted.retain(|cluster, _| is_there(cluster));
        self.too_long.retain(|cluster| is_there(cluster));
    }

    /// Forgets the tasks of a cluster that are not listed any more.
    pub(super) fn keep_tasks(&mut self, cluster: &str, listed: &BTreeSet<String>) {
        if let Some(tasks) = self.tasks.get_mut(cluster) {
            tasks.retain(|arn, _| listed.contains(arn));
        }
    }
}
