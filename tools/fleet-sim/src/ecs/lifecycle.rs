//! A task's way from PROVISIONING to STOPPED.

use std::time::Duration;

use shared::drain::task::DesiredStatus;

use super::task::{Ending, Held};
use super::{Class, ClusterNo, LastStatus, ServiceNo, StandalonePlan, Task, TaskNo};
use crate::ec2::{InstanceNo, Kind, id_of};
use crate::events;
use crate::world::ledger::Deed;
use crate::world::{Happening, World};

/// Cleaning up after a task takes so long.
const DEPROVISIONING: Duration = Duration::from_secs(1);
/// What a task exits with that ends on SIGTERM.
const BY_SIGTERM: i32 = 143;
/// What a task exits with that had to be killed.
const BY_SIGKILL: i32 = 137;

impl World {
    /// Starts a task of no service, as `RunTask` does; none where the instance is in no cluster.
    pub fn start_standalone(&mut self, instance: InstanceNo, plan: &StandalonePlan) -> Option<TaskNo> {
        let cluster = self.instance(instance).container.as_ref()?.cluster;
        let task = Task {
            starts_in: Duration::from_secs(5),
            runs_for: plan.runs_for,
            stops_in: plan.stops_in,
            stop_timeout: plan.stop_timeout,
            tags: plan.tags.clone(),
            ..self.new_task(cluster, instance, Class::Standalone, &plan.family)
        };
        Some(self.start(task))
    }

    /// Starts a task of a service.
    pub(crate) fn start_of_service(&mut self, service: ServiceNo, instance: InstanceNo) -> TaskNo {
        let owner = self.service(service);
        let class = match owner.plan.strategy {
            shared::drain::task::SchedulingStrategy::Replica => Class::Replica,
            shared::drain::task::SchedulingStrategy::Daemon => Class::Daemon,
        };
        let task = Task {
            service: Some(service),
            starts_in: owner.plan.starts_in,
            stops_in: owner.plan.stops_in,
            stop_timeout: owner.plan.stop_timeout,
            deregistration_delay: owner.plan.deregistration_delay,
            ..self.new_task(owner.cluster, instance, class, &owner.plan.name)
        };
        let number = self.start(task);
        self.services[service.0].tasks.push(number);
        number
    }

    /// A task that has just been made and takes no time for anything.
    fn new_task(&self, cluster: ClusterNo, instance: InstanceNo, class: Class, family: &str) -> Task {
        Task {
            arn: String::new(),
            cluster,
            instance,
            service: None,
            class,
            family: family.to_owned(),
            tags: Vec::new(),
            last: LastStatus::Provisioning,
            desired: DesiredStatus::Running,
            created: self.now,
            started_at: None,
            asked_at: None,
            ended_at: None,
            stopped_at: None,
            ending: None,
            protected_until: None,
            version: 1,
            starts_in: Duration::ZERO,
            runs_for: None,
            stops_in: Duration::ZERO,
            stop_timeout: Duration::ZERO,
            deregistration_delay: Duration::ZERO,
            turn: 0,
            held: Held::Nothing,
            had_run: false,
        }
    }

    /// Puts a task on its instance.
    fn start(&mut self, mut task: Task) -> TaskNo {
        let (number, instance) = (TaskNo(self.tasks.len()), task.instance);
        let cluster = &self.clusters[task.cluster.0].name;
        let (region, account) = (super::REGION, super::ACCOUNT);
        task.arn = format!("arn:aws:ecs:{region}:{account}:task/{cluster}/{}", id_of(Kind::Task, number.0));
        let class = task.class;
        self.tasks.push(task);
        if let Some(container) = self.instances[instance.0].container.as_mut() {
            container.tasks.push(number);
            container.occupied += usize::from(class != Class::Daemon);
            container.version += 1;
        }
        self.plan_step(number);
        events::task_change(self, number);
        events::container_change(self, instance);
        number
    }

    /// Makes a task RUNNING at once, for a world that is being built.
    pub(crate) fn settle(&mut self, number: TaskNo) {
        let now = self.now;
        let task = &mut self.tasks[number.0];
        task.turn += 1;
        task.last = LastStatus::Running;
        task.started_at = Some(now);
        self.plan_step(number);
    }

