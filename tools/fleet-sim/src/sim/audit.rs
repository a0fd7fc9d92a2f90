//! The port of the audit.

use shared::alert::deployment::{Deployment, DeploymentStatus, RolloutState};
use shared::audit::seen::{Cluster, Instance, Member, Service, ServiceMessage, Task};
use shared::drain::auto_scaling::LifecycleState;
use shared::drain::marks::DRAIN_STARTED;
use shared::drain::task::{DesiredStatus, SchedulingStrategy};
use shared::ports::audit::PER_CLUSTERS;
use shared::ports::ecs::{PER_DESCRIBE, Partial};
use shared::ports::{ApiError, ClusterReads, Page};

use super::Sim;
use super::ecs::shown;
use crate::api::Op;
use crate::ec2::InstanceNo;
use crate::ecs::api::TaskQuery;
use crate::ecs::{ClusterNo, ServiceNo, TaskNo, definition_arn};
use crate::world::World;

impl ClusterReads for Sim {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call(Op::ListClusters, |world, _| world.list_clusters(page, PER_CLUSTERS)).await
    }

    async fn describe_clusters(&self, clusters: &[String]) -> Result<Partial<Cluster>, ApiError> {
        self.call(Op::DescribeClusters, |world, spoiled| {
            let found = world.describe_clusters(clusters, spoiled)?;
            Ok(shown(found, |number| Some(cluster(world, number))))
        })
        .await
    }

    async fn list_services(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call(Op::ListServices, |world, _| world.list_services(cluster, page, PER_DESCRIBE)).await
    }

    async fn describe_services(
        &self,
        cluster: &str,
        services: &[String],
    ) -> Result<Partial<Service>, ApiError> {
        self.call(Op::DescribeServices, |world, spoiled| {
            let found = world.describe_services(cluster, services, spoiled)?;
            Ok(shown(found, |number| Some(service(world, number))))
        })
        .await
    }

    async fn list_instances(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call(Op::ListContainerInstances, |world, _| {
            world.list_container_instances(cluster, None, None, page, PER_DESCRIBE)
        })
        .await
    }

    async fn describe_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<Instance>, ApiError> {
        self.call(Op::DescribeContainerInstances, |world, spoiled| {
            let found = world.describe_container_instances(cluster, arns, spoiled)?;
            Ok(shown(found, |number| instance(world, number)))
        })
        .await
    }

    async fn list_tasks(&self, cluster: &str, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call(Op::ListTasks, |world, _| {
            world.list_tasks(cluster, &TaskQuery::of(DesiredStatus::Running), page, PER_DESCRIBE)
        })
        .await
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        self.call(Op::DescribeTasks, |world, spoiled| {
            let found = world.describe_tasks(cluster, arns, spoiled)?;
            Ok(shown(found, |number| Some(task(world, number))))
        })
        .await
    }

    async fn describe_members(&self, instance_ids: &[String]) -> Result<Vec<Member>, ApiError> {
        self.call(Op::DescribeAutoScalingInstances, |world, _| {
            let found = world.describe_group_instances(instance_ids)?;
            Ok(found.into_iter().filter_map(|instance| member(world, instance)).collect())
        })
        .await
    }
}

/// A count as the port has it.
fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A cluster as the port shows it.
fn cluster(world: &World, number: ClusterNo) -> Cluster {
    let (cluster, counts) = (&world.clusters[number.0], world.cluster_counts(number));
    Cluster {
        arn: cluster.arn.clone(),
        name: cluster.name.clone(),
        status: "ACTIVE".to_owned(),
        services: count(counts.services),
        container_instances: count(counts.container_instances),
        pending_tasks: count(counts.pending_tasks),
    }
}

/// A service as the port shows it.
fn service(world: &World, number: ServiceNo) -> Service {
    let service = world.service(number);
    let (desired, running, pending) = world.service_counts(number);
    let rollout = if service.rolls_out { RolloutState::InProgress } else { RolloutState::Completed };
    Service {
        arn: service.arn(),
        name: service.plan.name.clone(),
        status: service.status.word().to_owned(),
        is_daemon: service.plan.strategy == SchedulingStrategy::Daemon,
        desired: count(desired),
        running: count(running),
        pending: count(pending),
        minimum_percent: Some(count(service.plan.minimum_percent)),
        deployments: vec![Deployment {
            id: service.deployment(),
            status: DeploymentStatus::Primary,
            rollout: Some(rollout),
            task_definition: Some(definition_arn(&service.plan.name)),
            created: Some(service.deployed),
            failed_tasks: 0,
        }],
        last_event: service
            .events
            .last()
            .map(|event| ServiceMessage { at: Some(event.at), text: event.message.clone() }),
    }
}

/// A container instance as the port shows it.
fn instance(world: &World, number: InstanceNo) -> Option<Instance> {
    let container = world.instance(number).container.as_ref()?;
    let (running, pending) = world.counts(number);
    Some(Instance {
        arn: container.arn.clone(),
        ec2_instance: Some(world.instance(number).id.clone()),
        status: container.status.clone(),
        agent_connected: container.agent_connected,
        tasks: running + pending,
        has_drain_mark: container.attributes.contains_key(DRAIN_STARTED),
        capacity_provider: world.provider_of(number).map(str::to_owned),
    })
}

/// A task as the port shows it.
fn task(world: &World, number: TaskNo) -> Task {
    let task = world.task(number);
    let container = world.instance(task.instance).container.as_ref();
    Task {
        arn: task.arn.clone(),
        group: Some(world.group_of(number)),
        family: Some(task.family.clone()),
        last_status: task.last.word().to_owned(),
        created: Some(task.created),
        started: task.started_at,
        container_instance: container.map(|container| container.arn.clone()),
        capacity_provider: world.provider_of(task.instance).map(str::to_owned),
    }
}

/// An instance of a group as the port shows it.
fn member(world: &World, number: InstanceNo) -> Option<Member> {
    let membership = world.instance(number).membership.as_ref()?;
    Some(Member {
        instance_id: world.instance(number).id.clone(),
        group: world.group(membership.group).name.clone(),
        state: LifecycleState::from_word(membership.stage.word()),
        is_protected: membership.protected_from_scale_in,
    })
}
