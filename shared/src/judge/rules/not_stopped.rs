//! Rule: a task that has not stopped gives no verdict; its final event follows.
//!
//! Exit codes may be there already (DEPROVISIONING) or not yet (DEACTIVATING): judging both would alert twice.

use super::container_exited;
use crate::event::StopCode;
use crate::judge::{Cause, Finding, Severity, Stop};

/// Quiet where `lastStatus` is anything but STOPPED, unless a container failed that nobody was told of. Where it
/// is missing, the stop fields decide.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let status = stop.task.last_status.as_deref()?;
    if status.trim().eq_ignore_ascii_case("STOPPED") {
        return None;
    }
    if container_exited::untold(stop).is_some() {
        return None;
    }
    let finding =
        Finding::new(Cause::NotStopped, Severity::Info, format!("has not stopped yet: it is {status}."));
    match stop.stop_code() {
        Some(code @ (StopCode::SpotInterruption | StopCode::TerminationNotice)) => {
            Some(finding.noting(format!("{code} while {status}: the two-minute warning")))
        }
        Some(
            StopCode::TaskFailedToStart
            | StopCode::EssentialContainerExited
            | StopCode::UserInitiated
            | StopCode::ServiceSchedulerInitiated
            | StopCode::InfrastructureHealth
            | StopCode::Unknown(_),
        )
        | None => Some(finding),
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{task, verdict};
    use crate::judge::{Cause, Severity};

    #[test]
    fn only_a_stopped_task_is_judged() {
        for status in [
            "PROVISIONING",
            "PENDING",
            "ACTIVATING",
            "RUNNING",
            "DEACTIVATING",
            "STOPPING",
            "DEPROVISIONING",
            "NEW",
        ] {
            let mut event = task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]);
            event.last_status = Some(status.into());
            let verdict = verdict(&event);
            assert_eq!((verdict.cause, verdict.severity), (Cause::NotStopped, Severity::Info), "{status}");
        }
    }

    #[test]
    fn the_case_of_the_status_does_not_matter_and_a_missing_one_does_not_hide_a_stop() {
        for status in [Some("stopped"), Some(" STOPPED "), None] {
            let mut event = task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]);
            event.last_status = status.map(Into::into);
            assert_eq!(verdict(&event).cause, Cause::ApplicationExit, "{status:?}");
        }
    }

    #[test]
    fn a_spot_warning_says_so() {
        let mut event = task("service:web", "SpotInterruption", "Your Spot Task was interrupted.", &[]);
        event.last_status = Some("RUNNING".into());
        assert!(verdict(&event).evidence.last().expect("a note").contains("two-minute warning"));
    }
}
