//! Short-hand for the tables of the rules.

use super::{Context, judge};
use crate::event::{ServiceEvent, Timestamp};
use crate::judge::{Cause, Severity, Verdict};
use crate::policy::Policy;

/// An event of the service `web` on `harbor`.
pub(crate) fn event(name: &str, event_type: &str, reason: &str) -> ServiceEvent {
    let text = |text: &str| (!text.is_empty()).then(|| text.into());
    ServiceEvent {
        event_name: text(name),
        event_type: text(event_type),
        reason: text(reason),
        cluster_arn: text("arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"),
        service_arn: text("arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"),
        created_at: text("2026-05-01T10:00:00Z"),
        ..ServiceEvent::default()
    }
}

/// A context in which nothing was seen before.
pub(crate) const fn fresh() -> Context {
    Context { now: Timestamp::from_millis(1_795_417_500_000), was_seen: false }
}

/// The verdict under no policy.
pub(crate) fn verdict_of(event: &ServiceEvent) -> Verdict {
    judge(event, &Policy::default(), fresh())
}

/// The verdict under no policy, by name, type and reason.
pub(crate) fn verdict(name: &str, event_type: &str, reason: &str) -> Verdict {
    verdict_of(&event(name, event_type, reason))
}

/// Cause and severity under no policy.
pub(crate) fn found(name: &str, event_type: &str, reason: &str) -> (Cause, Severity) {
    let verdict = verdict(name, event_type, reason);
    (verdict.cause, verdict.severity)
}
