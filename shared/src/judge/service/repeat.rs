//! An event that was judged before: `EventBridge` and SQS deliver at least once, and these events have no version.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>.

use super::Report;
use crate::judge::{Cause, Finding, Severity};

/// Quiet where this very event was judged before.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    report.was_seen.then(|| {
        Finding::new(Cause::Duplicate, Severity::Info, "was told of before by the same event.")
            .noting("service, name, time, deployment and reason are those of an event that was judged")
    })
}
