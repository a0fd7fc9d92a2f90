//! `instance-protection`: keeps instances from being scaled in while they run tasks that must not be cut.
//!
//! Level-triggered on the tick: what to do follows from what AWS says now. It remembers what it protected as a note
//! on the container instance, and takes back nothing else.

mod acting;
mod gauges;
mod looking;
mod members;
mod memory;
mod round;
mod seeing;
mod target;
mod tell;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::instance_drain::calls::Calls;
use super::seen::Seen;
use super::unreadable::Unread;
use super::{HandlerError, Outcome};
use crate::alert::HttpsBody;
use crate::event::{Detail, Timestamp};
use crate::intake::Record;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{Clock, MetricSink, Publisher};
use memory::Memory;
use round::Round;

/// How long metrics may take.
const METRICS_TIME: Duration = Duration::from_secs(1);

/// The function: a policy, ports and what it remembers between invocations.
#[derive(Debug)]
pub struct InstanceProtection<T, S, P, M, C> {
    /// What the team knows.
    pub policy: Policy,
    /// The tasks, and the container instances that host them.
    pub hosts: T,
    /// What scale-in may take.
    pub scale_in: S,
    /// Where notifications go.
    pub publisher: P,
    /// Where counts go.
    pub metrics: M,
    /// The time.
    pub clock: C,
    /// What HTTPS subscribers get.
    pub https: HttpsBody,
    /// Hints from earlier invocations.
    memory: Mutex<Memory>,
    /// Unreadable records that were told.
    told: Mutex<Seen>,
}

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M: MetricSink, C: Clock> InstanceProtection<T, S, P, M, C> {
    /// A function that remembers nothing yet.
    pub fn new(
        policy: Policy,
        hosts: T,
        scale_in: S,
        publisher: P,
        metrics: M,
        clock: C,
        https: HttpsBody,
    ) -> Self {
        let (memory, told) = (Mutex::default(), Mutex::default());
        Self { policy, hosts, scale_in, publisher, metrics, clock, https, memory, told }
    }

    /// Deals with a payload until `deadline`, the end of the invocation. Several ticks of a batch are one.
    ///
    /// # Errors
    /// [`HandlerError`] where a record outside an SQS batch failed; inside one it is in the answer.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, HandlerError> {
        let mut outcome = Outcome::default();
        let mut tally = Tally::default();
        let mut ticks = Vec::new();
        for record in super::records_of(payload) {
            let Record { message_id, content } = record;
            match content {
                Ok(event) if matches!(event.detail, Detail::Tick) => ticks.push(message_id),
                Ok(event) => tracing::info!(kind = event.kind(), "nothing to do: no tick"),
                Err(unreadable) => {
                    let Self { policy, publisher, clock, told, https, .. } = self;
                    let unread = Unread { policy, publisher, clock, told, https: *https };
                    let error = unread.tell(&unreadable, deadline, &mut tally).await;
                    outcome.fail(message_id.as_deref(), error);
                }
            }
        }
        if !ticks.is_empty() {
            tally.ticks += u32::try_from(ticks.len()).unwrap_or(u32::MAX);
            if let Err(error) = self.tick(deadline, &mut tally).await {
                for message_id in ticks {
                    outcome.fail(message_id.as_deref(), error.clone());
                }
            }
        }
        if !tally.is_empty() {
            let now = self.clock.now();
            self.metrics.emit(&tally, now, METRICS_TIME.min(deadline.elapsed_since(now))).await;
        }
        outcome.answer()
    }

    /// One tick. Without an entry in the policy it calls nobody.
    async fn tick(&self, deadline: Timestamp, tally: &mut Tally) -> Result<(), HandlerError> {
        if self.policy.protects.is_empty() {
            return Ok(());
        }
        let memory = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = std::mem::take(&mut *memory());
        let calls = Calls {
            clock: &self.clock,
            deadline,
            budget: remembered.budget,
            urgent: false,
            refused: Vec::new(),
            starved: false,
        };
        let targets = BTreeMap::new();
        let mut round = Round { function: self, calls, memory: remembered, targets, saw_all: true };
        round.run().await;
        tally.protections = round.measure().await;
        let told = round.tell_of_refusals(tally).await;
        let Round { calls, memory: mut kept, .. } = round;
        if calls.starved {
            kept.begin_with = kept.begin_with.wrapping_add(1);
        }
        kept.budget = calls.budget;
        *memory() = kept;
        told
    }
}

#[cfg(test)]
mod tests;
