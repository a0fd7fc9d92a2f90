//! What became of one invocation.

use super::target::{Deed, Purpose, Target};
use crate::drain::{Because, Step, Wait};
use crate::handler::HandlerError;

/// What became of one instance in one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// Why it was looked at.
    pub purpose: Purpose,
    /// Its group's name.
    pub group: Option<String>,
    /// Its cluster, by name or ARN.
    pub cluster: Option<String>,
    /// ECS's count of its tasks.
    pub tasks: Option<i64>,
    /// What is next; none where not enough was seen to decide.
    pub step: Option<Step>,
    /// What was done.
    pub done: Vec<Deed>,
    /// What went wrong.
    pub trouble: Option<String>,
}

/// What became of one invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each instance that was looked at.
    pub rows: Vec<Row>,
    /// What AWS refused and what else needs somebody, in words.
    pub refused: Vec<String>,
    /// The first of these, where people could not be told.
    pub untold: Option<String>,
}

impl Report {
    /// Why the record that asked for this instance, or for all, has to come again. Nearly nothing does: the
    /// next tick looks anew, and what AWS refuses is told. But where that could not be told it must show as an
    /// error of the function, and a spot warning comes once.
    pub(super) fn failure_of(&self, instance: Option<&str>) -> Option<HandlerError> {
        if let Some(untold) = &self.untold {
            return Some(HandlerError::Publish(untold.clone()));
        }
        let row = self.rows.iter().find(|row| Some(row.instance_id.as_str()) == instance)?;
        let why = match &row.step {
            Some(Step::Drain { .. }) if !row.done.contains(&Deed::SetDraining) => row.trouble.as_deref(),
            Some(Step::Wait(Wait { because: Because::Trouble(why), .. })) => Some(why.as_str()),
            _ => None,
        };
        why.filter(|_| row.purpose == Purpose::Spot).map(|why| HandlerError::Aws(why.to_owned()))
    }
}

impl Row {
    /// The one wide line of each instance.
    pub(super) fn log(&self) {
        tracing::info!(
            instance = self.instance_id,
            group = self.group.as_deref(),
            cluster = self.cluster.as_deref(),
            tasks = self.tasks,
            step = ?self.step,
            done = ?self.done,
            trouble = self.trouble.as_deref(),
            "looked"
        );
    }
}

impl Target {
    /// What became of it.
    pub(super) fn into_row(self) -> Row {
        let tasks = self.found().map(|(_, instance)| instance.tasks_count());
        Row {
            instance_id: self.seen.instance_id,
            purpose: self.wish.purpose,
            group: self.group,
            cluster: self.cluster,
            tasks,
            step: self.step,
            done: self.done,
            trouble: self.trouble,
        }
    }
}
