//! The replies in the audit's words.
//!
//! What is described without its ARN or its name keeps its place under an empty one: it is nobody's, and it is not
//! lost. A status that is missing is an empty one, which no check takes for a healthy one.

use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;
use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::{
    Cluster as SdkCluster, ContainerInstance as SdkInstance, SchedulingStrategy, Service as SdkService,
    ServiceEvent, Task as SdkTask,
};

use crate::audit::seen::{Cluster, Instance, Member, Service, ServiceMessage, Task};
use crate::aws::facts::read::deployment;
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::container_instance::Status;
use crate::drain::marks::DRAIN_STARTED;
use crate::event::Timestamp;
use crate::event::arn::{family_and_revision, last_part};

/// A time.
fn time(at: Option<DateTime>) -> Option<Timestamp> {
    at.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis)
}

/// A cluster.
pub(super) fn cluster(cluster: SdkCluster) -> Cluster {
    let arn = cluster.cluster_arn.unwrap_or_default();
    Cluster {
        name: cluster.cluster_name.unwrap_or_else(|| last_part(&arn).to_owned()),
        arn,
        status: cluster.status.unwrap_or_default(),
        services: cluster.active_services_count.into(),
        container_instances: cluster.registered_container_instances_count.into(),
        pending_tasks: cluster.pending_tasks_count.into(),
    }
}

/// A service.
pub(super) fn service(service: SdkService) -> Service {
    let configuration = service.deployment_configuration;
    let minimum = configuration.and_then(|configuration| configuration.minimum_healthy_percent);
    let arn = service.service_arn.unwrap_or_default();
    Service {
        name: service.service_name.unwrap_or_else(|| last_part(&arn).to_owned()),
        arn,
        status: service.status.unwrap_or_default(),
        is_daemon: service.scheduling_strategy == Some(SchedulingStrategy::Daemon),
        desired: service.desired_count.into(),
        running: service.running_count.into(),
        pending: service.pending_count.into(),
        minimum_percent: minimum.map(i64::from),
        deployments: service.deployments.unwrap_or_default().into_iter().map(deployment).collect(),
        last_event: service.events.unwrap_or_default().into_iter().map(message).next(),
    }
}

/// A line of the scheduler; ECS writes the newest first.
fn message(event: ServiceEvent) -> ServiceMessage {
    ServiceMessage { at: time(event.created_at), text: event.message.unwrap_or_default() }
}

/// A container instance; a status that is missing is no status anybody knows.
pub(super) fn instance(instance: SdkInstance) -> Instance {
    let tasks = i64::from(instance.running_tasks_count) + i64::from(instance.pending_tasks_count);
    let attributes = instance.attributes.unwrap_or_default();
    Instance {
        arn: instance.container_instance_arn.unwrap_or_default(),
        ec2_instance: instance.ec2_instance_id.filter(|id| !id.is_empty()),
        status: Status::from_word(instance.status.as_deref().unwrap_or_default()),
        agent_connected: instance.agent_connected,
        tasks,
        has_drain_mark: attributes.iter().any(|attribute| attribute.name == DRAIN_STARTED),
        capacity_provider: instance.capacity_provider_name,
    }
}

/// A task.
pub(super) fn task(task: SdkTask) -> Task {
    let family = task.task_definition_arn.as_deref().map(|arn| family_and_revision(arn).0.to_owned());
    Task {
        arn: task.task_arn.unwrap_or_default(),
        group: task.group,
        family,
        last_status: task.last_status.unwrap_or_default(),
        created: time(task.created_at),
        started: time(task.started_at),
        container_instance: task.container_instance_arn,
        capacity_provider: task.capacity_provider_name,
    }
}

/// An instance of a group.
pub(super) fn member(details: AutoScalingInstanceDetails) -> Member {
    Member {
        instance_id: details.instance_id.unwrap_or_default(),
        group: details.auto_scaling_group_name.unwrap_or_default(),
        state: LifecycleState::from_word(details.lifecycle_state.as_deref().unwrap_or_default()),
        is_protected: details.protected_from_scale_in.unwrap_or_default(),
    }
}
