//! Events as AWS writes them.

mod auto_scaling;
mod ecs;
#[cfg(test)]
mod tests;

pub(crate) use auto_scaling::{lifecycle_actions, spot_warning};
pub(crate) use ecs::{container_change, task_change};

use serde_json::{Value, json};
use shared::event::Timestamp;

use crate::ecs::{ACCOUNT, REGION};
use crate::outbox::Kind;
use crate::world::World;

/// An event in its envelope.
pub(crate) fn in_envelope(
    id: &str,
    at: Timestamp,
    source: &str,
    detail_type: &str,
    resources: &[&str],
    detail: &Value,
) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": at.to_string(),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    })
}

/// Sends an event on its way.
fn send(world: &mut World, source: &str, kind: Kind, resources: &[&str], detail: &Value) {
    let now = world.now();
    let id = world.outbox.next_id();
    let event = in_envelope(&id, now, source, kind.detail_type(), resources, detail);
    world.outbox.send(now, kind, event.to_string());
}
