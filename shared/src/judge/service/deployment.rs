//! A deployment that failed or is rolled back.
//!
//! A rollback by the circuit breaker or an alarm is `SERVICE_DEPLOYMENT_IN_PROGRESS` of type `INFO`: only the
//! reason tells it from the begin of a deployment. Daemons have names of their own for it.
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// Words of a rollback in a reason.
const ROLLING_BACK: [&str; 3] = ["rolling back", "rolled back", "rollback"];

/// Failed and rolled-back deployments.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let high = |cause, summary: &str| Some(Finding::new(cause, Severity::High, summary));
    match report.name {
        "SERVICE_DEPLOYMENT_FAILED" if report.says(&["alarm"]) => {
            high(Cause::DeploymentFailed, "failed to deploy: an alarm of the deployment went off.")
        }
        "SERVICE_DEPLOYMENT_FAILED" if report.says(&["circuit breaker"]) => {
            high(Cause::DeploymentFailed, "failed to deploy: its new tasks did not become steady.")
        }
        "SERVICE_DEPLOYMENT_FAILED" => high(Cause::DeploymentFailed, "failed to deploy."),
        "DAEMON_DEPLOYMENT_ROLLBACK_FAILED" => {
            high(Cause::DeploymentFailed, "failed to deploy, and could not be rolled back.")
        }
        "SERVICE_DEPLOYMENT_IN_PROGRESS" if report.says(&ROLLING_BACK) => {
            let finding = high(Cause::DeploymentRolledBack, "is rolled back: its deployment failed.");
            finding.map(|finding| {
                finding.noting("the event calls itself a deployment in progress, and its reason a rollback")
            })
        }
        "DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS" | "DAEMON_DEPLOYMENT_STOP_REQUESTED" => {
            high(Cause::DeploymentRolledBack, "is rolled back: its deployment failed or was stopped.")
        }
        // The deployment ends with an event of its own, which is louder.
        "HOOK_FAILED" => Some(hook("failed at a hook of its deployment, or somebody chose to roll it back.")),
        "HOOK_TIMED_OUT" => Some(hook("waited too long at a hook of its deployment.")),
        _ => None,
    }
}

/// A deployment that a hook stopped.
fn hook(summary: &str) -> Finding {
    Finding::new(Cause::DeploymentFailed, Severity::Medium, summary)
}

#[cfg(test)]
mod tests {
    use crate::judge::service::testing::found;
    use crate::judge::{Cause, Severity};

    #[test]
    fn the_reason_tells_a_rollback_from_a_deployment() {
        let (failed, back, quiet) = (
            (Cause::DeploymentFailed, Severity::High),
            (Cause::DeploymentRolledBack, Severity::High),
            (Cause::Steady, Severity::Info),
        );
        let hook = (Cause::DeploymentFailed, Severity::Medium);
        let in_progress = "SERVICE_DEPLOYMENT_IN_PROGRESS";
        for (name, reason, want) in [
            (in_progress, "ECS deployment ecs-svc/1 in progress.", quiet),
            (in_progress, "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.", back),
            (in_progress, "ECS deployment alarm detected: Rolling back to deploymentId ecs-svc/1.", back),
            (in_progress, "", quiet),
            ("SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed.", quiet),
            ("SERVICE_DEPLOYMENT_COMPLETED", "The rollback is completed.", quiet),
            ("SERVICE_DEPLOYMENT_FAILED", "ECS deployment circuit breaker: task failed to start.", failed),
            ("SERVICE_DEPLOYMENT_FAILED", "", failed),
            ("SERVICE_DEPLOYMENT_FAILED", "rolling back to deploymentId ecs-svc/1", failed),
            ("DAEMON_DEPLOYMENT_ROLLBACK_FAILED", "", failed),
            ("DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS", "", back),
            ("DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL", "", quiet),
            ("HOOK_TIMED_OUT", "", hook),
            ("HOOK_FAILED", "", hook),
        ] {
            for event_type in ["INFO", "ERROR", "", "OF_THE_FUTURE"] {
                assert_eq!(found(name, event_type, reason), want, "{name} {event_type} {reason}");
            }
        }
    }
}
