//! How a service comes to rest, is deployed anew, and is deleted.

use super::{ServiceNo, ServiceStatus};
use crate::world::World;

/// What the scheduler says where no instance has room.
pub(super) const NO_ROOM: &str =
    "was unable to place a task because no container instance met all of its requirements.";
/// What it says of a service that has what it should.
const STEADY: &str = "has reached a steady state.";

impl World {
    /// A new deployment of a service begins: its tasks are replaced within its percentages.
    pub fn deploy(&mut self, service: ServiceNo) {
        let now = self.now;
        let service = &mut self.services[service.0];
        (service.deployed, service.rolls_out) = (now, true);
    }

    /// Deletes a service: its tasks are stopped, and it is gone with the last of them.
    pub fn delete_service(&mut self, service: ServiceNo) {
        let service = &mut self.services[service.0];
        (service.plan.desired, service.status) = (0, ServiceStatus::Draining);
    }

    /// Notes how a service stands after a round of the scheduler.
    pub(super) fn settle_service(&mut self, service: ServiceNo, staying: usize, healthy: usize) {
        let now = self.now;
        let service = &mut self.services[service.0];
        if service.status == ServiceStatus::Draining && service.tasks.is_empty() {
            service.status = ServiceStatus::Inactive;
        }
        if staying == service.plan.desired && healthy == service.plan.desired {
            service.rolls_out = false;
            service.say(now, STEADY);
        }
    }
}
