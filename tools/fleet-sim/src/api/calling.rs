//! One call: time passes, its allowance is charged, what goes wrong goes wrong, and it has its effect.

use std::sync::Arc;

use shared::ports::ApiError;

use super::faults::{Failing, Fault};
use super::{Call, Op, Outcome, Service};
use crate::world::World;

/// How a call ends for who called.
#[derive(Debug)]
pub enum Called<T> {
    /// With an answer.
    Answered(T),
    /// With an error the service tells.
    Refused(ApiError),
    /// Without an answer.
    Failed(Failing),
    /// Never: the caller has died.
    Never,
}

/// What stands in `failures[]` for one of what was asked for.
pub type Spoiled = Option<&'static str>;

impl World {
    /// Makes a call. `act` has the effect; what it is given is the reason that spoils one of what it is
    /// about, if one is to be spoiled.
    pub fn call<T>(
        &mut self,
        op: Op,
        caller: &Arc<str>,
        act: impl FnOnce(&mut Self, Spoiled) -> Result<T, ApiError>,
    ) -> Called<T> {
        if self.api.died {
            return Called::Never;
        }
        let (ending, outcome) = self.attempt(op, act);
        self.api.died |= outcome == Outcome::Died;
        let call = Call { at: self.now, op, caller: Arc::clone(caller), outcome };
        self.api.calls.push(call);
        ending
    }

    /// Makes a call that is not written down yet.
    fn attempt<T>(
        &mut self,
        op: Op,
        act: impl FnOnce(&mut Self, Spoiled) -> Result<T, ApiError>,
    ) -> (Called<T>, Outcome) {
        let latency = self.api.dice.span(self.settings.latency_least, self.settings.latency_most);
        self.advance_by(latency);
        let now = self.now;
        let fault = self.api.faults.of(op, now);
        if let Some(Fault::Slow(span)) = fault {
            self.advance_by(span);
        }
        if self.api.deadline.is_some_and(|deadline| self.now >= deadline) {
            return (Called::Never, Outcome::Died);
        }
        let paid = !self.api.charged || self.pay(op);
        match fault {
            _ if !paid => (throttled(op), Outcome::Throttled),
            Some(Fault::Throttled) => (throttled(op), Outcome::Throttled),
            Some(Fault::Refused(code)) => {
                let message = "Injected.".to_owned();
                (Called::Refused(ApiError::Refused { code: code.to_owned(), message }), Outcome::Refused)
            }
            Some(Fault::FailsBefore(failing)) => (Called::Failed(failing), Outcome::FailedBefore),
            Some(Fault::DiesBefore) => (Called::Never, Outcome::Died),
            Some(Fault::FailsAfter(failing)) => match act(self, None) {
                Ok(_) => (Called::Failed(failing), Outcome::FailedAfter),
                Err(_) => (Called::Failed(failing), Outcome::FailedBefore),
            },
            Some(Fault::DiesAfter) => {
                // What it would have answered, nobody hears.
                drop(act(self, None));
                (Called::Never, Outcome::Died)
            }
            Some(Fault::Partial(reason)) => answered(act(self, Some(reason))),
            Some(Fault::Slow(_)) | None => answered(act(self, None)),
        }
    }

    /// Pays for a call.
    fn pay(&mut self, op: Op) -> bool {
        let now = self.now;
        self.api.buckets.get_mut(&op.allowance()).is_none_or(|bucket| bucket.pay(now))
    }

    /// A place in a list, by the dice of what goes wrong.
    pub(crate) fn spoiled_place(&mut self, length: usize) -> usize {
        self.api.faults.dice.place(length)
    }
}

/// A call that was answered, or refused.
fn answered<T>(result: Result<T, ApiError>) -> (Called<T>, Outcome) {
    match result {
        Ok(answer) => (Called::Answered(answer), Outcome::Answered),
        Err(error) => (Called::Refused(error), Outcome::Refused),
    }
}

/// A call too many, in the words of its service.
fn throttled<T>(op: Op) -> Called<T> {
    Called::Refused(ApiError::Throttled(
        match op.service() {
            Service::Ecs | Service::Ssm => "ThrottlingException: Rate exceeded",
            Service::AutoScaling | Service::Sns => "Throttling: Rate exceeded",
        }
        .to_owned(),
    ))
}
