//! Rule: the scheduler replaced the task because a health check failed, whatever its containers returned.

use crate::judge::{Cause, Finding, Severity, Stop, text::TextClass};

/// High, also with exit code 0: the process answered SIGTERM well, and it served nobody.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    (stop.reason == Some(TextClass::HealthCheck)).then(|| {
        Finding::new(Cause::HealthCheck, Severity::High, "failed its health checks and was stopped.")
            .noting("exit codes after a failed health check follow from the stop")
    })
}

#[cfg(test)]
mod tests {
    use crate::judge::rules::testing::{found, task};
    use crate::judge::{Cause, Severity};

    #[test]
    fn a_failed_check_is_high_whatever_the_exit_code() {
        for reason in
            ["Task failed ELB health checks in (target-group arn:x)", "Task failed container health checks"]
        {
            for exit in [Some(0), Some(143), Some(137), None] {
                let event = task("service:web", "ServiceSchedulerInitiated", reason, &[("app", exit, "")]);
                assert_eq!(found(&event), (Cause::HealthCheck, Severity::High), "{reason} {exit:?}");
            }
        }
    }
}
