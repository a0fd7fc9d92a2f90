//! How tasks end that nobody asked to stop, and what every end leaves behind.

use shared::drain::task::DesiredStatus;

use super::task::{Ending, Held};
use super::{Class, LastStatus, ServiceNo, TaskNo};
use crate::ec2::InstanceNo;
use crate::events;
use crate::world::World;

impl World {
    /// A running task of a service crashes: its essential container ends by itself with this exit code. On this
    /// instance, or on any. None where no such task runs, or its agent could not tell of it.
    pub fn crash(
        &mut self,
        service: ServiceNo,
        instance: Option<InstanceNo>,
        exit_code: i32,
    ) -> Option<TaskNo> {
        let mut tasks = self.service(service).tasks.iter().copied();
        let number = tasks.find(|number| {
            let task = self.task(*number);
            task.is_healthy()
                && instance.is_none_or(|instance| task.instance == instance)
                && self.is_connected(task.instance)
        })?;
        self.essential_exits(number, exit_code);
        Some(number)
    }

    /// A task ends by itself with exit code 0, unless that was overtaken.
    pub(crate) fn end_task(&mut self, number: TaskNo, turn: u32) {
        if self.task(number).turn != turn {
            return;
        }
        if self.is_connected(self.task(number).instance) {
            self.essential_exits(number, 0);
        } else {
            self.tasks[number.0].held = Held::End;
        }
    }

    /// The essential container of a running task exits, and ECS stops the others.
    fn essential_exits(&mut self, number: TaskNo, exit_code: i32) {
        let now = self.now;
        let task = &mut self.tasks[number.0];
        task.desired = DesiredStatus::Stopped;
        task.last = LastStatus::Deprovisioning;
        task.ended_at = Some(now);
        task.turn += 1;
        task.version += 1;
        let instance = task.instance;
        task.ending = Some(Ending {
            code: "EssentialContainerExited",
            reason: "Essential container in task exited".to_owned(),
            exit_code: Some(exit_code),
        });
        self.touch(instance);
        self.plan_step(number);
        events::task_change(self, number);
        events::container_change(self, instance);
    }

    /// A task is lost with its instance, and ECS has learned of it.
    pub(crate) fn lose_task(&mut self, number: TaskNo, reason: String) {
        let task = &mut self.tasks[number.0];
        task.turn += 1;
        task.version += 1;
        task.desired = DesiredStatus::Stopped;
        task.last = LastStatus::Stopped;
        task.ending = Some(Ending { code: "TerminationNotice", reason, exit_code: None });
        self.close_task(number);
        events::task_change(self, number);
    }

    /// Takes a task that stopped out of the counts.
    pub(super) fn close_task(&mut self, number: TaskNo) {
        let now = self.now;
        let task = &mut self.tasks[number.0];
        task.stopped_at = Some(now);
        let (instance, class, service) = (task.instance, task.class, task.service);
        if let Some(container) = self.instances[instance.0].container.as_mut() {
            container.occupied -= usize::from(class != Class::Daemon);
        }
        if let Some(service) = service {
            self.services[service.0].tasks.retain(|other| *other != number);
        }
    }
}
