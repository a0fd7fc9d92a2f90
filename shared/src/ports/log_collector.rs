//! Systems Manager's Run Command as the collection of logs needs it: one method is one call.

use std::time::Duration;

use super::ApiError;
use crate::collect::State;
use crate::event::Timestamp;

/// A command for one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: &'a str,
    /// What it is found again by.
    pub comment: &'a str,
    /// What `sh` is to run as root.
    pub script: &'a str,
    /// How long it may run.
    pub within: Duration,
}

/// A command that was sent to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its comment.
    pub comment: String,
    /// When it was asked for.
    pub requested: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
}

/// Calls of Systems Manager.
/// Source of the shapes: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/>.
pub trait LogCollector {
    /// `SendCommand` of the document `AWS-RunShellScript`; tried once, for a second try might be a second run.
    fn send(&self, command: Command<'_>) -> impl Future<Output = Result<(), ApiError>> + Send;

    /// `ListCommandInvocations` of one instance: the first page, which is up to 50 commands after that time.
    fn invocations(
        &self,
        instance_id: &str,
        after: Timestamp,
    ) -> impl Future<Output = Result<Vec<Invocation>, ApiError>> + Send;
}

/// Collects nothing, for whoever drains without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl LogCollector for Nothing {
    async fn send(&self, _: Command<'_>) -> Result<(), ApiError> {
        Err(ApiError::Unavailable("logs are not collected from here".to_owned()))
    }

    async fn invocations(&self, _: &str, _: Timestamp) -> Result<Vec<Invocation>, ApiError> {
        Err(ApiError::Unavailable("logs are not collected from here".to_owned()))
    }
}
