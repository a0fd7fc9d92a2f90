//! How an instance ends, and what ends with it.

use shared::drain::container_instance::Status;

use super::{Cause, InstanceNo, Power};
use crate::events;
use crate::span::after;
use crate::world::Happening;
use crate::world::World;
use crate::world::ledger::Deed;

impl World {
    /// EC2 announces that it takes an instance back, and does so after its notice, whatever happens.
    pub fn spot_interrupt(&mut self, instance: InstanceNo) {
        if self.instance(instance).power != Power::Running {
            return;
        }
        let ends_at = after(self.now, self.settings.spot_notice);
        self.instances[instance.0].spot_ends_at = Some(ends_at);
        self.record(Deed::SpotWarned(instance));
        events::spot_warning(self, instance);
        self.note(ends_at, Happening::InstanceEnds(instance, Cause::Spot));
    }

    /// EC2 terminates an instance at once, past hooks and notices.
    pub fn kill_instance(&mut self, instance: InstanceNo) {
        self.end_instance(instance, Cause::Direct);
    }

    /// EC2 ends an instance: what has not stopped on it is killed.
    pub(crate) fn end_instance(&mut self, instance: InstanceNo, cause: Cause) {
        if self.instance(instance).power != Power::Running {
            return;
        }
        let now = self.now;
        for task in self.live_tasks(instance) {
            let killed = self.task(task);
            let deed = Deed::TaskKilled {
                task,
                instance,
                class: killed.class,
                last: killed.last,
                asked_to_stop: killed.asked_at.is_some(),
                protected: killed.is_protected(now),
            };
            self.record(deed);
            // Nothing on it makes another step.
            self.tasks[task.0].turn += 1;
        }
        self.leave_group(instance, cause);
        let parked = cause == Cause::WarmPool;
        let ended = &mut self.instances[instance.0];
        ended.power = if parked { Power::Stopped } else { Power::Terminated };
        ended.ended_at = Some(now);
        self.record(if parked { Deed::Parked(instance) } else { Deed::Terminated(instance, cause) });
        if self.instance(instance).container.is_some() {
            self.set_connected(instance, false);
            self.note_after(self.settings.deregistration_takes, Happening::Deregisters(instance));
        }
    }

    /// ECS learns that an instance has ended: its tasks are STOPPED, and one that was terminated is INACTIVE.
    pub(crate) fn learn_of_end(&mut self, instance: InstanceNo) {
        let (now, parked) = (self.now, self.instance(instance).power == Power::Stopped);
        let id = self.instance(instance).id.clone();
        for task in self.live_tasks(instance) {
            let reason =
                format!("Host EC2 (instance {id}) {}.", if parked { "stopped" } else { "terminated" });
            self.lose_task(task, reason);
        }
        if let Some(container) = self.instances[instance.0].container.as_mut().filter(|_| !parked) {
            container.status = Status::Other("INACTIVE".into());
            container.deregistered_at = Some(now);
            container.version += 1;
            self.record(Deed::StatusChanged(instance, Status::Other("INACTIVE".into())));
            events::container_change(self, instance);
        }
    }
}
