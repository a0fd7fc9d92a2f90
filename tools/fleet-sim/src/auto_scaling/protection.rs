//! What scale-in leaves alone.

use crate::ec2::InstanceNo;
use crate::world::World;

impl World {
    /// Protects an instance of a group from scale-in, or ends that.
    pub fn set_scale_in_protection(&mut self, instance: InstanceNo, is_protected: bool) {
        if let Some(member) = self.instances[instance.0].membership.as_mut() {
            member.protected_from_scale_in = is_protected;
        }
    }
}
