//! What an event asks for: which instance to look at, or nothing, for a named reason.

use super::target::{Purpose, Wish};
use crate::event::{Detail, Event, Timestamp};

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Look at one instance.
    Look(String, Wish),
    /// Look at every instance that waits.
    Tick,
    /// A task stopped on this container instance; it may have been the last one of a drain.
    TaskStopped {
        /// The container instance's ARN.
        container_instance: String,
        /// The task's ARN.
        task: String,
    },
    /// Nothing.
    Nothing(Reason),
}

/// Why an event asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Auto Scaling tried whether its notifications arrive.
    TestNotification,
    /// An instance is being launched.
    Launch,
    /// A transition nobody knows.
    UnknownTransition(String),
    /// Another tool's hook.
    OtherHook(String),
    /// The event names no instance.
    NoInstance,
    /// The container instance is not DRAINING.
    NotDraining(String),
    /// It is DRAINING, and ECS still counts so many tasks.
    TasksLeft(i64),
    /// A task that has not stopped, or is on no container instance.
    NoStop,
    /// A task that was not the last one of a drain this process knows of.
    NotTheLast,
    /// An event of a kind that no drain needs.
    OtherKind(String),
}

impl Reason {
    /// The word in logs.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TestNotification => "test-notification",
            Self::Launch => "launch-transition",
            Self::UnknownTransition(_) => "unknown-transition",
            Self::OtherHook(_) => "other-tools-hook",
            Self::NoInstance => "no-instance",
            Self::NotDraining(_) => "not-draining",
            Self::TasksLeft(_) => "tasks-left",
            Self::NoStop => "no-stop-of-a-task",
            Self::NotTheLast => "not-the-last-task",
            Self::OtherKind(_) => "other-kind",
        }
    }
}

impl Reason {
    /// Notes that an event asked for nothing.
    pub(super) fn log(&self, event: &Event) {
        let event_id = event.envelope.id.as_deref();
        tracing::info!(reason = self.word(), what = ?self, event_id, "nothing to do");
    }
}

impl Trigger {
    /// Of an event. `is_ours` tells our hooks by their names.
    #[must_use]
    pub fn of(event: &Event, is_ours: impl Fn(&str) -> bool) -> Self {
        match &event.detail {
            Detail::Lifecycle(action) => {
                let transition = action.lifecycle_transition.as_deref().unwrap_or_default();
                if !action.is_terminating() {
                    let launches = transition.ends_with("EC2_INSTANCE_LAUNCHING");
                    let reason = if launches {
                        Reason::Launch
                    } else {
                        Reason::UnknownTransition(transition.to_owned())
                    };
                    return Self::Nothing(reason);
                }
                if let Some(hook) = action.lifecycle_hook_name.as_deref()
                    && !is_ours(hook)
                {
                    return Self::Nothing(Reason::OtherHook(hook.to_owned()));
                }
                let wish = Wish {
                    waiting_since: event.envelope.at(),
                    to_warm_pool: action.to_warm_pool(),
                    ..Wish::new(Purpose::Termination)
                };
                Self::look(action.ec2_instance_id.as_deref(), wish)
            }
            Detail::TestNotification => Self::Nothing(Reason::TestNotification),
            Detail::SpotWarning(warning) => {
                let wish = Wish::new(Purpose::Spot);
                Self::look(warning.instance_id.as_deref(), wish)
            }
            Detail::ContainerInstance(change) => {
                let status = change.status.as_deref().unwrap_or_default();
                if status != "DRAINING" {
                    return Self::Nothing(Reason::NotDraining(status.to_owned()));
                }
                let counts = change.running_tasks_count.zip(change.pending_tasks_count);
                if let Some(left) = counts.map(|(running, pending)| running.saturating_add(pending))
                    && left > 0
                {
                    return Self::Nothing(Reason::TasksLeft(left));
                }
                let place = change.cluster_arn.as_deref().zip(change.container_instance_arn.as_deref());
                let place = place.map(|(cluster, arn)| (cluster.to_owned(), arn.to_owned()));
                Self::look(
                    change.ec2_instance_id.as_deref(),
                    Wish { place, ..Wish::new(Purpose::Termination) },
                )
            }
            Detail::Tick => Self::Tick,
            Detail::Task(task) => match (&task.container_instance_arn, &task.task_arn) {
                (Some(instance), Some(stopped)) if task.last_status.as_deref() == Some("STOPPED") => {
                    Self::TaskStopped { container_instance: instance.to_string(), task: stopped.to_string() }
                }
                _ => Self::Nothing(Reason::NoStop),
            },
            Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Service(_)
            | Detail::Other { .. } => Self::Nothing(Reason::OtherKind(event.kind().to_owned())),
        }
    }

    /// A look at an instance, where the event names one.
    fn look(instance_id: Option<&str>, wish: Wish) -> Self {
        match instance_id.map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) => Self::Look(id.to_owned(), wish),
            None => Self::Nothing(Reason::NoInstance),
        }
    }
}

/// The time of an event, not later than now: a clock that is ahead would put a drain off.
#[must_use]
pub fn not_after(now: Timestamp, wish: Wish) -> Wish {
    Wish { waiting_since: wish.waiting_since.map(|since| since.min(now)), ..wish }
}

#[cfg(test)]
mod tests;
