//! A task as the protection of its instance sees it.

use crate::drain::task::Task;

/// A task as `DescribeTasks` shows it, with what the policy's patterns are over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostedTask {
    /// What a drain sees of it too.
    pub task: Task,
    /// Its task definition's family.
    pub family: Option<String>,
    /// Keys and values, where they were asked for.
    pub tags: Vec<(String, String)>,
}

/// Which tasks `ListTasks` lists.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskFilter {
    /// All of the cluster.
    All,
    /// Those of a family.
    Family(String),
    /// Those of a service, by name.
    Service(String),
    /// Those on a container instance, by ARN.
    On(String),
}
