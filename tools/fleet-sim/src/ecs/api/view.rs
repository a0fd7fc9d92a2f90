//! What ECS shows of a task and of a container instance.

use shared::drain::container_instance::ContainerInstance;
use shared::drain::task::Task;

use crate::ec2::InstanceNo;
use crate::ecs::TaskNo;
use crate::world::World;

impl World {
    /// `runningTasksCount` and `pendingTasksCount`.
    #[must_use]
    pub fn counts(&self, instance: InstanceNo) -> (i64, i64) {
        let tasks = self.live_tasks(instance);
        let running = tasks.iter().filter(|task| self.task(**task).counts_as_running()).count();
        let pending = tasks.iter().filter(|task| self.task(**task).counts_as_pending()).count();
        (i64::try_from(running).unwrap_or(i64::MAX), i64::try_from(pending).unwrap_or(i64::MAX))
    }

    /// `group` of a task.
    #[must_use]
    pub fn group_of(&self, task: TaskNo) -> String {
        let task = self.task(task);
        match task.service {
            Some(service) => format!("service:{}", self.service(service).plan.name),
            None => format!("family:{}", task.family),
        }
    }

    /// `startedBy` of a task.
    #[must_use]
    pub fn started_by(&self, task: TaskNo) -> Option<String> {
        let service = self.task(task).service?;
        Some(self.service(service).deployment())
    }

    /// A task as the port shows it.
    #[must_use]
    pub fn task_view(&self, number: TaskNo) -> Task {
        let task = self.task(number);
        Task {
            arn: task.arn.clone(),
            container_instance: self
                .instance(task.instance)
                .container
                .as_ref()
                .map(|container| container.arn.clone()),
            group: Some(self.group_of(number)),
            started_by: self.started_by(number),
            last_status: Some(task.last.word().to_owned()),
            desired_status: Some(task.desired.word().to_owned()),
            stopped_reason: task.ending.as_ref().map(|ending| ending.reason.clone()),
        }
    }

    /// The capacity provider that launched an instance.
    #[must_use]
    pub fn provider_of(&self, instance: InstanceNo) -> Option<&str> {
        let member = self.instance(instance).membership.as_ref()?;
        self.group(member.group).capacity_provider.as_ref().map(|(name, _)| name.as_str())
    }

    /// A container instance as the port shows it.
    #[must_use]
    pub fn container_view(&self, instance: InstanceNo) -> Option<ContainerInstance> {
        let container = self.instance(instance).container.as_ref()?;
        let (running_tasks_count, pending_tasks_count) = self.counts(instance);
        let custom = container.attributes.iter().map(|(name, value)| (name.clone(), value.clone()));
        Some(ContainerInstance {
            arn: container.arn.clone(),
            ec2_instance_id: Some(self.instance(instance).id.clone()),
            status: container.status.clone(),
            agent_connected: container.agent_connected,
            running_tasks_count,
            pending_tasks_count,
            attributes: custom.chain([("ecs.os-type".to_owned(), "linux".to_owned())]).collect(),
        })
    }
}
