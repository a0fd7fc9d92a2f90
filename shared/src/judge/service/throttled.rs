//! The scheduler was throttled; it tries again by itself.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// Throttled by ECS's own API or by Cloud Map's.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let whose = match report.name {
        "ECS_OPERATION_THROTTLED" => "ECS",
        "SERVICE_DISCOVERY_OPERATION_THROTTLED" => "AWS Cloud Map",
        _ => return None,
    };
    let summary = format!("is scheduled more slowly: the scheduler was throttled by {whose}.");
    Some(Finding::new(Cause::Throttled, Severity::Low, summary))
}

#[cfg(test)]
mod tests {
    use crate::judge::service::testing::found;
    use crate::judge::{Cause, Severity};

    #[test]
    fn throttling_is_for_a_digest() {
        for name in ["ECS_OPERATION_THROTTLED", "SERVICE_DISCOVERY_OPERATION_THROTTLED"] {
            assert_eq!(found(name, "ERROR", ""), (Cause::Throttled, Severity::Low), "{name}");
        }
    }
}