    /// Notes a task's next step by itself, if there is one.
    pub(super) fn plan_step(&mut self, number: TaskNo) {
        let task = self.task(number);
        let turn = task.turn;
        let span = match (task.last, task.desired) {
            (LastStatus::Stopped, _) => return,
            (LastStatus::Running, DesiredStatus::Running) => {
                if let Some(span) = task.runs_for {
                    self.note_after(span, Happening::TaskEnds(number, turn));
                }
                return;
            }
            (LastStatus::Provisioning | LastStatus::Activating, DesiredStatus::Running) => task.starts_in / 4,
            (LastStatus::Pending, DesiredStatus::Running) => task.starts_in / 2,
            (LastStatus::Deactivating, _) => task.deregistration_delay,
            (LastStatus::Stopping, _) if task.had_run => task.stops_in.min(task.stop_timeout),
            (LastStatus::Deprovisioning, _) => DEPROVISIONING,
            (
                LastStatus::Provisioning
                | LastStatus::Pending
                | LastStatus::Activating
                | LastStatus::Running
                | LastStatus::Stopping,
                _,
            ) => Duration::ZERO,
        };
        self.note_after(span, Happening::TaskSteps(number, turn));
    }

    /// Asks a task to stop; whether it had not been asked before.
    pub(crate) fn ask_to_stop(&mut self, number: TaskNo, code: &'static str, reason: String) -> bool {
        let now = self.now;
        let task = &mut self.tasks[number.0];
        if task.desired == DesiredStatus::Stopped {
            return false;
        }
        task.desired = DesiredStatus::Stopped;
        task.asked_at = Some(now);
        task.had_run = task.last == LastStatus::Running;
        let killed = task.stops_in > task.stop_timeout;
        let exit_code = task.had_run.then_some(if killed { BY_SIGKILL } else { BY_SIGTERM });
        task.ending = Some(Ending { code, reason, exit_code });
        task.turn += 1;
        task.version += 1;
        task.held = Held::Nothing;
        let (turn, instance, class) = (task.turn, task.instance, task.class);
        self.touch(instance);
        self.record(Deed::StopAsked { task: number, instance, class, code });
        self.note_after(Duration::from_millis(500), Happening::TaskSteps(number, turn));
        events::task_change(self, number);
        events::container_change(self, instance);
        true
    }

    /// A task takes its next step, or waits for its agent.
    pub(crate) fn step_task(&mut self, number: TaskNo, turn: u32) {
        if self.task(number).turn != turn {
            return;
        }
        if !self.is_connected(self.task(number).instance) {
            self.tasks[number.0].held = Held::Step;
            return;
        }
        let now = self.now;
        let task = &mut self.tasks[number.0];
        task.last = match (task.last, task.desired) {
            (LastStatus::Provisioning, DesiredStatus::Running) => LastStatus::Pending,
            (LastStatus::Pending, DesiredStatus::Running) => LastStatus::Activating,
            (LastStatus::Activating | LastStatus::Running, DesiredStatus::Running) => LastStatus::Running,
            (LastStatus::Running, DesiredStatus::Stopped) if !task.deregistration_delay.is_zero() => {
                LastStatus::Deactivating
            }
            (
                LastStatus::Provisioning
                | LastStatus::Pending
                | LastStatus::Activating
                | LastStatus::Running
                | LastStatus::Deactivating,
                _,
            ) => LastStatus::Stopping,
            (LastStatus::Stopping, _) => LastStatus::Deprovisioning,
            (LastStatus::Deprovisioning | LastStatus::Stopped, _) => LastStatus::Stopped,
        };
        match task.last {
            LastStatus::Running => task.started_at = task.started_at.or(Some(now)),
            LastStatus::Deprovisioning => task.ended_at = task.ended_at.or(Some(now)),
            LastStatus::Provisioning
            | LastStatus::Pending
            | LastStatus::Activating
            | LastStatus::Deactivating
            | LastStatus::Stopping
            | LastStatus::Stopped => {}
        }
        task.version += 1;
        if task.last == LastStatus::Stopped {
            let (instance, class) = (task.instance, task.class);
            self.record(Deed::TaskStopped { task: number, instance, class });
            self.close_task(number);
        } else {
            self.plan_step(number);
        }
        events::task_change(self, number);
    }
}
