//! `instance-drain`: sees instances out that Auto Scaling wants to terminate.
//!
//! Level-triggered: events and ticks only say which instances to look at; what to do follows from what AWS says
//! of them now. So events that come twice, late, in the wrong order or never change nothing but the time.

mod budget;
mod calls;
mod deeds;
mod looks;
mod memory;
mod news;
mod places;
mod round;
mod row;
mod states;
mod target;
mod tell;
pub mod trigger;

pub use crate::drain::settings::Settings;
pub use round::Mode;
pub use row::{Report, Row};
pub use target::{Deed, Purpose, Wish};

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::publish::publish;
use super::{HandlerError, Outcome};
use crate::alert::{Alert, HttpsBody, Message, Subject};
use crate::event::Timestamp;
use crate::intake::{Record, Unreadable};
use crate::judge;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{AutoScaling, Clock, Ecs, MetricSink, Publisher};
use calls::Calls;
use memory::Memory;
use round::Round;
use trigger::{Trigger, not_after};

/// How long metrics may take.
const METRICS_TIME: Duration = Duration::from_secs(1);
/// Unreadable records that are remembered as told.
const UNREADABLE: usize = 512;

/// The function: a policy, settings, ports and what it remembers between invocations.
#[derive(Debug)]
pub struct InstanceDrain<E, A, P, M, C> {
    /// What the team knows.
    pub policy: Policy,
    /// Which hooks and clusters are meant.
    pub settings: Settings,
    /// The container instances and their tasks.
    pub ecs: E,
    /// The groups, hooks and lifecycle actions.
    pub auto_scaling: A,
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
    told: Mutex<Vec<u64>>,
}

impl<E: Ecs, A: AutoScaling, P: Publisher, M: MetricSink, C: Clock> InstanceDrain<E, A, P, M, C> {
    /// A function that remembers nothing yet.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a port or a setting, named at the one place that wires"
    )]
    pub fn new(
        policy: Policy,
        settings: Settings,
        ecs: E,
        auto_scaling: A,
        publisher: P,
        metrics: M,
        clock: C,
        https: HttpsBody,
    ) -> Self {
        let (memory, told) = (Mutex::default(), Mutex::default());
        Self { policy, settings, ecs, auto_scaling, publisher, metrics, clock, https, memory, told }
    }

    /// Deals with a payload until `deadline`, the end of the invocation.
    ///
    /// # Errors
    /// [`HandlerError`] where a record outside an SQS batch failed; inside one it is in the answer.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, HandlerError> {
        let mut outcome = Outcome::default();
        let mut wishes: BTreeMap<String, Wish> = BTreeMap::new();
        let mut asked = Vec::new();
        let mut tick = false;
        for record in super::records_of(payload) {
            let Record { message_id, content } = record;
            let event = match content {
                Ok(event) => event,
                Err(unreadable) => {
                    let error = self.tell_unreadable(&unreadable, deadline).await;
                    outcome.fail(message_id.as_deref(), error);
                    continue;
                }
            };
            match Trigger::of(&event, |hook| self.settings.is_ours(hook)) {
                Trigger::Look(id, wish) => {
                    let wish = not_after(self.clock.now(), wish);
                    asked.push((message_id, Some(id.clone())));
                    match wishes.get_mut(&id) {
                        Some(known) => known.merge(wish),
                        None => drop(wishes.insert(id, wish)),
                    }
                }
                Trigger::Tick => {
                    tick = true;
                    asked.push((message_id, None));
                }
                Trigger::Nothing(reason) => {
                    tracing::info!(reason = reason.word(), what = ?reason, event_id = event.envelope.id.as_deref(), "nothing to do");
                }
            }
        }
        if tick || !wishes.is_empty() || self.has_backlog() {
            let report = self.reconcile(wishes, tick, Mode::Act, deadline).await;
            for (message_id, instance) in asked {
                if let Some(error) = report.failure_of(instance.as_deref()) {
                    outcome.fail(message_id.as_deref(), error);
                }
            }
        }
        outcome.answer()
    }

    /// Looks at instances once, and with `tick` at every one that waits; does what is to be done, or with
    /// [`Mode::Plan`] only finds it out.
    pub async fn reconcile(
        &self,
        wishes: BTreeMap<String, Wish>,
        tick: bool,
        mode: Mode,
        deadline: Timestamp,
    ) -> Report {
        let memory = std::mem::take(&mut *self.memory.lock().unwrap_or_else(PoisonError::into_inner));
        let calls = Calls {
            clock: &self.clock,
            deadline,
            budget: memory.budget,
            urgent: false,
            refused: Vec::new(),
            starved: false,
        };
        let (targets, tally) = (BTreeMap::new(), Tally::default());
        let mut round = Round { function: self, mode, calls, memory, targets, tally };
        round.run(wishes, tick).await;
        let Round { calls, mut memory, targets, tally, .. } = round;
        memory.budget = calls.budget;
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = memory;
        if !tally.is_empty() {
            let now = self.clock.now();
            self.metrics.emit(&tally, now, METRICS_TIME.min(deadline.elapsed_since(now))).await;
        }
        let rows = targets.into_values().map(|target| target.into_row(&self.policy)).collect::<Vec<_>>();
        rows.iter().for_each(Row::log);
        Report { rows, refused: calls.refused, starved: calls.starved }
    }

    /// Whether instances wait for a look.
    fn has_backlog(&self) -> bool {
        let now = self.clock.now();
        !self.memory.lock().unwrap_or_else(PoisonError::into_inner).backlog(now).is_empty()
    }

    /// Tells of a record that could not be read, once per process, and fails it each time, so that it reaches
    /// the dead-letter queue.
    async fn tell_unreadable(&self, unreadable: &Unreadable, deadline: Timestamp) -> HandlerError {
        let was_told = self.told.lock().unwrap_or_else(PoisonError::into_inner).contains(&unreadable.key);
        let error = HandlerError::Unreadable(unreadable.to_string());
        if was_told {
            return error;
        }
        let alert = Alert::new(judge::unreadable_event(unreadable), Subject::default());
        let message = Message::of(&alert, self.https);
        tracing::warn!(error = %error, "unreadable");
        match publish(&self.publisher, &self.clock, &alert, &message, deadline).await {
            Ok(()) => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.len() >= UNREADABLE {
                    told.remove(0);
                }
                told.push(unreadable.key);
                error
            }
            Err(why) => HandlerError::Publish(why.to_string()),
        }
    }
}
