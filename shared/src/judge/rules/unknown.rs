//! Rule: what no other rule knows is an alert, with the raw words kept. It answers always.

use crate::event::StopCode;
use crate::judge::{Cause, Finding, Severity, Stop};

/// Low, never quiet.
#[expect(clippy::unnecessary_wraps, reason = "every rule has this shape")]
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    if let Some(StopCode::Unknown(word)) = stop.stop_code() {
        let summary = format!("stopped with the stopCode {word}, which this version does not know.");
        return Some(Finding::new(Cause::UnknownStopCode, Severity::Low, summary));
    }
    let nothing = stop.stop_code().is_none()
        && stop.task.stopped_reason.is_none()
        && stop.containers.iter().all(|seen| seen.container.exit_code.is_none());
    Some(if nothing {
        Finding::new(Cause::ExitUnknown, Severity::Low, "stopped, and the event says nothing about why.")
    } else {
        Finding::new(Cause::UnknownStopCode, Severity::Low, "stopped in a way this version cannot explain.")
    })
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task};
    use crate::judge::{Cause, Severity};

    #[test]
    fn a_stop_code_of_the_future_is_an_alert_even_with_exit_code_0() {
        for exit in [Some(0), Some(1), Some(143), None] {
            for reason in [
                "",
                "Normal exit",
                "Scaling activity initiated by (deployment ecs-svc/1)",
                "Essential container in task exited",
            ] {
                for group in ["service:web", "family:job"] {
                    let event = task(group, "TaskCompleted", reason, &[("app", exit, "")]);
                    assert_eq!(
                        found(&event),
                        (Cause::UnknownStopCode, Severity::Low),
                        "{group} {reason} {exit:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_empty_stop_is_an_alert() {
        assert_eq!(found(&task("", "", "", &[])), (Cause::ExitUnknown, Severity::Low));
        assert_eq!(
            found(&task("service:web", "", "who knows", &[])),
            (Cause::UnknownStopCode, Severity::Low)
        );
    }
}
