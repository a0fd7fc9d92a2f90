//! What a process remembers between ticks. All of it is hints: without it more is read, and nothing is missed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calls::Budget;
use crate::event::Timestamp;

/// How long a list of services is believed: so long a new service may go unseen.
const BELIEVED: Duration = Duration::from_mins(10);
/// How long what was read may lie back before it counts as unread, where the budget could not cover it.
const STALE: Duration = Duration::from_mins(5);

/// What is read of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    /// Its services.
    Services,
    /// Its container instances.
    Instances,
    /// Its tasks.
    Tasks,
    /// What Auto Scaling says of its instances.
    Members,
}

impl Area {
    /// The word in alerts and logs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Instances => "container instances",
            Self::Tasks => "tasks",
            Self::Members => "Auto Scaling",
        }
    }
}

/// What is remembered of a cluster.
#[derive(Debug, Default)]
struct Known {
    /// Its name.
    name: String,
    /// Its services, and when they were listed.
    services: Option<(Vec<String>, Timestamp)>,
    /// When each part was last read whole.
    read: BTreeMap<Area, Timestamp>,
}

/// What a process remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// What is left of our shares.
    pub(super) budget: Option<Budget>,
    /// Clusters by ARN.
    clusters: BTreeMap<String, Known>,
}

impl Memory {
    /// The services of a cluster, where they were listed not long ago.
    pub(super) fn services(&self, cluster: &str, now: Timestamp) -> Option<Vec<String>> {
        let (services, listed) = self.clusters.get(cluster)?.services.as_ref()?;
        (now.elapsed_since(*listed) < BELIEVED && *listed <= now).then(|| services.clone())
    }

    /// Notes the services of a cluster.
    pub(super) fn note_services(&mut self, cluster: &str, services: Vec<String>, now: Timestamp) {
        self.of(cluster).services = Some((services, now));
    }

    /// Notes that a part of a cluster was read.
    pub(super) fn note_read(&mut self, cluster: &str, area: Area, now: Timestamp) {
        self.of(cluster).read.insert(area, now);
    }

    /// When a part of a cluster was last read; the never read come first.
    pub(super) fn last_read(&self, cluster: &str, area: Area) -> Option<Timestamp> {
        self.clusters.get(cluster)?.read.get(&area).copied()
    }

    /// Whether it is long ago that a part of a cluster was read, as far as anybody knows.
    pub(super) fn is_stale(&self, cluster: &str, area: Area, now: Timestamp) -> bool {
        self.last_read(cluster, area).is_none_or(|read| now.elapsed_since(read) >= STALE)
    }

    /// Notes that a cluster is there.
    pub(super) fn note_cluster(&mut self, cluster: &str, name: &str) {
        name.clone_into(&mut self.of(cluster).name);
    }

    /// Forgets the clusters that are not among these, and answers their names.
    pub(super) fn forget_all_but(&mut self, there: impl Fn(&str) -> bool) -> Vec<String> {
        let mut gone = Vec::new();
        self.clusters.retain(|arn, known| {
            let stays = there(arn);
            if !stays && !known.name.is_empty() {
                gone.push(std::mem::take(&mut known.name));
            }
            stays
        });
        gone
    }

    /// What is remembered of a cluster, to be changed.
    fn of(&mut self, cluster: &str) -> &mut Known {
        if !self.clusters.contains_key(cluster) {
            self.clusters.insert(cluster.to_owned(), Known::default());
        }
        self.clusters.entry(cluster.to_owned()).or_default()
    }
}
