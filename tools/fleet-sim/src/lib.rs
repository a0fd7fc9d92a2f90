//! The parts of AWS that a drain meets, simulated on a virtual clock: ECS, Auto Scaling, EC2's ends, events.
//!
//! A [`Fleet`] builds a [`World`]; a [`Sim`] is a handle on it that fulfils `shared`'s ports, and
//! [`drive::Driver`] gives a handler the events and ticks that Lambda would give it. A seed determines a
//! run wholly: nothing here reads the process, and nothing depends on the order of a hash.

pub mod api;
pub mod auto_scaling;
pub mod dice;
pub mod drive;
pub mod ec2;
pub mod ecs;
pub mod events;
pub mod fleet;
pub mod http;
pub mod outbox;
pub mod report;
pub mod sim;
pub mod span;
pub mod world;

pub use api::faults::{Fault, Rule};
pub use fleet::{Fleet, GroupPlan, HookPlan};
pub use sim::Sim;
pub use world::World;
