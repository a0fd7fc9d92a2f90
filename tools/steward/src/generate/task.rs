//! One task and what an event says of it.

use fleet_sim::dice::Dice;

use super::end::End;

/// A task. Its ids come from its seed, so that every event of it has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Determines its ids.
    pub seed: u64,
    /// The number of its workload.
    pub workload: usize,
    /// The revision of its task definition.
    pub revision: u32,
    /// The number of its Availability Zone.
    pub zone: u8,
    /// The number of its host; meaningless on Fargate.
    pub host: u8,
    /// When it was created, in milliseconds since the epoch.
    pub created: i64,
    /// When it reached RUNNING.
    pub started: Option<i64>,
}

/// Availability Zones.
pub const ZONES: [&str; 3] = ["a", "b", "c"];
/// Hosts in each zone of a cluster.
const HOSTS: u64 = 4;

impl Task {
    /// A new task of a workload.
    pub fn new(dice: &mut Dice, workload: usize, revision: u32, created: i64) -> Self {
        let byte = |number: u64| u8::try_from(number).unwrap_or(0);
        Self {
            seed: dice.number(),
            workload,
            revision,
            zone: byte(dice.below(ZONES.len() as u64)),
            host: byte(dice.below(HOSTS)),
            created,
            started: None,
        }
    }
}

/// A state of the task lifecycle:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Before its network is there.
    Provisioning,
    /// Waiting for its host.
    Pending,
    /// Started, not yet with its load balancer.
    Activating,
    /// At work.
    Running,
    /// Leaving its load balancer.
    Deactivating,
    /// Its containers are being stopped.
    Stopping,
    /// Its network is being removed.
    Deprovisioning,
    /// Gone.
    Stopped,
}

impl Status {
    /// The word of AWS.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }

    /// The word for the containers of a task in this state.
    #[must_use]
    pub const fn of_containers(self) -> &'static str {
        match self {
            Self::Provisioning | Self::Pending => "PENDING",
            Self::Activating | Self::Running | Self::Deactivating | Self::Stopping => "RUNNING",
            Self::Deprovisioning | Self::Stopped => "STOPPED",
        }
    }

    /// Whether the containers have ended.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Deprovisioning | Self::Stopped)
    }
}

/// What one event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The task.
    pub task: Task,
    /// When it was so.
    pub at: i64,
    /// Its state.
    pub status: Status,
    /// Its version.
    pub version: u8,
    /// Since when it ends, and why.
    pub end: Option<(i64, End)>,
}
