//! What is known of a stop beyond its event: what its task definition says, and whether its host was being
//! drained. Everything is optional, and judging goes by the event alone where it is not known.

use std::fmt;
use std::sync::Arc;

use crate::event::Timestamp;

/// Something that may have been asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lookup<T> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// It was asked for and not had: why, in a few words.
    Missing(String),
    /// It is known.
    Found(T),
}

impl<T> Lookup<T> {
    /// What is known.
    #[must_use]
    pub const fn found(&self) -> Option<&T> {
        match self {
            Self::Found(value) => Some(value),
            Self::NotAsked | Self::Missing(_) => None,
        }
    }
}

/// What is known beyond the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Background {
    /// The revision the task ran; revisions never change, so several tasks share one.
    pub definition: Lookup<Arc<TaskDefinition>>,
    /// The container instance the task was on.
    pub host: Lookup<Host>,
}

impl Background {
    /// A background that knows a task definition.
    #[must_use]
    pub fn of_definition(definition: TaskDefinition) -> Self {
        Self { definition: Lookup::Found(Arc::new(definition)), ..Self::default() }
    }

    /// A background that knows a host.
    #[must_use]
    pub fn of_host(host: Host) -> Self {
        Self { host: Lookup::Found(host), ..Self::default() }
    }

    /// The task definition, where it is known.
    #[must_use]
    pub fn task_definition(&self) -> Option<&TaskDefinition> {
        self.definition.found().map(AsRef::as_ref)
    }

    /// What the task definition says of a container; nothing of one that ECS itself added to the task.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&ContainerDefinition> {
        self.task_definition()?.container(name)
    }

    /// How the host was being drained, where it was.
    #[must_use]
    pub fn drained(&self) -> Option<Draining> {
        self.host.found()?.draining
    }
}

/// A revision of a task definition, as far as a stop is concerned.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
    /// The limit of the task as a whole, in MiB; always there on Fargate.
    pub memory_mib: Option<i64>,
}

impl TaskDefinition {
    /// A container by its name.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&ContainerDefinition> {
        self.containers.iter().find(|container| container.name == name)
    }
}

/// A container of a task definition.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Its name, which no other container of the task definition has.
    pub name: String,
    /// Whether its end stops the task. ECS takes one that does not say for essential.
    pub essential: bool,
    /// Its hard limit in MiB: a process above it is killed.
    pub memory_mib: Option<i64>,
    /// The image, as it was written.
    pub image: Option<String>,
    /// Its log driver: `awslogs`, `awsfirelens`, …
    pub log_driver: Option<String>,
    /// Where the driver `awslogs` writes to.
    pub logs: Option<AwsLogs>,
}

/// The options of the log driver `awslogs`.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsLogs {
    /// `awslogs-group`.
    pub group: String,
    /// `awslogs-region`; the task's own where it is not given.
    pub region: Option<String>,
    /// `awslogs-stream-prefix`. Without one a stream has the id of its container on the host.
    pub stream_prefix: Option<String>,
}

/// What is known of the container instance under a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// How it was being drained when the task stopped; none where it was not.
    pub draining: Option<Draining>,
}

/// Who drained a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draining {
    /// This project's `instance-drain`, since then.
    ByUs(Timestamp),
    /// Somebody; there is no mark of ours.
    BySomebody,
}

impl fmt::Display for Draining {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByUs(since) => {
                write!(formatter, "its instance was being drained by ecs-steward since {since}")
            }
            Self::BySomebody => formatter.write_str("its instance was being drained"),
        }
    }
}

#[cfg(test)]
mod tests;
