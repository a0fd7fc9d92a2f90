//! What ECS counts in a cluster and in a service.

use shared::drain::task::SchedulingStrategy;

use crate::ecs::{ClusterNo, ServiceNo, ServiceStatus};
use crate::world::World;

/// The counts of `DescribeClusters`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterCounts {
    /// Services in status ACTIVE.
    pub services: usize,
    /// Container instances that are registered.
    pub container_instances: usize,
    /// Tasks that run.
    pub running_tasks: usize,
    /// Tasks that wait to start.
    pub pending_tasks: usize,
}

impl World {
    /// `DescribeClusters`' counts.
    #[must_use]
    pub fn cluster_counts(&self, cluster: ClusterNo) -> ClusterCounts {
        let mut counts = ClusterCounts::default();
        let of_cluster = |service: &&crate::ecs::Service| {
            service.cluster == cluster && service.status == ServiceStatus::Active
        };
        counts.services = self.services.iter().filter(of_cluster).count();
        for instance in self.all_instances() {
            let Some(container) = &self.instance(instance).container else { continue };
            if container.cluster == cluster && !container.is_inactive() {
                let (running, pending) = self.counts(instance);
                counts.container_instances += 1;
                counts.running_tasks += usize::try_from(running).unwrap_or_default();
                counts.pending_tasks += usize::try_from(pending).unwrap_or_default();
            }
        }
        counts
    }

    /// `desiredCount`, `runningCount` and `pendingCount`. A DAEMON service desires a task on each instance that takes
    /// some.
    #[must_use]
    pub fn service_counts(&self, number: ServiceNo) -> (usize, usize, usize) {
        let service = self.service(number);
        let count = |counts: fn(&crate::ecs::Task) -> bool| {
            service.tasks.iter().filter(|task| counts(self.task(**task))).count()
        };
        let desired = match service.plan.strategy {
            SchedulingStrategy::Replica => service.plan.desired,
            SchedulingStrategy::Daemon => self
                .all_instances()
                .filter_map(|instance| self.instance(instance).container.as_ref())
                .filter(|container| container.cluster == service.cluster && container.takes_tasks())
                .count(),
        };
        (desired, count(crate::ecs::Task::counts_as_running), count(crate::ecs::Task::counts_as_pending))
    }
}
