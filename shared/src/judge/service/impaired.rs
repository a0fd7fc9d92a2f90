//! Unhealthy instances in service discovery, unhealthy targets, and health nobody can tell.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// What ECS finds unhealthy about a service.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let summary = match report.name {
        "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY" => "has an unhealthy task in service discovery.",
        "VPC_LATTICE_TARGET_UNHEALTHY" => "has an unhealthy target in VPC Lattice.",
        "SERVICE_HEALTH_UNKNOWN" => "has tasks whose health ECS cannot tell.",
        _ => return None,
    };
    Some(Finding::new(Cause::ServiceImpaired, Severity::Medium, summary))
}

#[cfg(test)]
mod tests {
    use crate::judge::service::testing::found;
    use crate::judge::{Cause, Severity};

    #[test]
    fn unhealthy_is_a_ticket_whatever_the_type() {
        for name in
            ["SERVICE_DISCOVERY_INSTANCE_UNHEALTHY", "VPC_LATTICE_TARGET_UNHEALTHY", "SERVICE_HEALTH_UNKNOWN"]
        {
            for event_type in ["INFO", "WARN", "ERROR"] {
                assert_eq!(found(name, event_type, ""), (Cause::ServiceImpaired, Severity::Medium), "{name}");
            }
        }
    }
}
