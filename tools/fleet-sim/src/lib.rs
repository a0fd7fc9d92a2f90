//! The parts of AWS that a drain meets, simulated on a virtual clock: ECS, Auto Scaling, EC2's ends, events.
//!
//! A [`Fleet`] builds a [`World`]; a [`Sim`] is a handle on it that fulfils `shared`'s ports, and
//! [`drive::Driver`] gives a handler the events and ticks that Lambda would give it. A seed determines a
//! run wholly: but for [`http`]'s pace nothing here reads the process, and nothing depends on the order of a
//! hash.
//!
//! ```
//! use fleet_sim::drive::{Answer, Driver, Feed};
//! use fleet_sim::ecs::ServicePlan;
//! use fleet_sim::{Fault, Fleet, GroupPlan, HookPlan, Rule};
//! use shared::ports::Ecs as _;
//! use std::time::Duration;
//!
//! let sim = Fleet::seeded(1)
//!     .group(GroupPlan::named("web-asg", 3).in_cluster("prod").hook(HookPlan::named("drain")))
//!     .service(ServicePlan::replica("web", "prod", 6).stops_in(Duration::from_secs(20)))
//!     .simulate();
//! let doomed = sim.world().all_instances().next().unwrap();
//! sim.world().after(Duration::from_secs(30), move |world| {
//!     world.terminate(doomed);
//! });
//! sim.world().api.faults.add(Rule::any(Fault::DiesAfter).nth(2));
//! let mut driver = Driver::new(&sim, Feed::default(), |sim| {
//!     async move |_payload: Vec<u8>| match sim.list_clusters(None).await {
//!         Ok(_) => Answer::Done,
//!         Err(_) => Answer::Failed,
//!     }
//! });
//! driver.run_for(Duration::from_mins(10));
//! let report = driver.report();
//! assert_eq!((report.invocations.died, report.expired), (1, 1));
//! ```

pub mod algorithms;
pub mod api;
pub mod auto_scaling;
pub mod compare;
pub mod dice;
pub mod drive;
pub mod ec2;
pub mod ecs;
pub mod events;
pub mod fleet;
pub mod http;
pub mod outbox;
pub mod report;
pub mod run_command;
pub mod scenario;
pub mod sim;
pub mod span;
pub mod timeline;
pub mod world;

pub use api::faults::{Fault, Rule};
pub use fleet::{Fleet, GroupPlan, HookPlan};
pub use sim::Sim;
pub use world::World;
