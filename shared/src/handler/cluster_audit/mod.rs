//! `cluster-audit`: looks at every cluster on the minute tick, for what emits no event.
//!
//! Level-triggered: what it tells follows from what AWS says now, and from what the alert table remembers of the looks
//! before. A read that failed says nothing of what it looks for: what was there still is.

mod calls;
mod lanes;
mod looks;
mod members;
mod memory;
mod progress;
mod reading;
mod round;

pub use crate::audit::settings::AuditSettings;

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::monitor::{Monitor, Round as Telling};
use super::{HandlerError, Outcome};
use crate::audit::seen::Unread;
use crate::event::{Detail, Timestamp};
use crate::ports::{AlertTable, Clock, ClusterReads, MetricSink, Publisher, TaskFacts, VerdictBus};
use calls::{Budget, Calls, Lane};
use lanes::Queue;
use looks::{Looks, Seen, no_clusters};
use memory::Memory;
use round::Round;

/// Whose looks these are, in the alert table.
const WHO: &str = "cluster-audit";

/// The function: the way of its alerts, what it reads, and what it remembers between ticks.
#[derive(Debug)]
pub struct ClusterAudit<R, P, M, C, T, F, B> {
    /// Tells people, counts, and remembers in the alert table.
    pub monitor: Monitor<P, M, C, T, F, B>,
    /// What is read.
    pub reads: R,
    /// Which clusters, and how much of the account's calls.
    pub settings: AuditSettings,
    /// Hints from earlier ticks.
    memory: Mutex<Memory>,
}

impl<R, P, M, C, T, F, B> ClusterAudit<R, P, M, C, T, F, B>
where
    R: ClusterReads,
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// A function that remembers nothing yet.
    pub fn new(monitor: Monitor<P, M, C, T, F, B>, reads: R, settings: AuditSettings) -> Self {
        Self { monitor, reads, settings, memory: Mutex::default() }
    }

    /// Deals with a payload until `deadline`, the end of the invocation: a tick is a look at all clusters, however
    /// many ticks there are.
    ///
    /// # Errors
    /// [`HandlerError`] where a record outside an SQS batch failed; inside one it is in the answer.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, HandlerError> {
        let mut outcome = Outcome::default();
        let mut telling = Telling::until(deadline);
        let mut is_tick = false;
        for record in super::records_of(payload) {
            is_tick |= record.content.as_ref().is_ok_and(|event| matches!(event.detail, Detail::Tick));
            // A tick tells what is due, too.
            self.monitor.deal(record, &mut telling, &mut outcome).await;
        }
        if is_tick {
            let looks = self.look(deadline, &mut telling).await;
            self.monitor.follow_up(WHO, looks, &mut telling).await;
        }
        self.monitor.end(telling).await;
        outcome.answer()
    }

    /// Looks at all clusters.
    async fn look(&self, deadline: Timestamp, telling: &mut Telling) -> Vec<Looks> {
        // The lock is not kept over the calls: who comes in between begins with what there was.
        let mut memory = std::mem::take(&mut *self.memory());
        let budget = memory.budget.unwrap_or_else(|| Budget::of(self.settings.read_percent));
        let calls = Calls { clock: &self.monitor.clock, deadline, budget, made: 0 };
        let queues = [Queue::of(Lane::Services), Queue::of(Lane::Resources)];
        let mut round =
            Round { reads: &self.reads, calls, memory: &mut memory, clusters: Vec::new(), queues };
        let looks = self.looks(&mut round, telling).await;
        let budget = round.calls.budget;
        memory.budget = Some(budget);
        *self.memory() = memory;
        looks
    }

    /// Reads all there is, and says what of it is not as it should be.
    async fn looks(&self, round: &mut Round<'_, R, C>, telling: &mut Telling) -> Vec<Looks> {
        let policy = &self.monitor.policy;
        let is_named = !self.settings.clusters.is_empty();
        let names = if is_named {
            self.settings.clusters.clone()
        } else {
            match round.list_clusters().await {
                Ok(names) => names,
                Err(trouble) => {
                    let why = format!("ListClusters: {trouble}");
                    tracing::error!(why, "not audited: the clusters are not known");
                    return no_clusters(why, policy, self.monitor.clock.now());
                }
            }
        };
        let unread = round.describe_clusters(&names).await;
        round.read_parts().await;
        round.read_members().await;
        round.read_more_tasks(policy).await;
        for progress in &mut round.clusters {
            let jobs = self.monitor.jobs_in(&progress.cluster.name, telling).await;
            progress.jobs = jobs.map_err(|error| Unread(format!("jobs: {error}")));
        }
        let now = self.monitor.clock.now();
        let mut seen = Seen::default();
        for progress in &round.clusters {
            if progress.cluster.is_gone() {
                seen.gone(progress.cluster.name.clone());
            } else {
                seen.add(progress, round.memory, policy, now);
            }
        }
        for (clusters, why) in unread {
            for cluster in clusters {
                seen.unknown(&cluster, format!("DescribeClusters: {why}"));
            }
        }
        if !is_named {
            for name in round.memory.forget_all_but(|arn| names.iter().any(|name| name == arn)) {
                seen.gone(name);
            }
        }
        tracing::info!(clusters = names.len(), unread = seen.unread(), calls = round.calls.made, "audited");
        seen.finish(names.len(), policy, now)
    }

    /// The memory; a panic elsewhere does not take it away.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
