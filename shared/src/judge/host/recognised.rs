//! What an event about a host is recognised by when it comes again.

use super::Happening;
use crate::event::{Event, InstanceHealth};

/// What an event is recognised by when it comes again; that of health is the same for all events that show it.
#[must_use]
pub fn key_of(happening: Happening<'_>, event: &Event) -> Option<String> {
    let by_id = || event.envelope.id.as_deref().map(|id| format!("host-event-{id}"));
    let of_health = |arn: &Option<Box<str>>, health: &InstanceHealth| {
        arn.as_deref().map(|arn| format!("health of {arn}: {}", health.occurrence()))
    };
    match happening {
        Happening::Change(change) => {
            let health = change.health_status.as_ref();
            health.and_then(|health| of_health(&change.container_instance_arn, health))
        }
        Happening::Health(health) if health.checks().any(|check| check.last_status_change.is_some()) => {
            of_health(&health.container_instance_arn, health)
        }
        Happening::Notice(notice) => notice.key(event.envelope.id.as_deref()),
        Happening::Health(_) | Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) => by_id(),
    }
}

/// The container instance a change is of, and its version.
#[must_use]
pub fn version_of(happening: Happening<'_>) -> Option<(&str, i64)> {
    match happening {
        Happening::Change(change) => change.container_instance_arn.as_deref().zip(change.version),
        Happening::Health(_)
        | Happening::Spot(_)
        | Happening::Rebalance(_)
        | Happening::State(_)
        | Happening::Notice(_) => None,
    }
}
