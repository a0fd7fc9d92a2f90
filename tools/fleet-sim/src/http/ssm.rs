//! Systems Manager over HTTP: awsJson 1.1.

use std::time::Duration;

use loopback::{Reply, Request};
use serde_json::{Value, json};
use shared::event::Timestamp;
use shared::ports::ApiError;

use super::json::{self, text, texts};
use super::reply;
use crate::api::Op;
use crate::ecs::api::refused;
use crate::run_command::Asked;
use crate::sim::Sim;
use crate::world::World;

/// What stands before an operation's name.
pub(super) const TARGET: &str = "AmazonSSM.";
/// How long a command may run that does not say, in seconds.
const EXECUTION_TIMEOUT: u64 = 3600;

/// Answers a request.
pub(super) fn answer(sim: &Sim, request: &Request, target: &str) -> Reply {
    let Some(op) = target.strip_prefix(TARGET).and_then(Op::named) else {
        return json::error(400, "UnknownOperationException", target);
    };
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return json::error(400, "SerializationException", "not JSON");
    };
    let called = sim.try_call(op, |world, _| {
        if op == Op::SendCommand {
            send_command(world, &body)
        } else if op == Op::ListCommandInvocations {
            list_command_invocations(world, &body)
        } else {
            Err(refused("UnknownOperationException", op.name()))
        }
    });
    reply(sim, called, |answer| json::reply(200, &answer), json::error)
}

/// `SendCommand`, to one instance.
fn send_command(world: &mut World, body: &Value) -> Result<Value, ApiError> {
    if text(body, "DocumentName") != Some("AWS-RunShellScript") {
        return Err(refused("InvalidDocument", "The document does not exist."));
    }
    let delivery = body.get("TimeoutSeconds").and_then(Value::as_u64).unwrap_or(EXECUTION_TIMEOUT);
    let comment = text(body, "Comment").unwrap_or_default();
    if !(30..=2_592_000).contains(&delivery) || comment.chars().count() > 100 {
        return Err(refused("ValidationException", "TimeoutSeconds or Comment is out of bounds."));
    }
    let parameters = body.get("Parameters").cloned().unwrap_or_default();
    let script = texts(&parameters, "commands").join("\n");
    let within = texts(&parameters, "executionTimeout").first().and_then(|text| text.parse().ok());
    let within = Duration::from_secs(within.unwrap_or(EXECUTION_TIMEOUT));
    let instances = texts(body, "InstanceIds");
    let [instance_id] = instances.as_slice() else {
        return Err(refused("ValidationException", "One instance is simulated."));
    };
    let id = world.send_command(Asked { instance_id, comment, script: &script, within })?;
    Ok(
        json!({"Command": {"CommandId": id, "Comment": comment, "InstanceIds": instances, "Status": "Pending"}}),
    )
}

/// `ListCommandInvocations` of one instance.
fn list_command_invocations(world: &World, body: &Value) -> Result<Value, ApiError> {
    let instance_id = text(body, "InstanceId").unwrap_or_default();
    let filters = json::objects(body, "Filters");
    let after = filters.iter().find(|filter| text(filter, "key") == Some("InvokedAfter"));
    let after = after.and_then(|filter| text(filter, "value"));
    let after = match after.map(Timestamp::parse) {
        None => Timestamp::from_millis(0),
        Some(Some(after)) => after,
        Some(None) => return Err(refused("InvalidFilterValue", "InvokedAfter is no time.")),
    };
    let invocations = world.commands_of(instance_id, after).into_iter().map(|sent| {
        let (status, details) = world.command_status(sent);
        json!({
            "CommandId": sent.id,
            "InstanceId": instance_id,
            "Comment": sent.comment,
            "DocumentName": "AWS-RunShellScript",
            "RequestedDateTime": sent.at.to_the_second().as_millis() / 1000,
            "Status": status,
            "StatusDetails": details,
        })
    });
    Ok(json!({"CommandInvocations": invocations.collect::<Vec<_>>()}))
}
