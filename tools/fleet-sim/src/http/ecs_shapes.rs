//! ECS's things as its API writes them.

use std::time::Duration;

use serde_json::{Map, Value, json};
use shared::drain::task::SchedulingStrategy;
use shared::event::Timestamp;
use shared::ports::Page;

use crate::auto_scaling::Group;
use crate::ec2::InstanceNo;
use crate::ecs::{ClusterNo, ServiceNo, TaskNo, container_definitions, definition_arn};
use crate::world::World;

/// A time: seconds with a fraction.
fn seconds(at: Timestamp) -> Value {
    let millis = at.as_millis();
    let text = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// An object without the fields that are null: AWS leaves them out.
fn dense(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, field)| !field.is_null()).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => value,
    }
}

/// A page of ARNs.
pub(super) fn page(name: &str, page: &Page<String>) -> Value {
    dense(json!({name: page.items, "nextToken": page.next}))
}

/// A container instance.
pub(super) fn container_instance(world: &World, number: InstanceNo) -> Value {
    let Some(container) = &world.instance(number).container else { return Value::Null };
    let (running, pending) = world.counts(number);
    let custom = container.attributes.iter().map(|(name, value)| json!({"name": name, "value": value}));
    let attributes: Vec<Value> = custom
        .chain([
            json!({"name": "ecs.os-type", "value": "linux"}),
            // Most of the built-in ones have no value.
            json!({"name": "com.amazonaws.ecs.capability.task-iam-role"}),
        ])
        .collect();
    dense(json!({
        "containerInstanceArn": container.arn,
        "ec2InstanceId": world.instance(number).id,
        "version": container.version,
        "versionInfo": {"agentVersion": "1.90.0"},
        "remainingResources": [],
        "registeredResources": [],
        "status": container.status.word(),
        "agentConnected": container.agent_connected,
        "runningTasksCount": running,
        "pendingTasksCount": pending,
        "attributes": attributes,
        "capacityProviderName": world.provider_of(number),
    }))
}

/// A capacity provider of a group.
pub(super) fn capacity_provider(group: &Group) -> Value {
    let Some((name, protects)) = &group.capacity_provider else { return Value::Null };
    json!({
        "name": name,
        "status": "ACTIVE",
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": group.arn(),
            "managedScaling": {"status": if *protects { "ENABLED" } else { "DISABLED" }},
            "managedTerminationProtection": if *protects { "ENABLED" } else { "DISABLED" },
        },
    })
}

/// A task, with its tags where they were asked for.
pub(super) fn task_with_tags(world: &World, number: TaskNo, with_tags: bool) -> Value {
    let mut task = task(world, number);
    if with_tags {
        let tags = world.task(number).tags.iter().map(|(key, value)| json!({"key": key, "value": value}));
        task["tags"] = tags.collect();
    }
    task
}

/// A task.
pub(super) fn task(world: &World, number: TaskNo) -> Value {
    let task = world.task(number);
    let container = world.instance(task.instance).container.as_ref().map(|container| &container.arn);
    let ending = task.ending.as_ref();
    dense(json!({
        "taskArn": task.arn,
        "capacityProviderName": world.provider_of(task.instance),
        "clusterArn": world.clusters[task.cluster.0].arn,
        "containerInstanceArn": container,
        "containers": world.containers_of(number),
        "createdAt": seconds(task.created),
        "desiredStatus": task.desired.word(),
        "group": world.group_of(number),
        "lastStatus": task.last.word(),
        "launchType": "EC2",
        "startedAt": task.started_at.map(seconds),
        "startedBy": world.started_by(number),
        "stopCode": ending.map(|ending| ending.code),
        "stoppedReason": ending.map(|ending| &ending.reason),
        "stoppingAt": task.asked_at.or(task.ended_at).map(seconds),
        "executionStoppedAt": task.ended_at.map(seconds),
        "stoppedAt": task.stopped_at.map(seconds),
        "taskDefinitionArn": definition_arn(&task.family),
        "version": task.version,
    }))
}

/// A cluster.
pub(super) fn cluster(world: &World, number: ClusterNo) -> Value {
    let (cluster, counts) = (&world.clusters[number.0], world.cluster_counts(number));
    json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "activeServicesCount": counts.services,
        "registeredContainerInstancesCount": counts.container_instances,
        "runningTasksCount": counts.running_tasks,
        "pendingTasksCount": counts.pending_tasks,
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
        "settings": [],
        "statistics": [],
        "tags": [],
    })
}

/// A service.
pub(super) fn service(world: &World, number: ServiceNo) -> Value {
    let service = world.service(number);
    let (desired, running, pending) = world.service_counts(number);
    let events = service.events.iter().enumerate().rev().map(|(place, event)| {
        let id = format!("e5e00000-0000-4000-8000-{place:012x}");
        json!({"id": id, "createdAt": seconds(event.at), "message": event.message})
    });
    json!({
        "serviceName": service.plan.name,
        "serviceArn": service.arn(),
        "clusterArn": world.clusters[service.cluster.0].arn,
        "status": service.status.word(),
        "launchType": "EC2",
        "schedulingStrategy": match service.plan.strategy {
            SchedulingStrategy::Replica => "REPLICA",
            SchedulingStrategy::Daemon => "DAEMON",
        },
        "desiredCount": desired,
        "runningCount": running,
        "pendingCount": pending,
        "events": events.collect::<Vec<_>>(),
        "taskDefinition": definition_arn(&service.plan.name),
        "deployments": [{
            "id": service.deployment(),
            "status": "PRIMARY",
            "rolloutState": if service.rolls_out { "IN_PROGRESS" } else { "COMPLETED" },
            "taskDefinition": definition_arn(&service.plan.name),
            "desiredCount": desired,
            "runningCount": running,
            "pendingCount": pending,
            "failedTasks": 0,
            "createdAt": seconds(service.deployed),
            "updatedAt": seconds(service.deployed),
            "launchType": "EC2",
        }],
        "deploymentConfiguration": {
            "minimumHealthyPercent": service.plan.minimum_percent,
            "maximumPercent": service.plan.maximum_percent,
        },
    })
}

/// Whether a task is protected.
pub(super) fn protection(world: &World, number: TaskNo) -> Value {
    let task = world.task(number);
    let protected = task.is_protected(world.now());
    dense(json!({
        "taskArn": task.arn,
        "protectionEnabled": protected,
        "expirationDate": task.protected_until.filter(|_| protected).map(seconds),
    }))
}

/// A task definition: by name, ARN or family.
pub(super) fn task_definition(name: &str, stop_timeout: Duration) -> Value {
    let family = name.rsplit('/').next().unwrap_or(name).split(':').next().unwrap_or(name);
    json!({
        "taskDefinitionArn": definition_arn(family),
        "family": family,
        "revision": 1,
        "status": "ACTIVE",
        "containerDefinitions": container_definitions(family, stop_timeout.as_secs()),
    })
}
