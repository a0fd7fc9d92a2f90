//! How far the reading of one cluster is.

use std::collections::BTreeMap;

use super::memory::Area;
use super::reading::Reading;
use crate::alert::incident::job::JobRecord;
use crate::audit::seen::{Cluster, Instance, Member, Read, Service, Snapshot, Task, Unread};

/// One part of a cluster.
#[derive(Clone, Debug)]
pub(super) enum Part<T> {
    /// Nothing hangs on it.
    Idle,
    /// It is being read.
    Reading(Box<Reading<T>>),
    /// All of it.
    Read(Vec<T>),
    /// It was not read in this invocation.
    Failed(Unread),
}

impl<T: Clone> Part<T> {
    /// What is known of it.
    fn seen(&self, area: Area, because: &str) -> Read<Vec<T>> {
        match self {
            Self::Idle => Ok(Vec::new()),
            Self::Read(found) => Ok(found.clone()),
            Self::Failed(unread) => Err(unread.clone()),
            Self::Reading(_) => Err(Unread(format!("{}: {because}", area.word()))),
        }
    }

    /// Whether it was not read, and whether it waits for the next tick.
    const fn unread(&self) -> Option<Waits> {
        match self {
            Self::Idle | Self::Read(_) => None,
            Self::Reading(_) => Some(Waits::Yes),
            Self::Failed(_) => Some(Waits::No),
        }
    }
}

/// Whether what was not read only waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// It does: budget or time were used up.
    Yes,
    /// It failed.
    No,
}

/// One cluster in one invocation.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// The cluster.
    pub(super) cluster: Cluster,
    /// Its services.
    pub(super) services: Part<Service>,
    /// Its container instances.
    pub(super) instances: Part<Instance>,
    /// Its tasks.
    pub(super) tasks: Part<Task>,
    /// What Auto Scaling says of its instances; why it is not known, and whether it waits.
    pub(super) members: Result<BTreeMap<String, Member>, (Unread, Waits)>,
    /// What is remembered of its jobs.
    pub(super) jobs: Read<Vec<JobRecord>>,
}

impl Progress {
    /// A cluster of which nothing was read. Parts that its counts say are empty are not read at all.
    pub(super) fn of(cluster: Cluster, services: Option<Vec<String>>) -> Self {
        let is_gone = cluster.is_gone();
        let part_of = |count: i64| count > 0 && !is_gone;
        Self {
            services: if part_of(cluster.services) {
                Part::Reading(Box::new(Reading::begin(services)))
            } else {
                Part::Idle
            },
            instances: if part_of(cluster.container_instances) { begin() } else { Part::Idle },
            tasks: if part_of(cluster.pending_tasks) { begin() } else { Part::Idle },
            members: Ok(BTreeMap::new()),
            jobs: Ok(Vec::new()),
            cluster,
        }
    }

    /// The ids of its EC2 instances.
    pub(super) fn ec2_instances(&self) -> impl Iterator<Item = &str> {
        let instances = match &self.instances {
            Part::Read(instances) => instances.as_slice(),
            Part::Idle | Part::Reading(_) | Part::Failed(_) => &[],
        };
        // Instances from outside AWS are in no group: `mi-…`.
        instances.iter().filter_map(|one| one.ec2_instance.as_deref()).filter(|id| id.starts_with("i-"))
    }

    /// What is known of it. `because`: why nothing more was read.
    pub(super) fn snapshot(&self, because: &str) -> Snapshot {
        Snapshot {
            cluster: self.cluster.clone(),
            services: self.services.seen(Area::Services, because),
            instances: self.instances.seen(Area::Instances, because),
            tasks: self.tasks.seen(Area::Tasks, because),
            members: self.members.clone().map_err(|(unread, _)| unread),
            jobs: self.jobs.clone(),
        }
    }

    /// The parts that were not read.
    pub(super) fn unread(&self) -> impl Iterator<Item = (Area, Waits)> {
        let members = self.members.as_ref().err().map(|(_, waits)| *waits);
        [
            (Area::Services, self.services.unread()),
            (Area::Instances, self.instances.unread()),
            (Area::Tasks, self.tasks.unread()),
            (Area::Members, members),
        ]
        .into_iter()
        .filter_map(|(area, waits)| Some((area, waits?)))
    }
}

/// A part that is to be read.
pub(super) fn begin<T>() -> Part<T> {
    Part::Reading(Box::new(Reading::begin(None)))
}
