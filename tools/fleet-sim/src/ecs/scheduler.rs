//! ECS's service scheduler: what it starts and stops in one round.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html>: tasks on
//! an instance that drains are replaced within the service's percentages; those of daemons stop last.

use shared::drain::container_instance::Status;
use shared::drain::task::SchedulingStrategy;

use super::deploying::NO_ROOM;
use super::drain::BY_SCHEDULER;
use super::{ClusterNo, ServiceNo, TaskNo};
use crate::ec2::InstanceNo;
use crate::world::World;

impl World {
    /// Makes a round over all services.
    pub(crate) fn schedule_services(&mut self) {
        for service in (0..self.services.len()).map(ServiceNo) {
            match self.service(service).plan.strategy {
                SchedulingStrategy::Replica => self.schedule_replicas(service),
                SchedulingStrategy::Daemon => self.schedule_daemons(service),
            }
        }
    }

    /// Replaces, starts and stops tasks of a REPLICA service.
    fn schedule_replicas(&mut self, service: ServiceNo) {
        let now = self.now;
        let (mut alive, mut healthy, mut staying): (usize, usize, usize) = (0, 0, 0);
        let (mut to_move, mut surplus): (Vec<TaskNo>, Vec<TaskNo>) = (Vec::new(), Vec::new());
        for number in &self.service(service).tasks {
            let task = self.task(*number);
            if !(task.counts_as_running() || task.counts_as_pending()) {
                continue;
            }
            alive += 1;
            healthy += usize::from(task.is_healthy());
            if self.drains(task.instance) || task.created < self.service(service).deployed {
                if task.is_healthy() && !task.is_protected(now) {
                    to_move.push(*number);
                }
            } else {
                staying += 1;
                if !task.is_protected(now) {
                    surplus.push(*number);
                }
            }
        }
        let (desired, least, most) = {
            let service = self.service(service);
            (service.plan.desired, service.least(), service.most())
        };
        // What drains goes as soon as enough others are healthy.
        let stoppable = healthy.saturating_sub(least);
        let mut stopped = 0;
        for number in to_move.into_iter().take(stoppable) {
            self.stop_of_service(number);
            stopped += 1;
        }
        alive -= stopped;
        // More than desired stay, such as after a drain that was called off: the newest go.
        for number in surplus.into_iter().rev().take(staying.saturating_sub(desired)) {
            self.stop_of_service(number);
            alive -= 1;
        }
        let missing = desired.saturating_sub(staying).min(most.saturating_sub(alive));
        for _ in 0..missing {
            let Some(instance) = self.room_in(self.service(service).cluster) else {
                let now = self.now;
                self.services[service.0].say(now, NO_ROOM);
                break;
            };
            self.start_of_service(service, instance);
        }
        self.settle_service(service, staying, healthy);
    }

    /// Starts a task on each instance that has none, and stops those that are alone on one that drains.
    fn schedule_daemons(&mut self, service: ServiceNo) {
        let cluster = self.service(service).cluster;
        let mut covered = vec![false; self.instances.len()];
        let mut alone = Vec::new();
        for number in &self.service(service).tasks {
            let task = self.task(*number);
            covered[task.instance.0] = true;
            if task.is_healthy() && self.drains(task.instance) && self.occupied(task.instance) == 0 {
                alone.push(*number);
            }
        }
        for number in alone {
            self.stop_of_service(number);
        }
        for instance in self.all_instances().filter(|instance| !covered[instance.0]) {
            let container = self.instance(instance).container.as_ref();
            if container.is_some_and(|container| container.cluster == cluster && container.takes_tasks()) {
                self.start_of_service(service, instance);
            }
        }
    }

    /// The emptiest instance of a cluster with room for a task.
    pub(crate) fn room_in(&self, cluster: ClusterNo) -> Option<InstanceNo> {
        self.all_instances()
            .filter_map(|instance| {
                let container = self.instance(instance).container.as_ref()?;
                let fits = container.cluster == cluster
                    && container.takes_tasks()
                    && container.occupied < container.capacity;
                fits.then_some((container.occupied, instance))
            })
            .min()
            .map(|(_, instance)| instance)
    }

    /// Whether services have to leave an instance.
    fn drains(&self, instance: InstanceNo) -> bool {
        self.instance(instance)
            .container
            .as_ref()
            .is_some_and(|container| container.status == Status::Draining)
    }

    /// Tasks on an instance that have not stopped, those of daemon services not counted.
    fn occupied(&self, instance: InstanceNo) -> usize {
        self.instance(instance).container.as_ref().map_or(0, |container| container.occupied)
    }

    /// Stops a task in the scheduler's name.
    fn stop_of_service(&mut self, number: TaskNo) {
        let Some(service) = self.task(number).service else { return };
        let reason = self.scheduler_reason(service);
        self.ask_to_stop(number, BY_SCHEDULER, reason);
    }

    /// What the scheduler gives as the reason of a stop.
    pub(super) fn scheduler_reason(&self, service: ServiceNo) -> String {
        format!("Scaling activity initiated by (deployment {})", self.service(service).deployment())
    }
}
