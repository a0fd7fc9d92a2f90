//! `volume-monitor`: looks at the burst balances of the volumes of container instances.
//!
//! Level-triggered: each tick sees all of it anew, and what follows is told as a state, once, reminded of, and over
//! when it is seen to be. What could not be read is a finding itself, and never taken for well.

mod asking;
mod balances;
mod cluster;
mod on_it;
mod seen;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lambda_events::event::sqs::SqsBatchResponse;

use self::asking::{Asking, Unread};
use self::seen::Counted;
use super::monitor::{Monitor, Round};
use super::{HandlerError, Outcome};
use crate::alert::incident::Look;
use crate::event::{Detail, Timestamp};
use crate::intake::Record;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus, Volumes};

/// Whose looks these are, in the alert table.
const WHO: &str = "volume-monitor";
/// The scope of what is about no cluster.
const ALL: &str = "-";
/// The look at which clusters there are.
const CLUSTERS: &str = "clusters";

/// The function: the alert path, what it looks at, and where.
#[derive(Debug)]
pub struct VolumeMonitor<P, M, C, T, F, B, V> {
    /// Policy, publisher, table, bus, metrics and clock.
    pub monitor: Monitor<P, M, C, T, F, B>,
    /// ECS, EC2 and `CloudWatch`.
    pub volumes: V,
    /// The clusters to look at, by name or ARN; all of the account where this is empty.
    pub clusters: Vec<String>,
    /// When each cluster was last looked at, as a hint: who has waited longest comes first.
    looked: Mutex<BTreeMap<String, Timestamp>>,
}

impl<P, M, C, T, F, B, V> VolumeMonitor<P, M, C, T, F, B, V>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
    V: Volumes,
{
    /// A function that has looked at nothing yet.
    pub fn new(monitor: Monitor<P, M, C, T, F, B>, volumes: V, clusters: Vec<String>) -> Self {
        Self { monitor, volumes, clusters, looked: Mutex::default() }
    }

    /// Deals with a payload until `deadline`, the end of the invocation: with a tick in it, looks at all volumes once.
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
        let mut ticks = 0;
        for record in super::records_of(payload) {
            if is_tick(&record) {
                ticks += 1;
            } else {
                self.monitor.deal(record, &mut round, &mut outcome).await;
            }
        }
        if ticks > 0 {
            round.tally().ticks += ticks;
            // Boxed: the futures of all the ports are in it.
            Box::pin(self.look(deadline, &mut round)).await;
        }
        self.monitor.end(round).await;
        outcome.answer()
    }

    /// Looks at every cluster, and follows up what is seen.
    async fn look(&self, deadline: Timestamp, round: &mut Round) {
        let mut asking = Asking::new(&self.monitor.clock, deadline);
        let mut looks = Vec::new();
        let mut counted = Counted::default();
        match self.all_clusters(&mut asking).await {
            Ok(clusters) => {
                looks.push((ALL.to_owned(), vec![Look { name: CLUSTERS, seen: Ok(Vec::new()) }]));
                for cluster in self.in_turn(clusters) {
                    looks.extend(self.look_at(&cluster, &mut asking, &mut counted).await);
                }
                round.tally().volumes = Some(counted.measured());
            }
            Err(why) => {
                let unread = self.unread(None, CLUSTERS, "The list of clusters", &why);
                looks.push((ALL.to_owned(), vec![Look { name: CLUSTERS, seen: Err(Box::new(unread)) }]));
            }
        }
        counted.log();
        self.monitor.follow_up(WHO, looks, round).await;
    }

    /// Clusters, those first that were looked at longest ago. What is no cluster any more is forgotten.
    fn in_turn(&self, mut clusters: Vec<String>) -> Vec<String> {
        let mut looked = self.looked();
        looked.retain(|cluster, _| clusters.contains(cluster));
        clusters.sort_by_key(|cluster| looked.get(cluster).copied());
        clusters
    }

    /// When each cluster was last looked at; a panic elsewhere does not take it away.
    fn looked(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clusters of the setting, or all.
    async fn all_clusters(&self, asking: &mut Asking<'_, C>) -> Result<Vec<String>, Unread> {
        if !self.clusters.is_empty() {
            return Ok(self.clusters.clone());
        }
        let port = &self.volumes;
        let pages =
            asking.pages("ListClusters", |page| async move { port.list_clusters(page.as_deref()).await });
        pages.await
    }
}

/// Whether a record is a tick.
fn is_tick(record: &Record) -> bool {
    record.content.as_ref().is_ok_and(|event| matches!(event.detail, Detail::Tick))
}

#[cfg(test)]
mod tests;
