//! Incidents as the alert table holds them: claims on stops, what is due, and the ends of leases.
//!
//! What is decided is decided by [`crate::alert::incident`]; here it is carried to the table and back.

mod changing;
mod jobs;
mod states;

pub use states::Watched;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::alert::Alert;
use crate::alert::incident::document::{cluster_key, cluster_of, incident_key, task_key};
use crate::alert::incident::{Answer, Document, Grouping, State, Stop, Ticket, claim, due, settle};
use crate::event::Timestamp;
use crate::ports::alert_table::Stored;
use crate::ports::{AlertTable, TableError};

/// How long one call of the table may take: `DynamoDB` answers in milliseconds.
pub const TABLE_TIME: Duration = Duration::from_secs(1);
/// Documents this process remembers as it last saw them.
const REMEMBERED: usize = 512;

/// The incidents of a table.
#[derive(Debug)]
pub struct Incidents<T> {
    /// The table.
    table: T,
    /// How stops are grouped.
    grouping: Grouping,
    /// Documents as this process last saw them: hints that save a call where nobody else was faster.
    last_seen: Mutex<HashMap<String, Stored>>,
}

impl<T: AlertTable> Incidents<T> {
    /// Over a table.
    pub fn new(table: T, grouping: Grouping) -> Self {
        Self { table, grouping, last_seen: Mutex::default() }
    }

    /// Counts a stop, and answers whether people are told now, with a lease until `until`. `key`: what it is
    /// recognised by when it comes again; `version`: its task's, 0 for what has none.
    ///
    /// # Errors
    /// [`TableError::Unavailable`] where nobody knows whether it was counted.
    pub async fn claim(
        &self,
        alert: &Alert,
        version: i64,
        key: Option<String>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Answer, TableError> {
        let stop = Stop { alert, version, has_key: key.is_some() };
        let fingerprint = &alert.verdict.fingerprint;
        let mut keys = vec![incident_key(fingerprint), cluster_key(cluster_of(fingerprint))];
        keys.extend(key);
        let known = self.remembered(&keys);
        self.change(keys, known, now, |documents| {
            let (state, answer) = claim::claim(state(documents), stop, now, until, &self.grouping);
            let mut after = vec![
                state.incident.map(|incident| Document::Incident(Box::new(incident))),
                state.cluster.map(|cluster| Document::Cluster(Box::new(cluster))),
            ];
            if stop.has_key {
                after.push(state.seen.map(Document::Seen));
            }
            (after, answer)
        })
        .await
    }

    /// Whether a stop of a task was counted at this version or a later one.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn was_counted(&self, task_arn: &str, version: i64) -> Result<bool, TableError> {
        let read = self.table.read(&[task_key(task_arn)], TABLE_TIME).await?;
        let is_known = |stored: Stored| match stored.document {
            Document::Seen(seen) => seen.version >= version,
            Document::Incident(_)
            | Document::Cluster(_)
            | Document::Awaited(_)
            | Document::Watch(_)
            | Document::Job(_) => false,
        };
        Ok(read.into_iter().flatten().any(is_known))
    }

    /// Ends the lease of a ticket: its message was accepted, or the next may try.
    ///
    /// # Errors
    /// [`TableError::Unavailable`]: the lease ends by its time, and the message is repeated.
    pub async fn settle(
        &self,
        ticket: &Ticket,
        now: Timestamp,
        sent: Result<(), &[String]>,
    ) -> Result<(), TableError> {
        let keys = vec![ticket.about.key()];
        let mut known = self.remembered(&keys);
        if known.contains(&None) {
            known = self.table.read(&keys, TABLE_TIME).await?;
        }
        self.change(keys, known, now, |mut documents| {
            let document = documents.pop().flatten();
            let after = match sent {
                Ok(()) => settle::accepted(document, ticket, now),
                Err(delivered) => settle::failed(document, ticket, now, delivered),
            };
            (vec![after], ())
        })
        .await
    }

    /// The keys of what is due.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<String>, TableError> {
        self.table.due(now, limit, TABLE_TIME).await
    }

    /// Does what is due for the document under a key, and answers what people are told, with a lease until
    /// `until`.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn tend(
        &self,
        key: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Ticket>, TableError> {
        let mut keys = vec![key.to_owned()];
        let mut known = self.table.read(&keys, TABLE_TIME).await?;
        if let Some(Some(Stored { document: Document::Awaited(awaited), .. })) = known.first() {
            let fingerprint = awaited.example.verdict.fingerprint.clone();
            return self.tell_awaited(keys, &fingerprint, known, now, until).await;
        }
        if let Some(Some(Stored { document: Document::Incident(incident), .. })) = known.first() {
            let cluster = vec![cluster_key(cluster_of(&incident.latest.verdict.fingerprint))];
            known.extend(self.table.read(&cluster, TABLE_TIME).await?);
            keys.extend(cluster);
        }
        self.change(keys, known, now, |mut documents| {
            let cluster = if documents.len() > 1 { documents.pop().flatten() } else { None };
            match (documents.pop().flatten(), cluster) {
                (Some(Document::Incident(incident)), cluster) => {
                    let watched = match &cluster {
                        Some(Document::Cluster(cluster)) => Some((**cluster).clone()),
                        Some(
                            Document::Seen(_)
                            | Document::Incident(_)
                            | Document::Awaited(_)
                            | Document::Watch(_)
                            | Document::Job(_),
                        )
                        | None => None,
                    };
                    let (incident, watched, ticket) =
                        due::incident(*incident, watched, now, until, &self.grouping);
                    let after = watched.map(|watched| Document::Cluster(Box::new(watched))).or(cluster);
                    (vec![incident.map(|incident| Document::Incident(Box::new(incident))), after], ticket)
                }
                (Some(Document::Cluster(cluster)), _) => {
                    let (cluster, ticket) = due::storm(*cluster, now, until, &self.grouping);
                    (vec![Some(Document::Cluster(Box::new(cluster)))], ticket)
                }
                (other, _) => (vec![other], None),
            }
        })
        .await
    }

    /// Notes that ECS found a service steady: its incidents are over sooner.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn steady(&self, cluster: &str, service: &str, now: Timestamp) -> Result<(), TableError> {
        let read = self.table.read(&[cluster_key(&cluster.replace('/', "_"))], TABLE_TIME).await?;
        let Some(Some(Stored { document: Document::Cluster(watched), .. })) = read.into_iter().next() else {
            return Ok(());
        };
        for fingerprint in watched.fingerprints_of(service) {
            let keys = vec![incident_key(&fingerprint)];
            let known = self.table.read(&keys, TABLE_TIME).await?;
            self.change(keys, known, now, |mut documents| {
                let mut document = documents.pop().flatten();
                if let Some(Document::Incident(incident)) = &mut document {
                    incident.course.steady(now);
                }
                (vec![document], ())
            })
            .await?;
        }
        Ok(())
    }

    /// Documents as this process last saw them.
    fn remembered(&self, keys: &[String]) -> Vec<Option<Stored>> {
        let last_seen = self.last_seen.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().map(|key| last_seen.get(key).cloned()).collect()
    }
}

/// The state of a stop, from its documents in the order of the keys.
fn state(documents: Vec<Option<Document>>) -> State {
    let mut state = State::default();
    for document in documents.into_iter().flatten() {
        match document {
            Document::Seen(seen) => state.seen = Some(seen),
            Document::Incident(incident) => state.incident = Some(*incident),
            Document::Cluster(cluster) => state.cluster = Some(*cluster),
            // These stand under keys of their own.
            Document::Awaited(_) | Document::Watch(_) | Document::Job(_) => {}
        }
    }
    state
}
