//! ECS over HTTP: awsJson 1.1.

use std::time::Duration;

use loopback::{Reply, Request};
use serde_json::{Value, json};
use shared::drain::container_instance::Status;
use shared::drain::task::DesiredStatus;
use shared::ports::ApiError;
use shared::ports::ecs::{Failure, Partial};

use super::ecs_shapes as shapes;
use super::json::{self, most, text, texts};
use super::{filter, reply};
use crate::api::{Op, Spoiled};
use crate::ecs::api::{TaskQuery, invalid, refused};
use crate::sim::Sim;
use crate::world::World;

/// What stands before an operation's name.
const TARGET: &str = "AmazonEC2ContainerServiceV20141113.";
/// Elements of a page unless a request says otherwise.
const PAGE: usize = 100;
/// Services of a page unless a request says otherwise.
const SERVICES: usize = 10;

/// Answers a request.
pub(super) fn answer(sim: &Sim, request: &Request, target: &str) -> Reply {
    let Some(op) = target.strip_prefix(TARGET).and_then(Op::named) else {
        return json::error(400, "UnknownOperationException", target);
    };
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return json::error(400, "SerializationException", "not JSON");
    };
    let called = sim.try_call(op, |world, spoiled| act(world, op, &body, spoiled));
    reply(sim, called, |answer| json::reply(200, &answer), json::error)
}

/// Does what a request asks for.
fn act(world: &mut World, op: Op, body: &Value, spoiled: Spoiled) -> Result<Value, ApiError> {
    let cluster = text(body, "cluster").unwrap_or("default");
    match op {
        Op::ListClusters => {
            let page = world.list_clusters(text(body, "nextToken"), most(body, PAGE))?;
            Ok(shapes::page("clusterArns", &page))
        }
        Op::DescribeClusters => describe_clusters(world, body, spoiled),
        Op::ListServices => list_services(world, cluster, body),
        Op::ListContainerInstances => list_container_instances(world, cluster, body),
        Op::DescribeContainerInstances => {
            let asked = texts(body, "containerInstances");
            let found = world.describe_container_instances(cluster, &asked, spoiled)?;
            Ok(partial("containerInstances", found, |one| shapes::container_instance(world, one)))
        }
        Op::UpdateContainerInstancesState => {
            let status = match text(body, "status") {
                Some("ACTIVE") => Status::Active,
                Some("DRAINING") => Status::Draining,
                _ => return Err(invalid("Container instance status should be one of [ACTIVE,DRAINING].")),
            };
            let asked = texts(body, "containerInstances");
            let found = world.update_container_instances(cluster, &asked, &status, spoiled)?;
            Ok(partial("containerInstances", found, |one| shapes::container_instance(world, one)))
        }
        Op::PutAttributes => {
            let attributes: Vec<_> = json::objects(body, "attributes")
                .iter()
                .map(|one| {
                    let of = |name| text(one, name).unwrap_or_default();
                    (of("targetId"), of("name"), of("value"))
                })
                .collect();
            world.put_attributes(cluster, &attributes)?;
            Ok(json!({"attributes": body.get("attributes")}))
        }
        Op::DeleteAttributes => {
            let attributes = json::objects(body, "attributes");
            let of = |one, name| text(one, name).unwrap_or_default();
            let named: Vec<_> = attributes.iter().map(|one| (of(one, "targetId"), of(one, "name"))).collect();
            world.delete_attributes(cluster, &named)?;
            Ok(json!({"attributes": body.get("attributes")}))
        }
        Op::ListTasks => list_tasks(world, cluster, body),
        Op::DescribeTasks => {
            let found = world.describe_tasks(cluster, &texts(body, "tasks"), spoiled)?;
            let with_tags = texts(body, "include").iter().any(|one| one == "TAGS");
            Ok(partial("tasks", found, |task| shapes::task_with_tags(world, task, with_tags)))
        }
        Op::StopTask => {
            let (task, reason) = (text(body, "task"), text(body, "reason").unwrap_or_default());
            let task = world.call_stop_task(cluster, task.unwrap_or_default(), reason)?;
            Ok(json!({"task": shapes::task(world, task)}))
        }
        Op::DescribeServices => {
            let found = world.describe_services(cluster, &texts(body, "services"), spoiled)?;
            Ok(partial("services", found, |service| shapes::service(world, service)))
        }
        Op::GetTaskProtection => {
            let found = world.task_protection(cluster, &texts(body, "tasks"), spoiled)?;
            Ok(partial("protectedTasks", found, |task| shapes::protection(world, task)))
        }
        Op::DescribeTaskDefinition => describe_task_definition(world, body),
        Op::DescribeCapacityProviders => {
            let found = world.describe_capacity_providers(&texts(body, "capacityProviders"), spoiled)?;
            Ok(partial("capacityProviders", found, |group| shapes::capacity_provider(world.group(group))))
        }
        Op::DescribeAutoScalingGroups
        | Op::DescribeAutoScalingInstances
        | Op::DescribeLifecycleHooks
        | Op::RecordLifecycleActionHeartbeat
        | Op::CompleteLifecycleAction
        | Op::SetInstanceProtection
        | Op::Publish
        | Op::SendCommand
        | Op::ListCommandInvocations => Err(refused("UnknownOperationException", op.name())),
    }
}

