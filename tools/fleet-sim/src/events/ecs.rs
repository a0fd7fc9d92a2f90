//! Events of ECS.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html>: a task
//! that had been asked to stop and then does changes nothing about its container instance.

use serde_json::{Value, json};
use shared::event::Timestamp;

use super::send;
use crate::ec2::InstanceNo;
use crate::ecs::{TaskNo, definition_arn};
use crate::outbox::Kind;
use crate::world::World;

/// Puts a field into an object.
fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// A time as ECS's events write it.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}.{:03}Z", text.trim_end_matches('Z'), at.as_millis().rem_euclid(1000))
}

/// Tells of a task's change.
pub(crate) fn task_change(world: &mut World, number: TaskNo) {
    if !world.outbox.takes(Kind::TaskChange) {
        return;
    }
    let task = world.task(number).clone();
    let cluster = world.clusters[task.cluster.0].arn.clone();
    let container = world.instance(task.instance).container.as_ref();
    let container = container.map(|container| container.arn.clone()).unwrap_or_default();
    let group = world.group_of(number);
    let mut detail = json!({
        "taskArn": task.arn,
        "clusterArn": cluster,
        "containerInstanceArn": container,
        "containers": world.containers_of(number),
        "createdAt": time(task.created),
        "desiredStatus": task.desired.word(),
        "group": group,
        "lastStatus": task.last.word(),
        "launchType": "EC2",
        "taskDefinitionArn": definition_arn(&task.family),
        "updatedAt": time(world.now()),
        "version": task.version,
    });
    if let Some(by) = world.started_by(number) {
        put(&mut detail, "startedBy", by);
    }
    if let Some(ending) = &task.ending {
        put(&mut detail, "stopCode", ending.code);
        put(&mut detail, "stoppedReason", ending.reason.as_str());
    }
    let times = [
        ("startedAt", task.started_at),
        ("stoppingAt", task.asked_at.or(task.ended_at)),
        ("executionStoppedAt", task.ended_at),
        ("stoppedAt", task.stopped_at),
    ];
    for (name, at) in times {
        if let Some(at) = at {
            put(&mut detail, name, time(at));
        }
    }
    send(world, "aws.ecs", Kind::TaskChange, &[&task.arn], &detail);
}

/// Tells of a container instance's change.
pub(crate) fn container_change(world: &mut World, instance: InstanceNo) {
    if !world.outbox.takes(Kind::ContainerInstanceChange) {
        return;
    }
    let Some(container) = world.instance(instance).container.clone() else { return };
    let (running, pending) = world.counts(instance);
    let attributes: Vec<_> = container
        .attributes
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .chain([json!({"name": "ecs.os-type", "value": "linux"})])
        .collect();
    let detail = json!({
        "agentConnected": container.agent_connected,
        "attributes": attributes,
        "clusterArn": world.clusters[container.cluster.0].arn,
        "containerInstanceArn": container.arn,
        "ec2InstanceId": world.instance(instance).id,
        "pendingTasksCount": pending,
        "registeredResources": [],
        "remainingResources": [],
        "runningTasksCount": running,
        "status": container.status.word(),
        "updatedAt": time(world.now()),
        "version": container.version,
    });
    send(world, "aws.ecs", Kind::ContainerInstanceChange, &[&container.arn], &detail);
}
