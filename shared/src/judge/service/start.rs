//! Tasks that do not start, one after the other.
//!
//! `SERVICE_TASK_START_IMPAIRED` comes where a service cannot start tasks for long; the event of a daemon is about
//! one instance, which is why it is no page.
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html>.

use super::{Report, placement};
use crate::judge::{Cause, Finding, Severity};

/// Services and daemons whose tasks do not start.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    match report.name {
        "SERVICE_TASK_START_IMPAIRED" => Some(Finding::new(
            Cause::StartImpaired,
            Severity::High,
            "cannot start its tasks: one after the other fails.",
        )),
        "DAEMON_TASK_START_IMPAIRED" => Some(daemon(report)),
        _ => None,
    }
}

/// A daemon's task that did not start on an instance.
fn daemon(report: &Report<'_>) -> Finding {
    let was_created = report.event.failure_type.as_deref() != Some("TASK_CREATION_FAILED");
    let why = if was_created {
        "its task did not reach RUNNING".to_owned()
    } else {
        let (what, _) = placement::missing(report.reason);
        format!("there was no place for its task, {what}")
    };
    let summary = format!("does not start on an instance: {why}.");
    Finding::new(Cause::StartImpaired, Severity::Medium, summary)
}

#[cfg(test)]
mod tests {
    use crate::event::ServiceEvent;
    use crate::judge::service::testing::{found, verdict_of};
    use crate::judge::{Cause, Severity};

    #[test]
    fn a_service_is_a_page_and_a_daemon_on_one_instance_is_not() {
        for event_type in ["INFO", "WARN", "WARNING"] {
            let of = |name| found(name, event_type, "");
            assert_eq!(of("SERVICE_TASK_START_IMPAIRED"), (Cause::StartImpaired, Severity::High));
            assert_eq!(of("DAEMON_TASK_START_IMPAIRED"), (Cause::StartImpaired, Severity::Medium));
        }
    }

    #[test]
    fn a_daemon_says_whether_there_was_a_task() {
        let event = |failure: &str, reason: &str| ServiceEvent {
            event_name: Some("DAEMON_TASK_START_IMPAIRED".into()),
            daemon_arn: Some("arn:aws:ecs:eu-west-1:111122223333:daemon/harbor/agent".into()),
            failure_type: Some(failure.into()),
            reason: Some(reason.into()),
            ..ServiceEvent::default()
        };
        let verdict = verdict_of(&event("TASK_CREATION_FAILED", "RESOURCE:CPU - insufficient CPU"));
        assert_eq!(
            verdict.summary,
            "Daemon agent on harbor does not start on an instance: there was no place for its task, not enough CPU."
        );
        let verdict = verdict_of(&event("TASK_FAILED_TO_RUN", "CannotPullContainerError: x"));
        assert!(verdict.summary.ends_with("its task did not reach RUNNING."), "{}", verdict.summary);
    }
}
