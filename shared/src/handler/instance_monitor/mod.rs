//! `instance-monitor`: judges what ECS, EC2 and AWS Health say of hosts, with what ECS and Auto Scaling say of them
//! when they are asked.
//!
//! Only what would be told is asked for: most events are quiet by themselves and cost no call. What Auto Scaling ends
//! is known after one call for up to 50 instances.

mod look_up;
mod memory;

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::monitor::{Monitor, Round};
use super::{HandlerError, Outcome};
use crate::event::Timestamp;
use crate::in_memory::Absent;
use crate::ports::{AlertTable, AutoScaling, Clock, Ecs, MetricSink, Publisher, VerdictBus};
use memory::Memory;

/// The function: the way of an alert, and who is asked about hosts.
#[derive(Debug)]
pub struct InstanceMonitor<P, M, C, T, B, E, A> {
    /// The way of an alert.
    monitor: Monitor<P, M, C, T, Absent, B>,
    /// The container instances.
    ecs: E,
    /// The groups they are in.
    auto_scaling: A,
    /// Hints from earlier events.
    memory: Mutex<Memory>,
}

impl<P, M, C, T, B, E, A> InstanceMonitor<P, M, C, T, B, E, A>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    B: VerdictBus,
    E: Ecs,
    A: AutoScaling,
{
    /// A function that remembers nothing yet. `monitor`: of [`Beat::Hosts`](super::monitor::Beat::Hosts).
    pub fn new(monitor: Monitor<P, M, C, T, Absent, B>, ecs: E, auto_scaling: A) -> Self {
        Self { monitor, ecs, auto_scaling, memory: Mutex::default() }
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
        let records = super::records_of(payload);
        let now = self.monitor.clock.now();
        for event in records.iter().filter_map(|record| record.content.as_ref().ok()) {
            self.memory().note(&event.detail, now);
        }
        let wanted: Vec<_> = records.iter().flat_map(|record| self.monitor.wanted(record)).collect();
        if !wanted.is_empty() {
            round.know(self.look_up(wanted, deadline).await);
        }
        for record in records {
            self.monitor.deal(record, &mut round, &mut outcome).await;
        }
        self.monitor.end(round).await;
        outcome.answer()
    }

    /// What is remembered; a panic elsewhere does not take it away.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
