//! The agent's connection, without which no task takes a step.

use shared::event::Timestamp;

use super::task::Held;
use crate::ec2::{InstanceNo, Power};
use crate::events;
use crate::world::ledger::Deed;
use crate::world::{Happening, World};

impl World {
    /// The agent of an instance loses its connection, until then or for ever.
    pub fn disconnect_agent(&mut self, instance: InstanceNo, until: Option<Timestamp>) {
        self.set_connected(instance, false);
        if let Some(until) = until {
            self.note(until, Happening::AgentConnects(instance));
        }
    }

    /// The agent of an instance connects again, and tells what it held back.
    pub fn connect_agent(&mut self, instance: InstanceNo) {
        if self.instance(instance).power != Power::Running || self.is_connected(instance) {
            return;
        }
        self.set_connected(instance, true);
        for number in self.live_tasks(instance) {
            let task = &mut self.tasks[number.0];
            let (held, turn) = (task.held, task.turn);
            task.held = Held::Nothing;
            match held {
                Held::Nothing => {}
                Held::Step => self.step_task(number, turn),
                Held::End => self.end_task(number, turn),
            }
        }
    }

    /// Whether an instance's agent is connected.
    pub(crate) fn is_connected(&self, instance: InstanceNo) -> bool {
        self.instance(instance).container.as_ref().is_some_and(|container| container.agent_connected)
    }

    /// Changes the connection and tells of it.
    pub(crate) fn set_connected(&mut self, instance: InstanceNo, connected: bool) {
        let Some(container) = self.instances[instance.0].container.as_mut() else { return };
        if container.agent_connected == connected {
            return;
        }
        container.agent_connected = connected;
        container.version += 1;
        self.record(Deed::Agent(instance, connected));
        events::container_change(self, instance);
    }

    /// Counts a change of a container instance.
    pub(crate) fn touch(&mut self, instance: InstanceNo) {
        if let Some(container) = self.instances[instance.0].container.as_mut() {
            container.version += 1;
        }
    }
}
