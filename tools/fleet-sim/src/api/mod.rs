//! Calls: what each costs, what is done to it, and what was called.

pub mod bucket;
mod calling;
pub mod faults;
mod op;
#[cfg(test)]
mod tests;

pub use calling::{Called, Spoiled};
pub use op::{Allowance, Op, Service};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shared::event::Timestamp;

use crate::dice::Dice;
use bucket::Bucket;
use faults::Faults;

/// How a call ended, as its caller saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It was refused.
    Refused,
    /// Its allowance was spent, or a fault said so.
    Throttled,
    /// It failed, and had no effect.
    FailedBefore,
    /// It failed, and had its effect.
    FailedAfter,
    /// Its caller never heard of it again.
    Died,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it arrived.
    pub at: Timestamp,
    /// What was called.
    pub op: Op,
    /// Who called, by the name of its handle.
    pub caller: Arc<str>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What is done to calls, and what was called.
#[derive(Debug)]
pub struct ApiState {
    /// What is left of each allowance.
    buckets: BTreeMap<Allowance, Bucket>,
    /// Whether allowances are charged.
    pub charged: bool,
    /// What goes wrong.
    pub faults: Faults,
    /// Every call, in order.
    pub(crate) calls: Vec<Call>,
    /// How long each call takes.
    dice: Dice,
    /// The invocation that calls ends then, whatever it is about.
    pub(crate) deadline: Option<Timestamp>,
    /// Real time that went into the simulation of calls.
    pub(crate) simulating: Duration,
    /// The invocation that calls has died: nothing it calls has an effect.
    pub(crate) died: bool,
}

impl ApiState {
    /// With full allowances and nothing going wrong.
    #[must_use]
    pub fn new(mut dice: Dice, now: Timestamp) -> Self {
        let full = |allowance: Allowance| {
            let (burst, rate) = allowance.burst_and_rate();
            (allowance, Bucket::full(burst, rate, now))
        };
        Self {
            buckets: Allowance::ALL.into_iter().map(full).collect(),
            charged: true,
            faults: Faults::new(dice.fork()),
            calls: Vec::new(),
            dice,
            deadline: None,
            simulating: Duration::ZERO,
            died: false,
        }
    }

    /// A new invocation begins: it lives, and ends then, if ever.
    pub fn begin_invocation(&mut self, deadline: Option<Timestamp>) {
        self.died = false;
        self.deadline = deadline;
    }

    /// The invocation is over; whether it had died.
    pub fn end_invocation(&mut self) -> bool {
        self.deadline = None;
        std::mem::take(&mut self.died)
    }
}
