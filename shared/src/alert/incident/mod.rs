//! One alert per incident: what is told of a stop, now or later, alone or together with others.
//!
//! Pure. [`claim`](claim::claim) takes what the alert table holds and a stop, and answers what it is to hold
//! and whether people are told now; [`due`] does the same for the time. What is to be told is leased,
//! and [`settle`] ends the lease, so that a crash repeats a message and never loses one (see [`course`]).

pub mod awaited;
pub mod claim;
pub mod cluster;
pub mod course;
pub mod document;
pub mod due;
pub mod job;
pub mod settings;
pub mod settle;
pub mod standing;
pub mod storm;
pub mod structured;
pub mod watch;
pub mod words;

pub use awaited::Awaited;
pub use claim::{Answer, Stop, Suppressed, Ticket};
pub use cluster::Cluster;
pub use course::{Course, Notice, Wish};
pub use document::{Document, Example, Incident, Seen, State};
pub use settings::Grouping;
pub use standing::Standing;
pub use storm::Storm;
pub use watch::{Found, Look, Watch};

#[cfg(test)]
mod tests;
