//! ECS's replies in our words.
//!
//! The SDK takes an empty body for an empty reply, a missing count for 0 and a missing flag for false. ECS
//! writes its lists even where they are empty, so a reply without its list is no answer; counts and flags
//! prove nothing. What is described without its ARN keeps its place under an empty one: it is nobody's, and
//! it is not lost.

use aws_sdk_ecs::types::{
    ContainerInstance as SdkContainerInstance, Failure as SdkFailure, ProtectedTask,
    SchedulingStrategy as SdkStrategy, Service, Task as SdkTask,
};

use crate::drain::container_instance::{ContainerInstance, Status};
use crate::drain::task::{SchedulingStrategy, Task};
use crate::ports::ecs::{Failure, Partial};
use crate::ports::{ApiError, Page};

/// A page; an empty token is none.
pub(in crate::aws) fn page(
    arns: Option<Vec<String>>,
    next: Option<String>,
) -> Result<Page<String>, ApiError> {
    let items = arns.ok_or_else(no_list)?;
    Ok(Page { items, next: next.filter(|token| !token.is_empty()) })
}

/// A reply whose every element is read.
pub(in crate::aws) fn partial<S, T>(
    found: Option<Vec<S>>,
    failures: Option<Vec<SdkFailure>>,
    read: impl Fn(S) -> T,
) -> Result<Partial<T>, ApiError> {
    some(found, failures, |element| Some(read(element)))
}

/// A reply of which some elements count.
pub(in crate::aws) fn some<S, T>(
    found: Option<Vec<S>>,
    failures: Option<Vec<SdkFailure>>,
    read: impl Fn(S) -> Option<T>,
) -> Result<Partial<T>, ApiError> {
    let failures: Vec<_> = failures.unwrap_or_default().into_iter().map(failure).collect();
    let found = match found {
        Some(found) => found.into_iter().filter_map(read).collect(),
        None if failures.is_empty() => return Err(no_list()),
        None => Vec::new(),
    };
    Ok(Partial { found, failures })
}

/// The reply does not say what it was asked for.
fn no_list() -> ApiError {
    ApiError::Unavailable("the reply holds no list".to_owned())
}

/// An element of `failures[]`.
fn failure(failure: SdkFailure) -> Failure {
    Failure { arn: failure.arn.unwrap_or_default(), reason: failure.reason.unwrap_or_default() }
}

/// A container instance; a status that is missing is no status anybody knows.
pub(in crate::aws) fn container_instance(instance: SdkContainerInstance) -> ContainerInstance {
    let attributes = instance.attributes.unwrap_or_default().into_iter();
    ContainerInstance {
        arn: instance.container_instance_arn.unwrap_or_default(),
        ec2_instance_id: instance.ec2_instance_id,
        status: Status::from_word(instance.status.as_deref().unwrap_or_default()),
        agent_connected: instance.agent_connected,
        running_tasks_count: instance.running_tasks_count.into(),
        pending_tasks_count: instance.pending_tasks_count.into(),
        attributes: attributes.filter_map(|attribute| Some((attribute.name, attribute.value?))).collect(),
    }
}

/// The ARN of a container instance that is DRAINING now.
pub(super) fn drained(instance: SdkContainerInstance) -> Option<String> {
    let is_draining = instance.status.as_deref().map(Status::from_word) == Some(Status::Draining);
    instance.container_instance_arn.filter(|_| is_draining)
}

/// A task.
pub(in crate::aws) fn task(task: SdkTask) -> Task {
    Task {
        arn: task.task_arn.unwrap_or_default(),
        container_instance: task.container_instance_arn,
        group: task.group,
        started_by: task.started_by,
        last_status: task.last_status,
        desired_status: task.desired_status,
        stopped_reason: task.stopped_reason,
    }
}

/// A service and its strategy; one that nobody knows is taken for the default, REPLICA, whose tasks are waited
/// for.
pub(super) fn service(service: Service) -> (String, SchedulingStrategy) {
    let is_daemon = service.scheduling_strategy == Some(SdkStrategy::Daemon);
    let strategy = if is_daemon { SchedulingStrategy::Daemon } else { SchedulingStrategy::Replica };
    (service.service_name.unwrap_or_default(), strategy)
}

/// The ARN of a task that is protected. ECS itself ends a protection that has expired.
pub(super) fn protected(task: ProtectedTask) -> Option<String> {
    task.task_arn.filter(|_| task.protection_enabled)
}
