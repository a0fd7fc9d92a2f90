//! What became of each termination.

use std::collections::BTreeMap;

use shared::event::Timestamp;

use crate::auto_scaling::Stage;
use crate::ec2::InstanceNo;
use crate::ecs::Class;
use crate::world::World;
use crate::world::ledger::Deed;

/// What became of a termination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The instance.
    pub instance: InstanceNo,
    /// When Auto Scaling decided.
    pub began: Timestamp,
    /// When its last task stopped that is of no daemon service, before it was completed.
    pub last_stop: Option<Timestamp>,
    /// When the last of its hooks was completed by somebody.
    pub completed: Option<Timestamp>,
    /// When the instance ended.
    pub ended: Option<Timestamp>,
}

impl Drain {
    /// Milliseconds from the last stop, or from the beginning where there was nothing to stop, to the
    /// completion.
    #[must_use]
    pub fn lateness(&self) -> Option<i64> {
        let ready = self.last_stop.map_or(self.began, |stop| stop.max(self.began));
        Some(self.completed?.millis_since(ready))
    }

    /// Whether a hook still holds the instance.
    #[must_use]
    pub fn is_held(&self, world: &World) -> bool {
        let member = world.instance(self.instance).membership.as_ref();
        member.is_some_and(|member| member.stage == Stage::TerminatingWait)
    }
}

/// Every termination, in the order of their instances; of an instance that was terminated twice, the last.
pub(super) fn all(world: &World) -> Vec<Drain> {
    let mut drains: BTreeMap<InstanceNo, Drain> = BTreeMap::new();
    let mut stops: BTreeMap<InstanceNo, Timestamp> = BTreeMap::new();
    for entry in world.deeds() {
        match &entry.deed {
            Deed::TerminationBegan(instance) => {
                let drain = Drain {
                    instance: *instance,
                    began: entry.at,
                    last_stop: stops.get(instance).copied(),
                    completed: None,
                    ended: None,
                };
                drains.insert(*instance, drain);
            }
            Deed::TaskStopped { instance, class: Class::Replica | Class::Standalone, .. } => {
                stops.insert(*instance, entry.at);
                if let Some(drain) = drains.get_mut(instance).filter(|drain| drain.completed.is_none()) {
                    drain.last_stop = Some(entry.at);
                }
            }
            Deed::HookCompleted(instance, _, _) => {
                if let Some(drain) = drains.get_mut(instance) {
                    drain.completed = Some(entry.at);
                }
            }
            Deed::Terminated(instance, _) | Deed::Parked(instance) => {
                if let Some(drain) = drains.get_mut(instance) {
                    drain.ended = Some(entry.at);
                }
            }
            Deed::Protection { .. }
            | Deed::TaskStopped { class: Class::Daemon, .. }
            | Deed::SpotWarned(_)
            | Deed::Retained(_)
            | Deed::Heartbeat(..)
            | Deed::HookExpired(..)
            | Deed::HookSkipped(..)
            | Deed::StatusChanged(..)
            | Deed::Agent(..)
            | Deed::StopAsked { .. }
            | Deed::TaskKilled { .. } => {}
        }
    }
    drains.into_values().collect()
}
