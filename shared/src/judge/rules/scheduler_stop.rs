//! Rule: the service scheduler asked the task to go: deployment, scale-in, drain, maintenance.

use crate::event::StopCode;
use crate::judge::text::TextClass;
use crate::judge::{Cause, Finding, Severity, Stop};

/// What makes a scheduler's text about a deployment more than a replacement.
const TROUBLE: &[&str] =
    &["fail", "unhealthy", "error", "timed out", "timeout", "circuit", "roll", "alarm", "unable", "cannot"];

/// By the text; a stop of the scheduler with another text is unknown, and low.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let loss = if stop.is_service { Severity::Info } else { Severity::Medium };
    let by_scheduler = stop.stop_code() == Some(&StopCode::ServiceSchedulerInitiated);
    // A container that ended by itself is not asked to go by a text: only what a stop leaves behind fits one.
    let by_itself = stop.stop_code() == Some(&StopCode::EssentialContainerExited);
    if by_itself && !stop.counted().all(|index| matches!(stop.code(index), Some(0 | 137 | 143))) {
        return None;
    }
    match stop.reason {
        // The scheduler scales services only. A group that names something else contradicts it.
        Some(TextClass::Scaling) if !stop.is_service && stop.task.group.is_some() => {}
        Some(TextClass::Scaling) => {
            return Some(stop.asked(
                Cause::ScaledIn,
                Severity::Info,
                "was scaled in or replaced by a deployment.",
            ));
        }
        Some(TextClass::Draining) => {
            return Some(stop.asked(
                Cause::Drained,
                loss,
                "was moved off an instance that is being drained.",
            ));
        }
        Some(TextClass::Maintenance) => {
            return Some(stop.asked(
                Cause::Maintenance,
                loss,
                "was stopped for maintenance of its infrastructure.",
            ));
        }
        Some(
            TextClass::OutOfMemory
            | TextClass::Start(_)
            | TextClass::HealthCheck
            | TextClass::Spot
            | TextClass::HostGone
            | TextClass::StoppedByUser
            | TextClass::EssentialExit,
        )
        | None => {}
    }
    if !by_scheduler {
        return None;
    }
    let reason = stop.task.stopped_reason.as_deref().unwrap_or_default().to_ascii_lowercase();
    let trouble = TROUBLE.iter().any(|word| reason.contains(word));
    if stop.is_service && reason.contains("deployment") && !trouble {
        return Some(stop.asked(Cause::ScaledIn, Severity::Info, "was replaced by a deployment."));
    }
    let found = stop.asked(
        Cause::UnknownStopCode,
        Severity::Low,
        "was stopped by the service scheduler, for a reason this version does not know.",
    );
    Some(if stop.is_service {
        found
    } else {
        found.noting("the scheduler stops tasks of services, and this is none")
    })
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task, verdict};
    use crate::judge::{Cause, Severity};
    use Severity::{Info, Low, Medium};

    const SCALING: &str = "Scaling activity initiated by (deployment ecs-svc/9223370512345678901)";

    #[test]
    fn a_deployment_is_quiet_whatever_the_exit_code() {
        for exit in [Some(0), Some(1), Some(2), Some(137), Some(143), Some(255), None] {
            for code in ["ServiceSchedulerInitiated", ""] {
                let event = task("service:web", code, SCALING, &[("app", exit, "")]);
                assert_eq!(found(&event), (Cause::ScaledIn, Info), "{exit:?}");
            }
        }
        let crashed = task("service:web", "ServiceSchedulerInitiated", SCALING, &[("app", Some(139), "")]);
        assert_eq!(found(&crashed), (Cause::ScaledIn, Low));
    }

    #[test]
    fn a_text_does_not_hide_a_container_that_failed_by_itself() {
        for group in ["service:web", "family:job"] {
            let failed = task(group, "EssentialContainerExited", SCALING, &[("app", Some(1), "")]);
            assert_eq!(found(&failed), (Cause::ApplicationExit, Medium), "{group}");
        }
        let ended = task("service:web", "EssentialContainerExited", SCALING, &[("app", Some(143), "")]);
        assert_eq!(found(&ended), (Cause::ScaledIn, Info));
        let job = task("family:job", "", SCALING, &[("app", Some(1), "")]);
        assert_eq!(found(&job), (Cause::ApplicationExit, Medium), "a job is not scaled");
    }

    #[test]
    fn ignoring_sigterm_is_noted() {
        let mut event = task("service:web", "ServiceSchedulerInitiated", SCALING, &[("app", Some(137), "")]);
        event.stopping_at = Some("2026-05-01T10:00:00Z".into());
        event.execution_stopped_at = Some("2026-05-01T10:00:31Z".into());
        assert!(verdict(&event).evidence.last().expect("a note").contains("killed 31 s after the stop"));
    }

    #[test]
    fn planned_work_is_quiet_for_a_service_and_a_loss_for_a_job() {
        for (reason, cause) in [
            (
                "ECS is performing maintenance on the underlying infrastructure hosting the task",
                Cause::Maintenance,
            ),
            ("Task stopped during instance draining", Cause::Drained),
            ("The container instance i-1 is in DRAINING state", Cause::Drained),
        ] {
            let containers = [("app", Some(137), "")];
            assert_eq!(
                found(&task("service:web", "ServiceSchedulerInitiated", reason, &containers)),
                (cause, Info)
            );
            assert_eq!(
                found(&task("family:job", "ServiceSchedulerInitiated", reason, &containers)),
                (cause, Medium)
            );
            assert_eq!(found(&task("family:job", "TerminationNotice", reason, &containers)), (cause, Medium));
        }
    }

    #[test]
    fn another_text_is_low_and_not_quiet() {
        for (group, reason, want) in [
            ("service:web", "", (Cause::UnknownStopCode, Low)),
            ("service:web", "something new", (Cause::UnknownStopCode, Low)),
            ("service:web", "tasks of the deployment failed to start", (Cause::UnknownStopCode, Low)),
            (
                "service:web",
                "deployment circuit breaker triggered, rolling back",
                (Cause::UnknownStopCode, Low),
            ),
            ("service:web", "deployment ecs-svc/1 timed out", (Cause::UnknownStopCode, Low)),
            ("service:web", "replaced by deployment ecs-svc/2", (Cause::ScaledIn, Info)),
            ("family:job", "", (Cause::UnknownStopCode, Low)),
            ("family:job", SCALING, (Cause::UnknownStopCode, Low)),
        ] {
            let event = task(group, "ServiceSchedulerInitiated", reason, &[("app", Some(0), "")]);
            assert_eq!(found(&event), want, "{group} {reason}");
        }
    }
}
