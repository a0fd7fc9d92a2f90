//! Rule: the capacity under the task was taken away.
//!
//! A service replaces the task; a job's work is lost.

use crate::event::StopCode;
use crate::judge::exit_code;
use crate::judge::text::TextClass;
use crate::judge::{Cause, Finding, Severity, Stop};

/// By the text, which is more exact, then by stopCode.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    match stop.reason {
        Some(TextClass::HostGone) => return Some(host_gone(stop)),
        Some(TextClass::Spot) => return Some(lost(stop, Cause::SpotInterrupted, "lost its Spot capacity.")),
        // Planned, by text: the rule for the scheduler's stops tells them apart.
        Some(TextClass::Maintenance | TextClass::Draining) => return None,
        Some(
            TextClass::OutOfMemory
            | TextClass::Start(_)
            | TextClass::HealthCheck
            | TextClass::Scaling
            | TextClass::StoppedByUser
            | TextClass::EssentialExit,
        )
        | None => {}
    }
    match stop.stop_code()? {
        StopCode::SpotInterruption => Some(lost(stop, Cause::SpotInterrupted, "lost its Spot capacity.")),
        StopCode::TerminationNotice => {
            let found = lost(stop, Cause::SpotInterrupted, "lost the capacity under it.");
            Some(found.noting("TerminationNotice without naming a host: Fargate Spot, in its older form"))
        }
        StopCode::InfrastructureHealth => {
            Some(lost(stop, Cause::InfrastructureHealth, "was stopped because its host was unhealthy."))
        }
        StopCode::TaskFailedToStart
        | StopCode::EssentialContainerExited
        | StopCode::UserInitiated
        | StopCode::ServiceSchedulerInitiated
        | StopCode::Unknown(_) => None,
    }
}

/// Quiet for a service, which starts the task elsewhere; medium for a job.
fn lost(stop: &Stop<'_>, cause: Cause, summary: &str) -> Finding {
    let severity = if stop.is_service { Severity::Info } else { Severity::Medium };
    let found = stop.asked(cause, severity, summary);
    let found = if stop.is_service {
        found.noting("the service replaces it")
    } else {
        found.noting("a job's work is lost")
    };
    of_drained_host(stop, found)
}

/// The event cannot say whether the instance was being drained, so it is worth a ticket where nothing else does.
fn host_gone(stop: &Stop<'_>) -> Finding {
    let found = Finding::new(Cause::HostTerminated, Severity::Medium, "was lost with its EC2 instance.")
        .noting("the instance ended while the task was still on it");
    of_drained_host(stop, found)
}

/// What is left of a finding where the host was being drained. A service had been told to go elsewhere, which is
/// quiet unless a container failed on its own; a job's work is lost all the same.
fn of_drained_host(stop: &Stop<'_>, found: Finding) -> Finding {
    let Some(draining) = stop.drained() else { return found };
    let none_failed = stop
        .counted()
        .filter_map(|index| stop.judged_code(index))
        .all(|code| code == 0 || exit_code::follows_from_a_stop(code));
    if stop.is_service && none_failed {
        let summary = "was ended with its EC2 instance, which was being drained.";
        return Finding { notes: found.notes, ..Finding::new(Cause::Drained, Severity::Info, summary) }
            .noting(draining.to_string());
    }
    found.noting(draining.to_string())
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task};
    use crate::judge::{Cause, Severity};
    use Severity::{Info, Low, Medium};

    #[test]
    fn a_service_is_replaced_and_a_job_is_lost() {
        for (code, reason, cause) in [
            ("SpotInterruption", "Your Spot Task was interrupted.", Cause::SpotInterrupted),
            ("TerminationNotice", "Your Spot Task was interrupted.", Cause::SpotInterrupted),
            ("", "Your Spot Task was interrupted.", Cause::SpotInterrupted),
            ("SpotInterruption", "", Cause::SpotInterrupted),
            ("TerminationNotice", "", Cause::SpotInterrupted),
            ("InfrastructureHealth", "", Cause::InfrastructureHealth),
        ] {
            for exit in [Some(143), Some(137), None] {
                let containers = [("app", exit, "")];
                assert_eq!(found(&task("service:web", code, reason, &containers)), (cause, Info), "{code}");
                assert_eq!(found(&task("family:job", code, reason, &containers)), (cause, Medium), "{code}");
            }
        }
    }

    #[test]
    fn a_host_that_went_away_is_worth_a_ticket() {
        let reason = "Host EC2 (instance i-0aa1bb2cc3dd4ee5f) terminated.";
        for group in ["service:web", "family:job"] {
            let event = task(group, "TerminationNotice", reason, &[("app", None, "")]);
            assert_eq!(found(&event), (Cause::HostTerminated, Medium));
        }
    }

    #[test]
    fn a_crash_on_the_way_out_is_worth_a_word() {
        let event = task("service:web", "SpotInterruption", "", &[("app", Some(139), "")]);
        assert_eq!(found(&event), (Cause::SpotInterrupted, Low));
    }
}
