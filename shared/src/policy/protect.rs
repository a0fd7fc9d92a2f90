//! `[[protect]]`: whose instances are kept from being scaled in.

use std::time::Duration;

use super::Pattern;
use crate::protect::{HostedTask, TaskFilter};

/// How long the tasks of an instance must have been gone unless the policy says otherwise: a job that starts
/// every minute does not make its protection come and go.
pub const RELEASE_AFTER: Duration = Duration::from_mins(2);
/// The longest that can be asked for.
pub const LONGEST_RELEASE_AFTER: Duration = Duration::from_hours(24);

/// What is done for the tasks an entry names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Say what would be done; change nothing.
    #[default]
    DryRun,
    /// Protect their instances, and take that back when they are gone.
    Protect,
    /// Take back what was protected for them.
    Release,
}

/// A tag a task has, and the pattern of its value; any value where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// The key, as it stands.
    pub key: String,
    /// The value.
    pub value: Option<Pattern>,
}

/// One `[[protect]]`: all patterns that are given must fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProtectRule {
    /// The cluster's name.
    pub cluster: Option<Pattern>,
    /// The task definition's family.
    pub family: Option<Pattern>,
    /// The task's group: `service:web`, `family:nightly`.
    pub group: Option<Pattern>,
    /// A tag of the task.
    pub tag: Option<Tag>,
    /// What is done.
    pub mode: Mode,
    /// See [`RELEASE_AFTER`].
    pub release_after: Option<Duration>,
}

impl ProtectRule {
    /// Whether it speaks of a cluster, by name.
    #[must_use]
    pub fn is_about(&self, cluster: &str) -> bool {
        self.cluster.as_ref().is_none_or(|pattern| pattern.matches(cluster))
    }

    /// Whether it names a task, of a cluster it is about.
    #[must_use]
    pub fn names(&self, task: &HostedTask) -> bool {
        let fits = |pattern: &Option<Pattern>, name: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| name.is_some_and(|name| pattern.matches(name)))
        };
        let has = |tag: &Tag| {
            let value = task.tags.iter().find(|(key, _)| *key == tag.key).map(|(_, value)| value);
            value.is_some_and(|value| tag.value.as_ref().is_none_or(|pattern| pattern.matches(value)))
        };
        fits(&self.family, task.family.as_deref())
            && fits(&self.group, task.task.group.as_deref())
            && self.tag.as_ref().is_none_or(has)
    }

    /// The smallest list that holds every task it names. A task's group is that of its service or its family,
    /// save where whoever started it named another; such a name begins with neither word.
    #[must_use]
    pub fn filter(&self) -> TaskFilter {
        if let Some(family) = self.family.as_ref().and_then(Pattern::only_name) {
            return TaskFilter::Family(family);
        }
        let group = self.group.as_ref().and_then(Pattern::only_name).unwrap_or_default();
        match group.split_once(':') {
            Some(("service", name)) => TaskFilter::Service(name.to_owned()),
            Some(("family", name)) => TaskFilter::Family(name.to_owned()),
            Some(_) | None => TaskFilter::All,
        }
    }
}

/// What the policy says of the protection in one cluster.
#[derive(Clone, Debug, Default)]
pub struct InCluster<'a> {
    /// The entries that are about it.
    rules: Vec<&'a ProtectRule>,
}

/// What the policy does for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForTask {
    /// Nothing.
    Nothing,
    /// It says what it would do.
    Trial,
    /// It protects its instance.
    Act,
}

impl InCluster<'_> {
    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether anything is changed.
    #[must_use]
    pub fn acts(&self) -> bool {
        self.rules.iter().any(|rule| match rule.mode {
            Mode::Protect | Mode::Release => true,
            Mode::DryRun => false,
        })
    }

    /// What is done for a task: where several entries name it, the one that does most decides.
    #[must_use]
    pub fn of_task(&self, task: &HostedTask) -> ForTask {
        let named = || self.rules.iter().filter(|rule| rule.names(task));
        if named().any(|rule| rule.mode == Mode::Protect) {
            ForTask::Act
        } else if named().any(|rule| rule.mode == Mode::DryRun) {
            ForTask::Trial
        } else {
            ForTask::Nothing
        }
    }

    /// The lists in which every task is that any entry names, without those that another one holds.
    #[must_use]
    pub fn filters(&self) -> Vec<TaskFilter> {
        let named = self.rules.iter().filter(|rule| rule.mode != Mode::Release);
        let mut filters: Vec<_> = named.map(|rule| rule.filter()).collect();
        if filters.contains(&TaskFilter::All) {
            return vec![TaskFilter::All];
        }
        filters.sort_unstable();
        filters.dedup();
        filters
    }

    /// Whether an entry asks for a tag.
    #[must_use]
    pub fn needs_tags(&self) -> bool {
        self.rules.iter().any(|rule| rule.tag.is_some())
    }

    /// How long tasks must have been gone: the longest that any entry says.
    #[must_use]
    pub fn release_after(&self) -> Duration {
        let said = self.rules.iter().map(|rule| rule.release_after.unwrap_or(RELEASE_AFTER));
        said.max().unwrap_or(RELEASE_AFTER)
    }
}

impl super::Policy {
    /// What it says of the protection in a cluster, by name.
    #[must_use]
    pub fn protect_in(&self, cluster: &str) -> InCluster<'_> {
        InCluster { rules: self.protects.iter().filter(|rule| rule.is_about(cluster)).collect() }
    }
}
