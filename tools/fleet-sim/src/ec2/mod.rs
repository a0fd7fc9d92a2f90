//! EC2: instances, their ids, and how they end.

mod ending;
mod ids;

pub(crate) use ids::id_of;
pub use ids::{Kind, number_in};

use shared::event::Timestamp;

use crate::auto_scaling::Membership;
use crate::ecs::Container;

/// Which EC2 instance, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceNo(pub(crate) usize);

/// Whether an instance is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It runs.
    Running,
    /// It is stopped, in a warm pool.
    Stopped,
    /// It is no more.
    Terminated,
}

/// Why an instance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Auto Scaling terminated it.
    AutoScaling,
    /// Auto Scaling stopped it for the warm pool.
    WarmPool,
    /// EC2 took it back.
    Spot,
    /// Somebody terminated it without asking anybody.
    Direct,
}

/// An EC2 instance, with what its group and its cluster make of it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// For example `i-0a1b2c3d400000001`.
    pub id: String,
    /// Whether it is there.
    pub power: Power,
    /// Its place in a group, as long as it is in one.
    pub membership: Option<Membership>,
    /// What ECS makes of it, if it ever joined a cluster.
    pub container: Option<Container>,
    /// When EC2 takes it back, once it has said so.
    pub spot_ends_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
