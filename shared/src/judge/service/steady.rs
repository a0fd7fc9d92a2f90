//! All goes its way: quiet.
//!
//! A rollback that calls itself a deployment in progress was taken by the rule before.
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// What is said of each name.
const STEADY: [(&str, &str); 15] = [
    ("SERVICE_STEADY_STATE", "is steady."),
    ("TASKSET_STEADY_STATE", "has a steady task set."),
    ("CAPACITY_PROVIDER_STEADY_STATE", "has a steady capacity provider."),
    ("SERVICE_DESIRED_COUNT_UPDATED", "was scaled."),
    ("TASKS_STOPPED", "stopped tasks it does not need."),
    ("SERVICE_DEPLOYMENT_IN_PROGRESS", "is being deployed."),
    ("SERVICE_DEPLOYMENT_COMPLETED", "was deployed."),
    ("DAEMON_DEPLOYMENT_PENDING", "is about to be deployed."),
    ("DAEMON_DEPLOYMENT_IN_PROGRESS", "is being deployed."),
    ("DAEMON_DEPLOYMENT_SUCCESSFUL", "was deployed."),
    ("DAEMON_DEPLOYMENT_STOPPED", "is not deployed any further: the deployment was stopped or replaced."),
    ("DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL", "was rolled back."),
    ("HOOK_IN_PROGRESS", "runs a hook of its deployment."),
    ("HOOK_AWAITING_ACTION", "waits at a hook of its deployment for somebody to continue it."),
    ("HOOK_SUCCEEDED", "passed a hook of its deployment."),
];

/// Names that are no trouble.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let (_, summary) = STEADY.iter().find(|(name, _)| *name == report.name)?;
    Some(Finding::new(Cause::Steady, Severity::Info, *summary))
}

#[cfg(test)]
mod tests {
    use super::STEADY;
    use crate::judge::service::testing::found;
    use crate::judge::{Cause, Severity};

    #[test]
    fn what_goes_its_way_is_quiet_whatever_the_type() {
        for (name, _) in STEADY {
            for event_type in ["INFO", "ERROR"] {
                assert_eq!(found(name, event_type, ""), (Cause::Steady, Severity::Info), "{name}");
            }
        }
    }
}
