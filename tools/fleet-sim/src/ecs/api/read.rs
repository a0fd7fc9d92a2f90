//! ECS's operations that change nothing.

use shared::drain::container_instance::Status;
use shared::drain::task::{DesiredStatus, SchedulingStrategy};
use shared::ports::audit::PER_CLUSTERS;
use shared::ports::ecs::{PER_DESCRIBE, PER_SERVICES, Partial};
use shared::ports::{ApiError, Page};

use super::{MISSING, PER_PAGE, invalid, page_of, within};
use crate::api::Spoiled;
use crate::auto_scaling::{Group, GroupNo};
use crate::ec2::InstanceNo;
use crate::ecs::{Class, ClusterNo, ServiceNo, ServiceStatus, TaskNo};
use crate::span::after;
use crate::world::World;

/// Which tasks `ListTasks` lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskQuery<'a> {
    /// On this container instance.
    pub container_instance: Option<&'a str>,
    /// Of this service.
    pub service: Option<&'a str>,
    /// Of this family.
    pub family: Option<&'a str>,
    /// Of this desired status; PENDING, which is none of ours, lists nothing.
    pub desired: Option<DesiredStatus>,
}

impl<'a> TaskQuery<'a> {
    /// Those on a container instance, of a desired status.
    pub(crate) const fn on(container_instance: &'a str, desired: DesiredStatus) -> Self {
        let container_instance = Some(container_instance);
        Self { container_instance, ..Self::of(desired) }
    }

    /// All of a desired status.
    pub(crate) const fn of(desired: DesiredStatus) -> Self {
        Self { container_instance: None, service: None, family: None, desired: Some(desired) }
    }
}

impl World {
    /// `ListClusters`.
    pub(crate) fn list_clusters(&self, token: Option<&str>, most: usize) -> Result<Page<String>, ApiError> {
        let arns = self.clusters.iter().map(|cluster| cluster.arn.clone()).enumerate();
        page_of(arns, token, most.min(PER_PAGE))
    }

