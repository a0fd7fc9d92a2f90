//! Container instances, as ECS sees them.

use std::collections::BTreeMap;

use shared::drain::container_instance::Status;
use shared::event::Timestamp;

use super::{ClusterNo, TaskNo};

/// A container instance: an EC2 instance as a cluster knows it.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its ARN.
    pub arn: String,
    /// Its cluster.
    pub cluster: ClusterNo,
    /// What ECS says of it.
    pub status: Status,
    /// Whether its agent is connected.
    pub agent_connected: bool,
    /// How many tasks have room, those of daemon services not counted.
    pub capacity: usize,
    /// Custom attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its tasks; those that stopped stay until nobody can list them any more.
    pub tasks: Vec<TaskNo>,
    /// Tasks that have not stopped, those of daemon services not counted.
    pub occupied: usize,
    /// Counts its changes, as in events.
    pub version: u64,
    /// When it was deregistered.
    pub deregistered_at: Option<Timestamp>,
}

impl Container {
    /// Whether ECS places tasks on it.
    #[must_use]
    pub fn takes_tasks(&self) -> bool {
        self.status == Status::Active && self.agent_connected
    }

    /// Whether it has been deregistered.
    #[must_use]
    pub const fn is_inactive(&self) -> bool {
        self.deregistered_at.is_some()
    }
}
