//! ECS: clusters, services, container instances and tasks, and what ECS does with them.

mod agent;
pub mod api;
mod attributes;
mod container;
mod deploying;
mod drain;
mod ending;
mod inside;
mod lifecycle;
mod scheduler;
mod service;
mod task;
#[cfg(test)]
mod tests;

pub use container::Container;
pub(crate) use inside::{container_definitions, definition_arn};
pub use service::{Service, ServiceEvent, ServicePlan, ServiceStatus};
pub use task::{Class, LastStatus, StandalonePlan, Task, TaskNo};

/// Region of everything here.
pub const REGION: &str = "eu-central-1";
/// The made-up account of everything here.
pub const ACCOUNT: &str = "111122223333";

/// Which cluster, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterNo(pub(crate) usize);

/// Which service, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceNo(pub(crate) usize);

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

impl Cluster {
    /// A cluster of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), arn: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{name}") }
    }
}
