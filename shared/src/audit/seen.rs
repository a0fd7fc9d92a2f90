//! What the audit sees of a cluster. Whatever could not be read is an error, never an empty list.

use std::collections::BTreeMap;

use crate::alert::deployment::Deployment;
use crate::alert::incident::job::JobRecord;
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::container_instance::Status;
use crate::event::Timestamp;

/// A cluster as `DescribeClusters` shows it.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// For example `ACTIVE`; empty where the reply does not say.
    pub status: String,
    /// Services in status ACTIVE.
    pub services: i64,
    /// Registered container instances, of status ACTIVE and DRAINING.
    pub container_instances: i64,
    /// Tasks in PENDING.
    pub pending_tasks: i64,
}

impl Cluster {
    /// Whether there is anything in it to look after: a cluster that is INACTIVE or about to be has nothing.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "INACTIVE" | "DEPROVISIONING")
    }
}

/// A service as `DescribeServices` shows it.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`; empty where the reply does not say.
    pub status: String,
    /// Whether it runs one task on each instance.
    pub is_daemon: bool,
    /// How many tasks it should have.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// How many wait.
    pub pending: i64,
    /// The part of `desired` that a deployment leaves running, in percent; none where ECS does not say.
    pub minimum_percent: Option<i64>,
    /// Its deployments, the newest first.
    pub deployments: Vec<Deployment>,
    /// The scheduler's last word on it.
    pub last_event: Option<ServiceMessage>,
}

/// An event of a service: a line of the scheduler.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceEvent.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMessage {
    /// When.
    pub at: Option<Timestamp>,
    /// What, in AWS's words.
    pub text: String,
}

/// A container instance as `DescribeContainerInstances` shows it.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its ARN.
    pub arn: String,
    /// The EC2 instance it runs on; none for an external one.
    pub ec2_instance: Option<String>,
    /// What ECS says of it.
    pub status: Status,
    /// Whether its agent is connected.
    pub agent_connected: bool,
    /// Tasks that run or are about to, by ECS's own count, daemons too.
    pub tasks: i64,
    /// Whether `instance-drain` has left its mark on it.
    pub has_drain_mark: bool,
    /// The capacity provider that brought it.
    pub capacity_provider: Option<String>,
}

impl Instance {
    /// The id people know it by: of the EC2 instance, or of the container instance where there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.ec2_instance.as_deref().unwrap_or_else(|| crate::event::arn::last_part(&self.arn))
    }
}

/// A task as `DescribeTasks` shows it, of those that ECS wants to run.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// For example `service:web` or `family:nightly`.
    pub group: Option<String>,
    /// The family of its task definition.
    pub family: Option<String>,
    /// Where it stands, such as `PENDING`; empty where the reply does not say.
    pub last_status: String,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it came to RUNNING; none where it has not.
    pub started: Option<Timestamp>,
    /// The container instance it is placed on.
    pub container_instance: Option<String>,
    /// The capacity provider it waits for or runs on.
    pub capacity_provider: Option<String>,
}

impl Task {
    /// The service that owns it, by name.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:")
    }

    /// Whether it is a run of a job of this family, and has not stopped.
    #[must_use]
    pub fn is_of_job(&self, family: &str) -> bool {
        self.service().is_none() && self.last_status != "STOPPED" && self.family.as_deref() == Some(family)
    }
}

/// An instance as its Auto Scaling group sees it.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingInstanceDetails.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// The group's name.
    pub group: String,
    /// Where it stands.
    pub state: LifecycleState,
    /// Whether it is protected from scale-in.
    pub is_protected: bool,
}

/// What was not read, and why, in words for people: `services: throttled: Rate exceeded`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread(pub String);

/// What was read, or why not.
pub type Read<T> = Result<T, Unread>;

/// A cluster, at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The cluster itself.
    pub cluster: Cluster,
    /// Its services.
    pub services: Read<Vec<Service>>,
    /// Its container instances, ACTIVE and DRAINING.
    pub instances: Read<Vec<Instance>>,
    /// Its tasks that are to run; empty where nothing says that one is stuck, see
    /// [`wants_tasks`](super::checks::wants_tasks).
    pub tasks: Read<Vec<Task>>,
    /// Those of its instances that are in an Auto Scaling group, by id.
    pub members: Read<BTreeMap<String, Member>>,
    /// What is remembered of the jobs of it that the policy speaks of, in the order of
    /// [`Policy::jobs_in`](crate::policy::Policy::jobs_in).
    pub jobs: Read<Vec<JobRecord>>,
}

impl Snapshot {
    /// What Auto Scaling says of a container instance; none where it is in no group.
    ///
    /// # Errors
    /// Where Auto Scaling was not read.
    pub fn member(&self, instance: &Instance) -> Read<Option<&Member>> {
        let members = self.members.as_ref().map_err(Clone::clone)?;
        Ok(instance.ec2_instance.as_deref().and_then(|id| members.get(id)))
    }
}

/// What is read, or why not, as a slice.
///
/// # Errors
/// Where it was not read.
pub fn all<T>(read: &Read<Vec<T>>) -> Read<&[T]> {
    read.as_deref().map_err(Clone::clone)
}