    /// `DescribeClusters`.
    pub(crate) fn describe_clusters(
        &mut self,
        names: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<ClusterNo>, ApiError> {
        within("Clusters", names.len(), PER_CLUSTERS)?;
        Ok(self.partial(names, spoiled, |world, name| world.cluster_named(name).ok_or(MISSING)))
    }

    /// `ListServices`: those that are not gone.
    pub(crate) fn list_services(
        &self,
        cluster: &str,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<String>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        let arns =
            self.services.iter().enumerate().filter(|(_, service)| {
                service.cluster == cluster && service.status != ServiceStatus::Inactive
            });
        page_of(arns.map(|(number, service)| (number, service.arn())), token, most.min(PER_PAGE))
    }

    /// `ListContainerInstances`: of these EC2 instances, or all; of this status, or of any but INACTIVE.
    pub(crate) fn list_container_instances(
        &self,
        cluster: &str,
        instance_ids: Option<&[String]>,
        status: Option<&Status>,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<String>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        let mut wanted: Vec<InstanceNo> = match instance_ids {
            Some(ids) => ids.iter().filter_map(|id| self.instance_of_id(id)).collect(),
            None => self.all_instances().collect(),
        };
        wanted.sort_unstable();
        wanted.dedup();
        let arns = wanted.into_iter().filter_map(|instance| {
            let container = self.instance(instance).container.as_ref()?;
            let listed = container.cluster == cluster
                && !container.is_inactive()
                && status.is_none_or(|status| container.status == *status);
            listed.then(|| (instance.0, container.arn.clone()))
        });
        page_of(arns, token, most.min(PER_PAGE))
    }

    /// `ListContainerInstances` that have an attribute of this name.
    pub(crate) fn list_with_attribute(
        &self,
        cluster: &str,
        name: &str,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<String>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        let arns = self.all_instances().filter_map(|instance| {
            let container = self.instance(instance).container.as_ref()?;
            let listed = container.cluster == cluster
                && !container.is_inactive()
                && container.attributes.contains_key(name);
            listed.then(|| (instance.0, container.arn.clone()))
        });
        page_of(arns, token, most.min(PER_PAGE))
    }

    /// `DescribeCapacityProviders`: the groups of these.
    pub(crate) fn describe_capacity_providers(
        &mut self,
        names: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<GroupNo>, ApiError> {
        within("Capacity providers", names.len(), PER_PAGE)?;
        Ok(self.partial(names, spoiled, |world, name| {
            let of = |group: &Group| group.capacity_provider.as_ref().is_some_and(|(one, _)| one == name);
            world.groups.iter().position(of).map(GroupNo).ok_or(MISSING)
        }))
    }

    /// `DescribeContainerInstances`.
    pub(crate) fn describe_container_instances(
        &mut self,
        cluster: &str,
        arns: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<InstanceNo>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Container instances", arns.len(), PER_DESCRIBE)?;
        Ok(self.partial(arns, spoiled, |world, arn| {
            let found = world.instance_of_arn(arn).filter(|found| world.is_in(*found, cluster));
            found.filter(|found| !world.is_forgotten(*found)).ok_or(MISSING)
        }))
    }

    /// `ListTasks`.
    pub(crate) fn list_tasks(
        &mut self,
        cluster: &str,
        wanted: &TaskQuery<'_>,
        token: Option<&str>,
        most: usize,
    ) -> Result<Page<String>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        let tasks: Vec<TaskNo> = match wanted.container_instance {
            None => self.all_tasks().collect(),
            Some(arn) => {
                let found = self.instance_of_arn(arn).filter(|found| self.is_in(*found, cluster));
                let found = found.filter(|found| !self.is_forgotten(*found));
                self.tasks_on(found.ok_or_else(|| invalid("Container instance not found."))?)
            }
        };
        let arns = tasks.into_iter().filter_map(|number| {
            let task = self.task(number);
            let service = task.service.map(|service| self.service(service));
            let listed = task.cluster == cluster
                && Some(task.desired) == wanted.desired
                && wanted.family.is_none_or(|family| task.family == family)
                && wanted.service.is_none_or(|name| {
                    service.is_some_and(|service| service.plan.name == name || service.arn() == name)
                })
                && !self.is_gone(number);
            listed.then(|| (number.0, task.arn.clone()))
        });
        page_of(arns, token, most.min(PER_PAGE))
    }

    /// `DescribeTasks`.
    pub(crate) fn describe_tasks(
        &mut self,
        cluster: &str,
        arns: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<TaskNo>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Tasks", arns.len(), PER_DESCRIBE)?;
        Ok(self.partial(arns, spoiled, |world, arn| {
            let found = world.task_of_arn(arn).filter(|found| world.task(*found).cluster == cluster);
            found.filter(|found| !world.is_gone(*found)).ok_or(MISSING)
        }))
    }

    /// `DescribeServices`.
    pub(crate) fn describe_services(
        &mut self,
        cluster: &str,
        names: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<ServiceNo>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Services", names.len(), PER_SERVICES)?;
        Ok(self.partial(names, spoiled, |world, name| world.service_named(cluster, name).ok_or(MISSING)))
    }

    /// `GetTaskProtection`: every task of a service that was asked for.
    pub(crate) fn task_protection(
        &mut self,
        cluster: &str,
        arns: &[String],
        spoiled: Spoiled,
    ) -> Result<Partial<TaskNo>, ApiError> {
        let cluster = self.cluster_or_refusal(cluster)?;
        within("Tasks", arns.len(), PER_DESCRIBE)?;
        Ok(self.partial(arns, spoiled, |world, arn| {
            let found = world.task_of_arn(arn).filter(|found| world.task(*found).cluster == cluster);
            let found = found.filter(|found| !world.is_gone(*found)).ok_or(MISSING)?;
            match world.task(found).class {
                Class::Replica | Class::Daemon => Ok(found),
                Class::Standalone => Err("TASK_NOT_VALID"),
            }
        }))
    }

    /// `stopTimeout` of a task definition's container, by family, with or without a revision; none where there
    /// is no such family.
    #[must_use]
    pub fn stop_timeout_of(&self, definition: &str) -> Option<std::time::Duration> {
        let name = definition.rsplit('/').next().unwrap_or(definition);
        let family = name.split(':').next().unwrap_or(name);
        let of_service = self.services.iter().find(|service| service.plan.name == family);
        of_service
            .map(|service| service.plan.stop_timeout)
            .or_else(|| self.tasks.iter().find(|task| task.family == family).map(|task| task.stop_timeout))
    }

    /// A service's strategy.
    #[must_use]
    pub fn strategy_of(&self, service: ServiceNo) -> SchedulingStrategy {
        self.service(service).plan.strategy
    }

    /// The tasks on an instance that anybody can see; forgets the others for good.
    fn tasks_on(&mut self, instance: InstanceNo) -> Vec<TaskNo> {
        let Some(container) = self.instances[instance.0].container.as_mut() else { return Vec::new() };
        let mut tasks = std::mem::take(&mut container.tasks);
        tasks.retain(|task| !self.is_gone(*task));
        if let Some(container) = self.instances[instance.0].container.as_mut() {
            container.tasks.clone_from(&tasks);
        }
        tasks
    }

    /// Whether a task stopped so long ago that nobody knows it any more.
    fn is_gone(&self, task: TaskNo) -> bool {
        let stopped = self.task(task).stopped_at;
        stopped.is_some_and(|at| after(at, self.settings.stopped_tasks_stay) <= self.now)
    }

    /// Whether an instance was deregistered so long ago that nobody knows it any more.
    fn is_forgotten(&self, instance: InstanceNo) -> bool {
        let gone = self.instance(instance).container.as_ref().and_then(|container| container.deregistered_at);
        gone.is_some_and(|at| after(at, self.settings.stopped_tasks_stay) <= self.now)
    }

    /// Whether an instance is in a cluster.
    pub(super) fn is_in(&self, instance: InstanceNo, cluster: crate::ecs::ClusterNo) -> bool {
        self.instance(instance).container.as_ref().is_some_and(|container| container.cluster == cluster)
    }
}
