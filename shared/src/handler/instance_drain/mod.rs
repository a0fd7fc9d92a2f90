//! `instance-drain`: sees instances out that Auto Scaling wants to terminate.
//!
//! Level-triggered: events and ticks only say which instances to look at; what to do follows from what AWS says
//! of them now. So events that come twice, late, in the wrong order or never change nothing but the time.

pub(super) mod calls;
mod clusters;
mod collecting;
mod confirming;
mod deeds;
mod gauges;
mod looks;
mod marking;
mod memory;
mod news;
mod places;
mod round;
mod row;
mod states;
mod target;
mod tell;
pub mod trigger;
mod unreadable;

pub use crate::drain::settings::Settings;
pub use round::Mode;
pub use row::{Report, Row};
pub use target::{Deed, Purpose, Wish};

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::seen::Seen;
use super::{HandlerError, Outcome};
use crate::alert::HttpsBody;
use crate::event::Timestamp;
use crate::intake::Record;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, MetricSink, Publisher};
use calls::Calls;
use memory::Memory;
use round::Round;
use trigger::{Reason, Trigger, not_after};

/// How long metrics may take.
const METRICS_TIME: Duration = Duration::from_secs(1);

/// The function: a policy, settings, ports and what it remembers between invocations.
#[derive(Debug)]
pub struct InstanceDrain<E, A, P, M, C, L> {
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
    /// What collects the logs of instances.
    pub logs: L,
    /// What HTTPS subscribers get.
    pub https: HttpsBody,
    /// Hints from earlier invocations.
    memory: Mutex<Memory>,
    /// Unreadable records that were told.
    told: Mutex<Seen>,
}

impl<E: Ecs, A: AutoScaling, P: Publisher, M: MetricSink, C: Clock, L: LogCollector>
    InstanceDrain<E, A, P, M, C, L>
{
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
        logs: L,
        https: HttpsBody,
    ) -> Self {
        let (memory, told) = (Mutex::default(), Mutex::default());
        Self { policy, settings, ecs, auto_scaling, publisher, metrics, clock, logs, https, memory, told }
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
        let mut tally = Tally::default();
        for record in super::records_of(payload) {
            let Record { message_id, content } = record;
            let event = match content {
                Ok(event) => event,
                Err(unreadable) => {
                    let error = self.tell_unreadable(&unreadable, deadline, &mut tally).await;
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
                    tally.ticks += 1;
                    asked.push((message_id, None));
                }
                Trigger::TaskStopped { container_instance, task } => {
                    match self.memory().strike(&container_instance, &task) {
                        Some((id, place)) => {
                            let wish = Wish { place: Some(place), ..Wish::new(Purpose::Termination) };
                            asked.push((message_id, Some(id.clone())));
                            wishes.entry(id).or_insert(wish);
                        }
                        None => Reason::NotTheLast.log(&event),
                    }
                }
                Trigger::Nothing(reason) => reason.log(&event),
            }
        }
        let now = self.clock.now();
        self.memory().queue(&mut wishes, now);
        let has_backlog = self.memory().has_backlog(now);
        let tick = tally.ticks > 0;
        if tick || !wishes.is_empty() || has_backlog {
            let report = self.look(wishes, tick, Mode::Act, deadline, &mut tally).await;
            for (message_id, instance) in asked {
                if let Some(error) = report.failure_of(instance.as_deref()) {
                    outcome.fail(message_id.as_deref(), error);
                }
            }
        }
        if !tally.is_empty() {
            let now = self.clock.now();
            self.metrics.emit(&tally, now, METRICS_TIME.min(deadline.elapsed_since(now))).await;
        }
        outcome.answer()
    }

    /// Looks at instances once, and with `tick` at every one that waits; does what is to be done, or with
    /// [`Mode::Plan`] only finds it out. Emits no metrics.
    pub async fn reconcile(
        &self,
        wishes: BTreeMap<String, Wish>,
        tick: bool,
        mode: Mode,
        deadline: Timestamp,
    ) -> Report {
        self.look(wishes, tick, mode, deadline, &mut Tally::default()).await
    }

    /// The same, with what it counts.
    async fn look(
        &self,
        wishes: BTreeMap<String, Wish>,
        tick: bool,
        mode: Mode,
        deadline: Timestamp,
        tally: &mut Tally,
    ) -> Report {
        let memory = std::mem::take(&mut *self.memory());
        let calls = Calls {
            clock: &self.clock,
            deadline,
            budget: memory.budget,
            urgent: false,
            refused: Vec::new(),
            starved: false,
        };
        let targets = BTreeMap::new();
        let mut round = Round { function: self, mode, tick, calls, memory, targets, tally, untold: None };
        round.run(wishes).await;
        let Round { calls, mut memory, targets, untold, .. } = round;
        memory.budget = calls.budget;
        *self.memory() = memory;
        let rows = targets.into_values().map(|target| target.into_row(&self.policy)).collect::<Vec<_>>();
        rows.iter().for_each(Row::log);
        Report { rows, refused: calls.refused, untold, starved: calls.starved }
    }

    /// What is remembered; a panic elsewhere does not take it away.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
