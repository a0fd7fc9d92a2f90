//! The one crate every ecs-steward function is built from.
//!
//! Modules in the order of their dependencies: [`redact`] takes secrets out of texts, [`event`] and [`intake`] read, [`policy`] and [`judge`]
//! decide in the words of [`verdict`], [`alert`] and [`metrics`] put the decision into words and numbers, [`ports`] name what a
//! [`handler`] needs of the world. These are pure. With the feature `aws`, `aws` fulfils the ports and
//! `runtime` reads environment and clock; with `lambda`, which brings `aws`, `runtime` is also the shell
//! around a handler.

pub mod alert;
pub mod audit;
pub mod collect;
pub mod config;
pub mod drain;
pub mod event;
pub mod handler;
pub mod in_memory;
pub mod intake;
pub mod judge;
pub mod metrics;
pub mod policy;
pub mod ports;
pub mod protect;
pub mod redact;
pub mod verdict;
pub mod volume;

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "aws")]
pub mod runtime;
