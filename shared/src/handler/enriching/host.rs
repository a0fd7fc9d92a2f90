//! Whether a task's host was being drained when the task stopped.

use std::time::Duration;

use crate::drain::container_instance::{ContainerInstance, Status};
use crate::drain::marks::Marks;
use crate::event::{TaskStateChange, Timestamp};
use crate::judge::background::{Draining, Host};

/// The longest a lifecycle hook can hold an instance: marks that are older are of an earlier life of it.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html>.
const LONGEST_HOOK: Duration = Duration::from_hours(48);
/// What two clocks and whole seconds may make of one moment.
const ROUNDING: Duration = Duration::from_secs(5);

/// What a container instance says of the drain of its tasks. One that is ACTIVE again, or was set to DRAINING
/// only after the task had begun to stop, was not being drained.
pub(super) fn host(instance: &ContainerInstance, task: &TaskStateChange) -> Host {
    let began = task.stopping_at.as_deref().and_then(Timestamp::parse).or_else(|| task.stopped());
    let marks = Marks::of(instance)
        .filter(|marks| began.is_none_or(|at| at.elapsed_since(marks.last_sign()) <= LONGEST_HOOK));
    let is_later = |marks: &Marks| began.is_some_and(|at| marks.draining > at.plus(ROUNDING));
    let draining = match (&instance.status, marks) {
        (Status::Draining | Status::Other(_), Some(marks)) if is_later(&marks) => None,
        (Status::Draining | Status::Other(_), Some(marks)) => Some(Draining::ByUs(marks.draining)),
        (Status::Draining, None) => Some(Draining::BySomebody),
        (Status::Active, _) | (Status::Other(_), None) => None,
    };
    Host { draining }
}

#[cfg(test)]
mod tests {
    use super::{ContainerInstance, Draining, Status, Timestamp, host};
    use crate::drain::marks::DRAIN_STARTED;
    use crate::event::TaskStateChange;

    #[test]
    fn a_host_was_being_drained_where_the_drain_came_first() {
        let task = TaskStateChange {
            stopping_at: Some("2026-11-23T07:05:00Z".into()),
            stopped_at: Some("2026-11-23T08:05:00Z".into()),
            ..TaskStateChange::default()
        };
        let at = |text: &str| Draining::ByUs(Timestamp::parse(text).expect("a time"));
        let marked = "2026-11-23T07:00:00Z 2026-11-23T07:00:02Z started";
        let ours = Some(at("2026-11-23T07:00:02Z"));
        for (status, mark, want) in [
            ("DRAINING", Some(marked), ours),
            ("INACTIVE", Some(marked), ours),
            ("DEREGISTERING", Some(marked), ours),
            ("ACTIVE", Some(marked), None),
            ("DRAINING", None, Some(Draining::BySomebody)),
            ("INACTIVE", None, None),
            ("ACTIVE", None, None),
            ("", None, None),
            // Set after the task had begun to stop, with and without what clocks make of one moment.
            ("DRAINING", Some("2026-11-23T07:05:30Z 2026-11-23T07:05:30Z begun"), None),
            (
                "DRAINING",
                Some("2026-11-23T07:05:03Z 2026-11-23T07:05:03Z begun"),
                Some(at("2026-11-23T07:05:03Z")),
            ),
            // Of an earlier life, and unreadable.
            ("INACTIVE", Some("2026-11-01T07:00:00Z 2026-11-01T07:00:02Z released"), None),
            (
                "DRAINING",
                Some("2026-11-01T07:00:00Z 2026-11-01T07:00:02Z released"),
                Some(Draining::BySomebody),
            ),
            ("DRAINING", Some("soon"), Some(Draining::BySomebody)),
        ] {
            let instance = ContainerInstance {
                arn: "a".into(),
                ec2_instance_id: None,
                status: Status::from_word(status),
                agent_connected: false,
                running_tasks_count: 0,
                pending_tasks_count: 0,
                attributes: mark
                    .map(|mark| (DRAIN_STARTED.to_owned(), mark.to_owned()))
                    .into_iter()
                    .collect(),
            };
            assert_eq!(host(&instance, &task).draining, want, "{status} {mark:?}");
        }
    }
}
