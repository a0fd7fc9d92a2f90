//! The ports of the protection of instances.

use shared::drain::container_instance::Attribute;
use shared::drain::task::DesiredStatus;
use shared::ports::auto_scaling::{GroupFilter, PER_GROUPS};
use shared::ports::ecs::{PER_DESCRIBE, Partial};
use shared::ports::protection::{ScaleIn, TaskHosts};
use shared::ports::{ApiError, Ecs, Page};
use shared::protect::{CapacityProvider, Host, HostedTask, Member, TaskFilter};

use super::Sim;
use super::ecs::shown;
use crate::api::Op;
use crate::ec2::InstanceNo;
use crate::ecs::api::TaskQuery;
use crate::world::World;

impl World {
    /// An instance as the port shows it; none where it is in no group.
    fn member_view(&self, instance: InstanceNo) -> Option<Member> {
        let member = self.instance(instance).membership.as_ref()?;
        let is_protected = member.protected_from_scale_in;
        self.group_instance_view(instance).map(|instance| Member { instance, is_protected })
    }
}

impl TaskHosts for Sim {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        Ecs::list_clusters(self, page).await
    }

    async fn list_tasks(
        &self,
        cluster: &str,
        filter: &TaskFilter,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let all = TaskQuery { container_instance: None, service: None, family: None, desired: Some(desired) };
        let wanted = match filter {
            TaskFilter::All => all,
            TaskFilter::Family(family) => TaskQuery { family: Some(family), ..all },
            TaskFilter::Service(service) => TaskQuery { service: Some(service), ..all },
            TaskFilter::On(arn) => TaskQuery::on(arn, desired),
        };
        self.call(Op::ListTasks, |world, _| world.list_tasks(cluster, &wanted, page, PER_DESCRIBE)).await
    }

    async fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
        with_tags: bool,
    ) -> Result<Partial<HostedTask>, ApiError> {
        self.call(Op::DescribeTasks, |world, spoiled| {
            let found = world.describe_tasks(cluster, arns, spoiled)?;
            Ok(shown(found, |number| {
                let task = world.task(number);
                let tags = if with_tags { task.tags.clone() } else { Vec::new() };
                Some(HostedTask { task: world.task_view(number), family: Some(task.family.clone()), tags })
            }))
        })
        .await
    }

    async fn list_with_attribute(
        &self,
        cluster: &str,
        attribute: &str,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        self.call(Op::ListContainerInstances, |world, _| {
            world.list_with_attribute(cluster, attribute, page, PER_DESCRIBE)
        })
        .await
    }

    async fn describe_hosts(&self, cluster: &str, arns: &[String]) -> Result<Partial<Host>, ApiError> {
        self.call(Op::DescribeContainerInstances, |world, spoiled| {
            let found = world.describe_container_instances(cluster, arns, spoiled)?;
            Ok(shown(found, |number| {
                let capacity_provider = world.provider_of(number).map(str::to_owned);
                world.container_view(number).map(|instance| Host { instance, capacity_provider })
            }))
        })
        .await
    }

    async fn describe_capacity_providers(
        &self,
        names: &[String],
    ) -> Result<Partial<CapacityProvider>, ApiError> {
        self.call(Op::DescribeCapacityProviders, |world, spoiled| {
            let found = world.describe_capacity_providers(names, spoiled)?;
            Ok(shown(found, |number| {
                let group = world.group(number);
                let (name, protects) = group.capacity_provider.clone()?;
                Some(CapacityProvider { name, protects, group_arn: Some(group.arn()) })
            }))
        })
        .await
    }

    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        Ecs::put_attributes(self, cluster, attributes).await
    }

    async fn delete_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        let named: Vec<_> =
            attributes.iter().map(|one| (one.container_instance.as_str(), one.name)).collect();
        self.call(Op::DeleteAttributes, |world, _| world.delete_attributes(cluster, &named)).await
    }
}

impl ScaleIn for Sim {
    async fn describe_members(&self, instance_ids: &[String]) -> Result<Vec<Member>, ApiError> {
        self.call(Op::DescribeAutoScalingInstances, |world, _| {
            let found = world.describe_group_instances(instance_ids)?;
            Ok(found.into_iter().filter_map(|instance| world.member_view(instance)).collect())
        })
        .await
    }

    async fn describe_groups_of(
        &self,
        names: &[String],
        page: Option<&str>,
    ) -> Result<Page<Member>, ApiError> {
        self.call(Op::DescribeAutoScalingGroups, |world, _| {
            let found = world.describe_groups(GroupFilter::Names(names), page, PER_GROUPS)?;
            let instances = found.items.into_iter().flat_map(|group| world.instances_of(group));
            let items = instances.filter_map(|instance| world.member_view(instance)).collect();
            Ok(Page { items, next: found.next })
        })
        .await
    }

    async fn set_protection(
        &self,
        group: &str,
        instance_ids: &[String],
        is_protected: bool,
    ) -> Result<(), ApiError> {
        self.call(Op::SetInstanceProtection, |world, _| {
            world.protect_from_scale_in(group, instance_ids, is_protected)
        })
        .await
    }
}
