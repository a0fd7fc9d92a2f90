//! What happens by itself when its time has come.

use super::World;
use crate::auto_scaling::HookNo;
use crate::ec2::{Cause, InstanceNo};
use crate::ecs::TaskNo;

/// Something that happens by itself.
pub(crate) enum Happening {
    /// ECS's service scheduler makes its round.
    SchedulerPass,
    /// A task takes its next step, unless overtaken.
    TaskSteps(TaskNo, u32),
    /// A task ends by itself, unless overtaken.
    TaskEnds(TaskNo, u32),
    /// An agent connects again.
    AgentConnects(InstanceNo),
    /// A hook has waited long enough, unless a heartbeat came.
    HookExpires(InstanceNo, HookNo, u32),
    /// EC2 ends an instance.
    InstanceEnds(InstanceNo, Cause),
    /// ECS learns that an instance has ended.
    Deregisters(InstanceNo),
    /// Something a scenario asked for.
    Act(Box<dyn FnOnce(&mut World) + Send>),
}

impl World {
    /// Lets one thing happen now.
    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::SchedulerPass => {
                self.schedule_services();
                self.note_after(self.settings.scheduler_every, Happening::SchedulerPass);
            }
            Happening::TaskSteps(task, turn) => self.step_task(task, turn),
            Happening::TaskEnds(task, turn) => self.end_task(task, turn),
            Happening::AgentConnects(instance) => self.connect_agent(instance),
            Happening::HookExpires(instance, hook, turn) => self.expire_hook(instance, hook, turn),
            Happening::InstanceEnds(instance, cause) => self.end_instance(instance, cause),
            Happening::Deregisters(instance) => self.learn_of_end(instance),
            Happening::Act(act) => act(self),
        }
    }
}
