//! `task-monitor` and `service-monitor`: judges the events of a payload that are of its beat, and tells people of
//! the alerts.
//!
//! A record is done only when its alert was accepted, or counted in the alert table. What fails is delivered
//! again; what went through is remembered, so that a redelivery of the whole is quiet about it.

mod beat;
mod dealing;
mod due;
mod fate;
mod hosts;
mod jobs;
mod judged;
mod judging;
mod logs;
mod states;
mod telling;

pub use beat::Beat;
pub use fate::{Dealt, Fate};
pub use hosts::Wanted;
pub use logs::CollectsLogs;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::enriching::Enriching;
use super::incidents::Incidents;
use super::seen::Seen;
use super::verdict_bus::Verdicts;
use super::{HandlerError, Outcome};
use crate::alert::{Alert, HttpsBody};
use crate::event::{Detail, Timestamp};
use crate::intake::Record;
use crate::judge::host::KnownHosts;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TableError, TaskFacts, VerdictBus};

/// How long the bus may take: with the metrics less than what is kept back of the invocation's time.
const BUS_TIME: Duration = Duration::from_millis(600);
/// How long metrics may take; they are not worth an alert.
const METRICS_TIME: Duration = Duration::from_millis(700);

/// The function: a policy, ports and what it remembers between invocations.
#[derive(Debug)]
pub struct Monitor<P, M, C, T, F, B> {
    /// Which events it judges.
    pub beat: Beat,
    /// What the team knows.
    pub policy: Policy,
    /// Where alerts go.
    pub publisher: P,
    /// Where counts go.
    pub metrics: M,
    /// The time.
    pub clock: C,
    /// What HTTPS subscribers get.
    pub https: HttpsBody,
    /// The incidents of the alert table; without one every alert is told.
    incidents: Option<Incidents<T>>,
    /// What looks up what alerts lack.
    enriching: Option<Enriching<F, C>>,
    /// What has the logs of hosts collected.
    logs: Option<Box<dyn CollectsLogs>>,
    /// Where every verdict goes.
    bus: Option<B>,
    /// What was dealt with.
    seen: Mutex<Seen>,
}

/// One invocation.
#[derive(Debug)]
pub struct Round {
    /// Its end.
    deadline: Timestamp,
    /// What is counted.
    tally: Tally,
    /// The table did not answer: it is not asked again before the next invocation, which would only take the
    /// time of the alerts.
    table_failed: bool,
    /// Verdicts for the bus, with the times of their events.
    verdicts: Vec<(Alert, Option<Timestamp>)>,
    /// What was looked up of hosts before judging.
    known_hosts: KnownHosts,
}

impl Round {
    /// Begins; it ends at `deadline`.
    #[must_use]
    pub fn until(deadline: Timestamp) -> Self {
        Self {
            deadline,
            tally: Tally::default(),
            table_failed: false,
            verdicts: Vec::new(),
            known_hosts: KnownHosts::new(),
        }
    }

    /// What is counted, for what a function measures beside its alerts.
    pub const fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Notes that the table did not do what was asked.
    fn table_failed(&mut self, error: &TableError) {
        tracing::error!(error = %error, "the alert table failed: alerts are told without it");
        self.tally.table_failures += 1;
        self.table_failed = true;
    }
}

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// A function that has seen nothing yet, with neither table, look-ups nor bus.
    pub fn new(beat: Beat, policy: Policy, publisher: P, metrics: M, clock: C, https: HttpsBody) -> Self {
        let (incidents, enriching, logs, bus) = (None, None, None, None);
        Self {
            beat,
            policy,
            publisher,
            metrics,
            clock,
            https,
            incidents,
            enriching,
            logs,
            bus,
            seen: Mutex::default(),
        }
    }

    /// With an alert table, where there is one: stops are grouped into incidents.
    #[must_use]
    pub fn with_table(self, table: Option<T>) -> Self {
        Self { incidents: table.map(|table| Incidents::new(table, self.policy.grouping)), ..self }
    }

    /// With look-ups of what alerts lack, where there are some.
    #[must_use]
    pub fn with_facts(self, enriching: Option<Enriching<F, C>>) -> Self {
        Self { enriching, ..self }
    }

    /// With a bus that every verdict goes to, where there is one.
    #[must_use]
    pub fn with_bus(self, bus: Option<B>) -> Self {
        Self { bus, ..self }
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
        let mut round = Round::until(deadline);
        for record in super::records_of(payload) {
            self.deal(record, &mut round, &mut outcome).await;
        }
        self.end(round).await;
        outcome.answer()
    }

    /// Ends an invocation: its counts go out.
    pub async fn end(&self, mut round: Round) {
        let mut verdicts = Verdicts::new(self.bus.as_ref());
        for (alert, at) in std::mem::take(&mut round.verdicts) {
            verdicts.add(&alert, at);
        }
        let left = round.deadline.elapsed_since(self.clock.now());
        let lost = verdicts.flush(BUS_TIME.min(left)).await;
        round.tally.verdicts_lost = u32::try_from(lost).unwrap_or(u32::MAX);
        if !round.tally.is_empty() {
            let now = self.clock.now();
            self.metrics.emit(&round.tally, now, METRICS_TIME.min(round.deadline.elapsed_since(now))).await;
        }
    }

    /// Does what an event asks for instead of a verdict: a tick tells what is due, a steady service ends its
    /// incidents. Whether that was all it is for.
    async fn follow(&self, record: &Record, round: &mut Round) -> bool {
        let Ok(event) = &record.content else { return false };
        match &event.detail {
            Detail::Tick => {
                round.tally.ticks += 1;
                self.tell_due(round).await;
            }
            Detail::Service(service) => match service.steady() {
                Some((cluster, service)) => {
                    self.note_steady(cluster, service, self.clock.now(), round).await;
                    return !self.beat.judges(&event.detail);
                }
                None => return false,
            },
            Detail::Task(_)
            | Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::SpotWarning(_)
            | Detail::ContainerInstance(_)
            | Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Other { .. } => return false,
        }
        true
    }

    /// The memory; a panic elsewhere does not take it away.
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
