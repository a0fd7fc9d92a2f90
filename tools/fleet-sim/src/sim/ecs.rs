//! The port to ECS.

use shared::drain::container_instance::{Attribute, ContainerInstance, Status};
use shared::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use shared::ports::ecs::{PER_DESCRIBE, Partial};
use shared::ports::{ApiError, Ecs, Page};

use super::Sim;
use crate::api::Op;
use crate::ecs::api::{TaskQuery, within};

/// The same reply, its elements shown in another way.
pub(super) fn shown<T, U>(partial: Partial<T>, show: impl FnMut(T) -> Option<U>) -> Partial<U> {
    Partial { found: partial.found.into_iter().filter_map(show).collect(), failures: partial.failures }
}

impl Ecs for Sim {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.call(Op::ListClusters, |world, _| world.list_clusters(page, PER_DESCRIBE)).await
    }

    async fn list_container_instances(
        &self,
        cluster: &str,
        instance_ids: &[String],
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.call(Op::ListContainerInstances, |world, _| {
            within("Instance ids", instance_ids.len(), PER_DESCRIBE)?;
            world.list_container_instances(cluster, Some(instance_ids), None, page, PER_DESCRIBE)
        })
        .await
    }

    async fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        self.call(Op::DescribeContainerInstances, |world, spoiled| {
            let found = world.describe_container_instances(cluster, arns, spoiled)?;
            Ok(shown(found, |instance| world.container_view(instance)))
        })
        .await
    }

    async fn drain_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<String>, ApiError> {
        self.call(Op::UpdateContainerInstancesState, |world, spoiled| {
            let found = world.update_container_instances(cluster, arns, &Status::Draining, spoiled)?;
            Ok(shown(found, |instance| {
                world.instance(instance).container.as_ref().map(|container| container.arn.clone())
            }))
        })
        .await
    }

    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|one| (one.container_instance.as_str(), one.name, one.value.as_str()))
            .collect();
        self.call(Op::PutAttributes, |world, _| world.put_attributes(cluster, &attributes)).await
    }

    async fn list_tasks(
        &self,
        cluster: &str,
        container_instance: &str,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.call(Op::ListTasks, |world, _| {
            world.list_tasks(cluster, &TaskQuery::on(container_instance, desired), page, PER_DESCRIBE)
        })
        .await
    }

    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        self.call(Op::DescribeTasks, |world, spoiled| {
            let found = world.describe_tasks(cluster, arns, spoiled)?;
            Ok(shown(found, |task| Some(world.task_view(task))))
        })
        .await
    }

    async fn stop_task(&self, cluster: &str, task: &str, reason: &str) -> Result<(), ApiError> {
        self.call(Op::StopTask, |world, _| world.call_stop_task(cluster, task, reason).map(drop)).await
    }

    async fn describe_services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        self.call(Op::DescribeServices, |world, spoiled| {
            let found = world.describe_services(cluster, names, spoiled)?;
            Ok(shown(found, |service| {
                let plan = &world.service(service).plan;
                Some((plan.name.clone(), plan.strategy))
            }))
        })
        .await
    }

    async fn protected_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<String>, ApiError> {
        self.call(Op::GetTaskProtection, |world, spoiled| {
            let (found, now) = (world.task_protection(cluster, arns, spoiled)?, world.now());
            Ok(shown(found, |task| {
                let task = world.task(task);
                task.is_protected(now).then(|| task.arn.clone())
            }))
        })
        .await
    }
}