/// `DescribeTaskDefinition`.
fn describe_task_definition(world: &World, body: &Value) -> Result<Value, ApiError> {
    let name = text(body, "taskDefinition").unwrap_or_default();
    let found: Option<Duration> = world.stop_timeout_of(name);
    let timeout = found.ok_or_else(|| refused("ClientException", "Unable to describe task definition."))?;
    Ok(json!({"taskDefinition": shapes::task_definition(name, timeout)}))
}

/// `DescribeClusters`; the cluster `default` where none is named.
fn describe_clusters(world: &mut World, body: &Value, spoiled: Spoiled) -> Result<Value, ApiError> {
    let asked = texts(body, "clusters");
    let asked = if asked.is_empty() { vec!["default".to_owned()] } else { asked };
    let found = world.describe_clusters(&asked, spoiled)?;
    Ok(partial("clusters", found, |one| shapes::cluster(world, one)))
}

/// `ListServices`.
fn list_services(world: &World, cluster: &str, body: &Value) -> Result<Value, ApiError> {
    let page = world.list_services(cluster, text(body, "nextToken"), most(body, SERVICES))?;
    Ok(shapes::page("serviceArns", &page))
}

/// `ListContainerInstances`.
fn list_container_instances(world: &World, cluster: &str, body: &Value) -> Result<Value, ApiError> {
    let token = text(body, "nextToken");
    let ids = match text(body, "filter") {
        Some(filter) if filter::attribute(filter).is_some() => {
            let name = filter::attribute(filter).unwrap_or_default();
            let page = world.list_with_attribute(cluster, name, token, most(body, PAGE))?;
            return Ok(shapes::page("containerInstanceArns", &page));
        }
        Some(filter) => {
            let ids = filter::instance_ids(filter);
            Some(ids.ok_or_else(|| invalid(format!("Invalid filter: {filter}")))?)
        }
        None => None,
    };
    let status = text(body, "status").map(Status::from_word);
    let page =
        world.list_container_instances(cluster, ids.as_deref(), status.as_ref(), token, most(body, PAGE))?;
    Ok(shapes::page("containerInstanceArns", &page))
}

/// `ListTasks`.
fn list_tasks(world: &mut World, cluster: &str, body: &Value) -> Result<Value, ApiError> {
    let desired = match text(body, "desiredStatus") {
        None | Some("RUNNING") => Some(DesiredStatus::Running),
        Some("STOPPED") => Some(DesiredStatus::Stopped),
        Some("PENDING") => None,
        Some(other) => return Err(invalid(format!("Invalid desired status: {other}"))),
    };
    let wanted = TaskQuery {
        container_instance: text(body, "containerInstance"),
        service: text(body, "serviceName"),
        family: text(body, "family"),
        desired,
    };
    let page = world.list_tasks(cluster, &wanted, text(body, "nextToken"), most(body, PAGE))?;
    Ok(shapes::page("taskArns", &page))
}

/// A reply with `failures[]`.
fn partial<T>(name: &str, partial: Partial<T>, shape: impl FnMut(T) -> Value) -> Value {
    let found: Vec<Value> = partial.found.into_iter().map(shape).collect();
    let failure = |failure: Failure| json!({"arn": failure.arn, "reason": failure.reason});
    let failures: Vec<Value> = partial.failures.into_iter().map(failure).collect();
    json!({name: found, "failures": failures})
}
