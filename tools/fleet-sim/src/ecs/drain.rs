//! A container instance changes its status.

use shared::drain::container_instance::Status;
use shared::event::Timestamp;

use super::{LastStatus, TaskNo};
use crate::ec2::InstanceNo;
use crate::events;
use crate::world::World;
use crate::world::ledger::Deed;

/// What ECS's scheduler gives as the code of a stop.
pub(super) const BY_SCHEDULER: &str = "ServiceSchedulerInitiated";

impl World {
    /// Sets the status of a container instance. DRAINING stops at once what services have not started yet.
    pub fn set_status(&mut self, instance: InstanceNo, status: Status) {
        let Some(container) = self.instances[instance.0].container.as_mut() else { return };
        if container.status == status {
            return;
        }
        container.status = status.clone();
        container.version += 1;
        let draining = status == Status::Draining;
        self.record(Deed::StatusChanged(instance, status));
        if draining {
            for number in self.live_tasks(instance) {
                let task = self.task(number);
                let unstarted = matches!(task.last, LastStatus::Provisioning | LastStatus::Pending);
                if let Some(service) = task.service.filter(|_| unstarted) {
                    let reason = self.scheduler_reason(service);
                    self.ask_to_stop(number, BY_SCHEDULER, reason);
                }
            }
        }
        events::container_change(self, instance);
    }

    /// Protects a task from its service's scheduler until then; ends the protection where there is none.
    pub fn protect(&mut self, task: TaskNo, until: Option<Timestamp>) {
        self.tasks[task.0].protected_until = until;
    }

    /// Stops a task, as `StopTask` does.
    pub fn stop_task(&mut self, task: TaskNo, reason: &str) {
        self.ask_to_stop(task, "UserInitiated", reason.to_owned());
    }

    /// Changes how many tasks a service is to have.
    pub fn set_desired(&mut self, service: super::ServiceNo, desired: usize) {
        self.services[service.0].plan.desired = desired;
    }
}
