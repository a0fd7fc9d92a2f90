//! ECS's side of a drain: the container instance.

/// What ECS says of a container instance.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Takes new tasks.
    Active,
    /// Takes none; its service tasks are moved.
    Draining,
    /// Any other status, in AWS's own word: `REGISTERING`, `REGISTRATION_FAILED`, `DEREGISTERING`, `INACTIVE`.
    Other(Box<str>),
}

impl Status {
    /// From AWS's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "ACTIVE" => Self::Active,
            "DRAINING" => Self::Draining,
            _ => Self::Other(word.into()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Other(word) => word,
        }
    }
}

/// A container instance as `DescribeContainerInstances` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its ARN.
    pub arn: String,
    /// The EC2 instance it runs on; none for an external one.
    pub ec2_instance_id: Option<String>,
    /// What ECS says of it.
    pub status: Status,
    /// Whether its agent is connected.
    pub agent_connected: bool,
    /// Tasks whose *desired* status is RUNNING. It falls as soon as a stop is asked for, long before the
    /// task has stopped: never proof that an instance is empty.
    pub running_tasks_count: i64,
    /// Tasks in PENDING.
    pub pending_tasks_count: i64,
    /// Custom and built-in attributes that have a value.
    pub attributes: Vec<(String, String)>,
}

impl ContainerInstance {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Tasks that run or are about to, by ECS's own count.
    #[must_use]
    pub const fn tasks_count(&self) -> i64 {
        self.running_tasks_count.saturating_add(self.pending_tasks_count)
    }
}

/// An attribute to put on a container instance.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html>: name and value up
/// to 128 letters, digits and ` - _ . / \ : @`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The container instance's ARN.
    pub container_instance: String,
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: String,
}
