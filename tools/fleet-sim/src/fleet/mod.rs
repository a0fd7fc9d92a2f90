//! Builds a world: clusters, groups with their instances, services with their tasks.

mod building;
mod group_plan;
pub mod random;

pub use crate::auto_scaling::HookPlan;
pub use group_plan::GroupPlan;

use shared::event::Timestamp;

use crate::ecs::ServicePlan;
use crate::outbox::Road;
use crate::world::Settings;

/// What a world is to begin with.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// Determines the run.
    pub seed: u64,
    /// When the run begins; [`crate::world::BEGINNING`] where nothing is said.
    pub beginning: Option<Timestamp>,
    /// How long things take.
    pub settings: Settings,
    /// What happens to events under way.
    pub road: Road,
    /// Names of clusters without instances; those that groups and services name come by themselves.
    pub clusters: Vec<String>,
    /// Groups.
    pub groups: Vec<GroupPlan>,
    /// Services, whose tasks run from the beginning.
    pub services: Vec<ServicePlan>,
}

impl Fleet {
    /// Nothing yet.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// And a cluster.
    #[must_use]
    pub fn cluster(mut self, name: &str) -> Self {
        self.clusters.push(name.to_owned());
        self
    }

    /// And a group.
    #[must_use]
    pub fn group(mut self, plan: GroupPlan) -> Self {
        self.groups.push(plan);
        self
    }

    /// And a service.
    #[must_use]
    pub fn service(mut self, plan: ServicePlan) -> Self {
        self.services.push(plan);
        self
    }
}
