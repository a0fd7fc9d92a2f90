//! `[[drain]]`: how long a drain may take, and what becomes of the tasks that are still there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Pattern;
use crate::event::Timestamp;
use crate::verdict::{Cause, Severity};

/// The longest time any lifecycle hook holds an instance.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html>.
pub const LONGEST_HOLD: Duration = Duration::from_hours(48);

/// What is done with the tasks of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Wait until they have stopped.
    Wait,
    /// Ask them to stop once the drain has lasted this long, then wait until they have.
    StopAfter(Duration),
    /// They hold nothing up, and go down with the instance.
    Ignore,
}

/// What is done when the deadline has come and tasks are still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtDeadline {
    /// Ask what is left to stop, wait out its grace, then let the termination continue.
    Continue,
    /// Abandon the termination, so that the instance stays as `Terminating:Retained`. Only where the group
    /// retains; elsewhere abandoning would terminate at once, so it is held instead.
    Retain,
    /// Tell people and keep waiting until the hook's own limit. There AWS would end it by itself, so just
    /// before it the instance is retained where the group retains, else ended as by `Continue`.
    Hold,
}

/// How drains are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainPolicy {
    /// How long a drain may take; the hook's own limit is the end in any case.
    pub deadline: Duration,
    /// What is done then.
    pub at_deadline: AtDeadline,
    /// How long a task that was asked to stop at the deadline gets.
    pub stop_grace: Duration,
    /// Tasks of a REPLICA service; ECS moves them by itself.
    pub service: Treatment,
    /// Tasks of a DAEMON service; ECS stops them after all others.
    pub daemon: Treatment,
    /// Tasks nobody moves: of `RunTask` and `StartTask`.
    pub standalone: Treatment,
    /// Service tasks that have asked not to be stopped (task scale-in protection).
    pub protected: Treatment,
    /// Any task on an instance whose agent has been gone for a while: ECS no longer knows how it is.
    pub agent_gone: Treatment,
}

impl Default for DrainPolicy {
    fn default() -> Self {
        Self {
            deadline: Duration::from_hours(1),
            at_deadline: AtDeadline::Hold,
            stop_grace: Duration::from_mins(2),
            service: Treatment::Wait,
            daemon: Treatment::Ignore,
            standalone: Treatment::Wait,
            protected: Treatment::Wait,
            agent_gone: Treatment::Wait,
        }
    }
}

/// One `[[drain]]`: what it says replaces what earlier ones said, setting by setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrainRule {
    /// The cluster's name.
    pub cluster: Option<Pattern>,
    /// The Auto Scaling group's name; a drain without a group matches no group pattern.
    pub group: Option<Pattern>,
    /// See [`DrainPolicy::deadline`].
    pub deadline: Option<Duration>,
    /// See [`DrainPolicy::at_deadline`].
    pub at_deadline: Option<AtDeadline>,
    /// See [`DrainPolicy::stop_grace`].
    pub stop_grace: Option<Duration>,
    /// See [`DrainPolicy::service`].
    pub service: Option<Treatment>,
    /// See [`DrainPolicy::daemon`].
    pub daemon: Option<Treatment>,
    /// See [`DrainPolicy::standalone`].
    pub standalone: Option<Treatment>,
    /// See [`DrainPolicy::protected`].
    pub protected: Option<Treatment>,
    /// See [`DrainPolicy::agent_gone`].
    pub agent_gone: Option<Treatment>,
    /// Severities by cause; `info` makes a notification silent.
    pub severity: BTreeMap<Cause, Severity>,
}

impl DrainRule {
    /// Whether a drain is meant.
    #[must_use]
    pub fn matches(&self, cluster: &str, group: Option<&str>) -> bool {
        let fits = |pattern: &Option<Pattern>, name: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| name.is_some_and(|name| pattern.matches(name)))
        };
        fits(&self.cluster, Some(cluster)) && fits(&self.group, group)
    }
}

impl super::Policy {
    /// How an instance of this cluster (by name) and group is drained.
    #[must_use]
    pub fn drain_of(&self, cluster: &str, group: Option<&str>) -> DrainPolicy {
        let rules = self.drains.iter().filter(|rule| rule.matches(cluster, group));
        rules.fold(DrainPolicy::default(), |policy, rule| DrainPolicy {
            deadline: rule.deadline.unwrap_or(policy.deadline),
            at_deadline: rule.at_deadline.unwrap_or(policy.at_deadline),
            stop_grace: rule.stop_grace.unwrap_or(policy.stop_grace),
            service: rule.service.unwrap_or(policy.service),
            daemon: rule.daemon.unwrap_or(policy.daemon),
            standalone: rule.standalone.unwrap_or(policy.standalone),
            protected: rule.protected.unwrap_or(policy.protected),
            agent_gone: rule.agent_gone.unwrap_or(policy.agent_gone),
        })
    }

    /// The severity the policy sets for what is told of a drain; the last rule wins.
    #[must_use]
    pub fn drain_severity(&self, cluster: &str, group: Option<&str>, cause: Cause) -> Option<Severity> {
        let mut rules = self.drains.iter().rev().filter(|rule| rule.matches(cluster, group));
        rules.find_map(|rule| rule.severity.get(&cause).copied())
    }

    /// Why nobody is to be told of drains in this cluster now, where nobody is. A mute that names a service or
    /// a family is not about instances.
    #[must_use]
    pub fn drain_silence(&self, cluster: &str, cause: Cause, now: Timestamp) -> Option<String> {
        let open = |mute: &&super::Mute| {
            let scope = &mute.scope;
            let about_instances = scope.service.is_none() && scope.family.is_none();
            about_instances
                && scope.cluster.as_ref().is_some_and(|pattern| pattern.matches(cluster))
                && mute.is_open(cause, now)
        };
        self.mutes.iter().find(open).map(super::Mute::in_words)
    }
}
