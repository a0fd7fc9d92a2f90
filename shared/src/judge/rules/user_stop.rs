//! Rule: somebody, a pipeline or another service called `StopTask`.

use crate::event::StopCode;
use crate::judge::text::{self, TextClass};
use crate::judge::{Cause, Finding, Severity, Stop};

/// Quiet; low where the caller's own words speak of trouble. Exit codes only annotate.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let by_text = stop.stop_code().is_none() && stop.reason == Some(TextClass::StoppedByUser);
    if !by_text && stop.stop_code() != Some(&StopCode::UserInitiated) {
        return None;
    }
    let reason = stop.task.stopped_reason.as_deref().unwrap_or_default();
    if text::speaks_of_trouble(reason) {
        let found = stop.asked(
            Cause::StoppedByUser,
            Severity::Low,
            format!("was stopped by a caller who gave as reason: {reason}"),
        );
        return Some(found.noting("the caller's reason speaks of trouble"));
    }
    Some(stop.asked(Cause::StoppedByUser, Severity::Info, "was stopped by a user or another program."))
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task};
    use crate::judge::{Cause, Severity};
    use Severity::{Info, Low};

    #[test]
    fn a_users_stop_is_quiet_unless_its_reason_or_a_crash_speaks_of_trouble() {
        for (reason, exit, want) in [
            ("Task stopped by user", Some(0), Info),
            ("Task stopped by user", Some(2), Info),
            ("Task stopped by user", Some(137), Info),
            ("Task stopped by user", None, Info),
            ("office hours are over", Some(143), Info),
            ("host is in DRAINING state, says my script", Some(143), Info),
            ("deploy 1.2.3: raise heap, fixes OutOfMemoryError", Some(0), Low),
            ("Rollback v2: CannotPullContainerError in prod", Some(143), Low),
            ("Job timed out after 3600 s", Some(143), Low),
            ("Task failed to start within 5 minutes", None, Low),
            ("Task stopped by user", Some(139), Low),
        ] {
            for group in ["service:web", "family:job"] {
                let event = task(group, "UserInitiated", reason, &[("app", exit, "")]);
                assert_eq!(found(&event), (Cause::StoppedByUser, want), "{group} {reason} {exit:?}");
            }
        }
        assert_eq!(found(&task("family:job", "", "Stopped by user", &[])), (Cause::StoppedByUser, Info));
    }
}
