//! What the simulation itself offers below `/_fleet`: the clock, events, terminations, faults, the ledger.

use std::time::Duration;

use loopback::{Reply, Request};
use serde_json::{Value, json};

use super::json as form;
use crate::api::Op;
use crate::api::faults::{Failing, Fault, Rule};
use crate::ec2::{InstanceNo, Power};
use crate::ecs::StandalonePlan;
use crate::report::Report;
use crate::sim::Sim;
use crate::world::World;

/// Answers a request; an unknown one with 404, a wrong one with 400.
pub(super) fn answer(sim: &Sim, request: &Request) -> Reply {
    let path = request.path.trim_start_matches("/_fleet/");
    let (what, query) = path.split_once('?').unwrap_or((path, ""));
    let field = |name: &str| {
        let fields = query.split('&').filter_map(|field| field.split_once('='));
        fields.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    };
    let mut world = sim.world();
    let done = match (request.method.as_str(), what) {
        ("POST", "advance") => advance(&mut world, field("seconds")),
        ("GET", "events") => Some(events(&mut world)),
        ("GET", "state") => Some(state(&world)),
        ("POST", "terminate") => named(&world, field("instance")).map(|instance| {
            let begun = match field("to") {
                Some("warm-pool") => world.terminate_to_warm_pool(instance),
                Some(_) | None => world.terminate(instance),
            };
            json!({"terminating": begun})
        }),
        ("POST", "scale-in") => field("group").and_then(|name| world.group_named(name)).map(|group| {
            let victim = world.scale_in(group);
            json!({"terminating": victim.map(|victim| &world.instance(victim).id)})
        }),
        ("POST", "spot") => named(&world, field("instance")).map(|instance| {
            world.spot_interrupt(instance);
            json!({"warned": true})
        }),
        ("POST", "desired") => desired(&mut world, &field),
        ("POST", "run") => run(&mut world, &field),
        ("POST", "crash") => crash(&mut world, &field),
        ("POST", "fault") => fault(&mut world, &field),
        ("POST", "faults/clear") => {
            world.api.faults.clear();
            Some(json!({}))
        }
        _ => return form::error(404, "NotFound", &request.path),
    };
    done.map_or_else(
        || form::error(400, "BadRequest", &request.path),
        |answer| Reply::body(200, &answer.to_string()),
    )
}

/// Lets time pass.
fn advance(world: &mut World, seconds: Option<&str>) -> Option<Value> {
    let seconds: u64 = seconds?.parse().ok()?;
    world.advance_by(Duration::from_secs(seconds));
    Some(json!({"now": world.now().to_string(), "millis": world.now().as_millis()}))
}

/// Takes the events that have arrived.
fn events(world: &mut World) -> Value {
    let due = world.due_deliveries();
    due.iter().filter_map(|delivery| serde_json::from_str::<Value>(&delivery.event).ok()).collect()
}

/// The instance of an id.
fn named(world: &World, id: Option<&str>) -> Option<InstanceNo> {
    world.instance_of_id(id?)
}

/// Runs a task of `family` on `instance`, with the tag `tag`=`value` where one is named; its ARN.
fn run<'a>(world: &mut World, field: &impl Fn(&str) -> Option<&'a str>) -> Option<Value> {
    let instance = named(world, field("instance"))?;
    let plan = StandalonePlan::of_family(field("family")?);
    let plan = match field("tag") {
        Some(tag) => plan.tag(tag, field("value").unwrap_or_default()),
        None => plan,
    };
    let task = world.run_standalone(instance, &plan)?;
    Some(json!({"taskArn": world.task(task).arn}))
}

/// Lets a running task of `service` end by itself with `exit_code`, on `instance` or anywhere; its ARN, and no
/// ARN where none runs.
fn crash<'a>(world: &mut World, field: &impl Fn(&str) -> Option<&'a str>) -> Option<Value> {
    let service = world.service_called(field("service")?)?;
    let exit_code: i32 = field("exit_code")?.parse().ok()?;
    let instance = match field("instance") {
        Some(id) => Some(world.instance_of_id(id)?),
        None => None,
    };
    let task = world.crash(service, instance, exit_code);
    Some(json!({"taskArn": task.map(|task| &world.task(task).arn)}))
}

/// Has `service` want `count` tasks.
fn desired<'a>(world: &mut World, field: &impl Fn(&str) -> Option<&'a str>) -> Option<Value> {
    let service = world.service_called(field("service")?)?;
    world.set_desired(service, field("count")?.parse().ok()?);
    Some(json!({}))
}

/// Lets something go wrong: `fault`, for the operation `op` or all, for the `nth` or all, `per_mille` of them.
fn fault<'a>(world: &mut World, field: &impl Fn(&str) -> Option<&'a str>) -> Option<Value> {
    let fault = match field("fault")? {
        "throttled" => Fault::Throttled,
        "denied" => Fault::Refused("AccessDeniedException"),
        "error-before" => Fault::FailsBefore(Failing::ServerError),
        "error-after" => Fault::FailsAfter(Failing::ServerError),
        "reset-before" => Fault::FailsBefore(Failing::Reset),
        "reset-after" => Fault::FailsAfter(Failing::Reset),
        "timeout-before" => Fault::FailsBefore(Failing::TimedOut),
        "timeout-after" => Fault::FailsAfter(Failing::TimedOut),
        "partial" => Fault::Partial("MISSING"),
        _ => return None,
    };
    let mut rule = match field("op") {
        Some(op) => Rule::on(Op::named(op)?, fault),
        None => Rule::any(fault),
    };
    if let Some(number) = field("nth") {
        rule = rule.nth(number.parse().ok()?);
    }
    if let Some(per_mille) = field("per_mille") {
        rule = rule.per_mille(per_mille.parse().ok()?);
    }
    world.api.faults.add(rule);
    Some(json!({}))
}

/// What there is, and what became of it.
fn state(world: &World) -> Value {
    let report = Report::of(world);
    let instances: Vec<Value> = world.all_instances().map(|number| instance(world, number)).collect();
    let calls: serde_json::Map<String, Value> =
        report.calls.iter().map(|(op, count)| (op.name().to_owned(), json!(count))).collect();
    json!({
        "now": world.now().to_string(),
        "instances": instances,
        "tasksKilled": report.killed,
        "daemonsKilled": report.daemons_killed,
        "hooksContinued": report.continued,
        "hooksAbandoned": report.abandoned,
        "hooksExpired": report.expired,
        "heartbeats": report.heartbeats,
        "retained": report.retained,
        "unfinished": report.unfinished,
        "calls": calls,
        "throttled": report.throttled,
        "readsOverBudget": report.reads_over_budget,
    })
}

/// An instance in short.
fn instance(world: &World, number: InstanceNo) -> Value {
    let instance = world.instance(number);
    json!({
        "id": instance.id,
        "running": instance.power == Power::Running,
        "protected": instance.membership.as_ref().is_some_and(|member| member.protected_from_scale_in),
        "lifecycleState": instance.membership.as_ref().map(|member| member.stage.word()),
        "status": instance.container.as_ref().map(|container| container.status.word()),
        "tasks": world.live_tasks(number).len(),
    })
}
