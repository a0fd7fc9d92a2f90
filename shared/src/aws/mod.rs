//! The ports fulfilled against AWS: the only place that names its crates.

pub mod access;
#[cfg(feature = "doctor")]
pub mod account;
pub mod alert_table;
pub mod auto_scaling;
pub mod cloudwatch;
pub mod cluster_reads;
pub mod ecs;
pub mod eventbridge;
pub mod facts;
mod failure;
pub mod protection;
#[cfg(feature = "run-command")]
pub mod run_command;
pub mod sns;
pub mod volumes;

pub use access::Aws;
