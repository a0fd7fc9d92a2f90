//! From AWS's names to what they name.

use super::World;
use crate::auto_scaling::GroupNo;
use crate::ec2::{InstanceNo, Kind, number_in};
use crate::ecs::{ClusterNo, ServiceNo, TaskNo};

impl World {
    /// The instance of an EC2 id.
    #[must_use]
    pub fn instance_of_id(&self, id: &str) -> Option<InstanceNo> {
        let number = number_in(Kind::Instance, id.strip_prefix("i-")?)?;
        self.instances.get(number).filter(|instance| instance.id == id).map(|_| InstanceNo(number))
    }

    /// The task of an ARN, or of an id.
    #[must_use]
    pub fn task_of_arn(&self, arn: &str) -> Option<TaskNo> {
        let number = number_in(Kind::Task, arn.rsplit('/').next()?)?;
        let task = self.tasks.get(number)?;
        (task.arn == arn || (!arn.contains('/') && task.arn.ends_with(arn))).then_some(TaskNo(number))
    }

    /// The instance of a container instance's ARN, or of its id.
    #[must_use]
    pub fn instance_of_arn(&self, arn: &str) -> Option<InstanceNo> {
        let number = number_in(Kind::Container, arn.rsplit('/').next()?)?;
        let container = self.instances.get(number)?.container.as_ref()?;
        (container.arn == arn || (!arn.contains('/') && container.arn.ends_with(arn)))
            .then_some(InstanceNo(number))
    }

    /// The cluster of a name or ARN.
    #[must_use]
    pub fn cluster_named(&self, name: &str) -> Option<ClusterNo> {
        let found = self.clusters.iter().position(|cluster| cluster.name == name || cluster.arn == name);
        found.map(ClusterNo)
    }

    /// The service of a name or ARN.
    #[must_use]
    pub fn service_named(&self, cluster: ClusterNo, name: &str) -> Option<ServiceNo> {
        let found = self.services.iter().position(|service| {
            service.cluster == cluster && (service.plan.name == name || service.arn() == name)
        });
        found.map(ServiceNo)
    }

    /// The first service of a name, in whatever cluster.
    #[must_use]
    pub fn service_called(&self, name: &str) -> Option<ServiceNo> {
        self.services.iter().position(|service| service.plan.name == name).map(ServiceNo)
    }

    /// The group of a name.
    #[must_use]
    pub fn group_named(&self, name: &str) -> Option<GroupNo> {
        self.groups.iter().position(|group| group.name == name).map(GroupNo)
    }

    /// Every instance there ever was.
    pub fn all_instances(&self) -> impl Iterator<Item = InstanceNo> + use<> {
        (0..self.instances.len()).map(InstanceNo)
    }

    /// Every task there ever was.
    pub fn all_tasks(&self) -> impl Iterator<Item = TaskNo> + use<> {
        (0..self.tasks.len()).map(TaskNo)
    }

    /// The instances of a group that it still has.
    #[must_use]
    pub fn instances_of(&self, group: GroupNo) -> Vec<InstanceNo> {
        self.all_instances()
            .filter(|instance| {
                self.instance(*instance).membership.as_ref().is_some_and(|member| member.group == group)
            })
            .collect()
    }

    /// The tasks on an instance that have not stopped.
    #[must_use]
    pub fn live_tasks(&self, instance: InstanceNo) -> Vec<TaskNo> {
        let container = self.instance(instance).container.as_ref();
        let tasks = container.map(|container| container.tasks.as_slice()).unwrap_or_default();
        tasks.iter().copied().filter(|task| !self.task(*task).is_stopped()).collect()
    }
}
