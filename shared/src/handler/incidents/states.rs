//! Alerts that wait, states that are over, and what those who look regularly have seen.

use super::{Incidents, TABLE_TIME, state};
use crate::alert::Alert;
use crate::alert::incident::awaited::{self, Holds, Occasion};
use crate::alert::incident::document::{awaited_key, cluster_key, cluster_of, incident_key, watch_key};
use crate::alert::incident::{Answer, Document, Example, Stop, Ticket, Watch, claim};
use crate::event::Timestamp;
use crate::ports::alert_table::{CHANGES, Change, Stored, Written};
use crate::ports::{AlertTable, TableError};
use crate::verdict::Severity;

/// What somebody has seen of a scope, as it stands in the table.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its key.
    key: String,
    /// The revision it was read at; none where there was nothing.
    revision: Option<u64>,
    /// What was read.
    before: Option<Watch>,
    /// What it is to be.
    pub watch: Watch,
}

impl<T: AlertTable> Incidents<T> {
    /// Has an alert wait until `due`, when a tick tells it, unless it is withdrawn by [`Incidents::over`] before.
    /// Answers false where the occasion, or a later one of the same thing, was dealt with before.
    ///
    /// # Errors
    /// [`TableError::Unavailable`] where nobody knows whether it waits.
    pub async fn wait_with(
        &self,
        alert: &Alert,
        occasion: Option<&Occasion>,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let fingerprint = &alert.verdict.fingerprint;
        let decide = |holds| awaited::wait(holds, Example::of(alert), occasion, due, now);
        self.change_holds(fingerprint, occasion, now, decide).await
    }

    /// Notes that the state of a fingerprint is over: what waits is withdrawn, and its incident is due to end. Answers
    /// false where the occasion, or a later one of the same thing, was dealt with before.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn over(
        &self,
        fingerprint: &str,
        occasion: Option<&Occasion>,
        now: Timestamp,
    ) -> Result<bool, TableError> {
        let decide = |holds| awaited::over(holds, fingerprint, occasion, now);
        self.change_holds(fingerprint, occasion, now, decide).await
    }

    /// Changes what the table holds of a fingerprint.
    async fn change_holds(
        &self,
        fingerprint: &str,
        occasion: Option<&Occasion>,
        now: Timestamp,
        mut decide: impl FnMut(Holds) -> (Holds, bool),
    ) -> Result<bool, TableError> {
        let mut keys = vec![awaited_key(fingerprint), incident_key(fingerprint)];
        keys.extend(occasion.map(|occasion| occasion.key.clone()));
        let known = self.table.read(&keys, TABLE_TIME).await?;
        self.change(keys, known, now, |documents| {
            let mut holds = Holds::default();
            for document in documents.into_iter().flatten() {
                match document {
                    Document::Seen(seen) => holds.seen = Some(seen),
                    Document::Incident(incident) => holds.incident = Some(*incident),
                    Document::Awaited(awaited) => holds.awaited = Some(*awaited),
                    Document::Cluster(_) | Document::Watch(_) | Document::Job(_) => {}
                }
            }
            let (holds, news) = decide(holds);
            let mut after = vec![
                holds.awaited.map(|awaited| Document::Awaited(Box::new(awaited))),
                holds.incident.map(|incident| Document::Incident(Box::new(incident))),
            ];
            if occasion.is_some() {
                after.push(holds.seen.map(Document::Seen));
            }
            (after, news)
        })
        .await
    }

    /// Makes an incident of an alert whose time has come, and answers what people are told. It stops waiting in the
    /// same change, so that it is counted once.
    pub(super) async fn tell_awaited(
        &self,
        mut keys: Vec<String>,
        fingerprint: &str,
        mut known: Vec<Option<Stored>>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Ticket>, TableError> {
        let others = vec![incident_key(fingerprint), cluster_key(cluster_of(fingerprint))];
        known.extend(self.table.read(&others, TABLE_TIME).await?);
        keys.extend(others);
        self.change(keys, known, now, |documents| {
            let awaited = match documents.first() {
                Some(Some(Document::Awaited(awaited))) if awaited.due <= now => (**awaited).clone(),
                Some(_) | None => return (documents, None),
            };
            let Example { verdict, subject } = awaited.example;
            let alert = Alert::new(verdict, subject);
            let stop = Stop { alert: &alert, version: 0, has_key: false };
            let (state, answer) = claim::claim(state(documents), stop, now, until, &self.grouping);
            let after = vec![
                None,
                state.incident.map(|incident| Document::Incident(Box::new(incident))),
                state.cluster.map(|cluster| Document::Cluster(Box::new(cluster))),
            ];
            match answer {
                Answer::Tell(ticket) => (after, Some(*ticket)),
                Answer::Suppressed(_) => (after, None),
            }
        })
        .await
    }

    /// Whether people know of the state of a fingerprint, and as loud: somebody else has told of it, or who did died
    /// before it was noted.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn is_told(&self, fingerprint: &str, severity: Severity) -> Result<bool, TableError> {
        let read = self.table.read(&[incident_key(fingerprint)], TABLE_TIME).await?;
        let is_told = |stored: Stored| match stored.document {
            Document::Incident(incident) => {
                let course = &incident.course;
                course.steady.is_none() && course.told_severity.is_some_and(|told| told >= severity)
            }
            Document::Seen(_)
            | Document::Cluster(_)
            | Document::Awaited(_)
            | Document::Watch(_)
            | Document::Job(_) => false,
        };
        Ok(read.into_iter().flatten().any(is_told))
    }

    /// What `who` has seen of each of these scopes, in their order.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn watched(
        &self,
        who: &str,
        scopes: &[String],
        now: Timestamp,
    ) -> Result<Vec<Watched>, TableError> {
        let keys: Vec<_> = scopes.iter().map(|scope| watch_key(who, scope)).collect();
        let mut watched = Vec::with_capacity(keys.len());
        for keys in keys.chunks(CHANGES) {
            for (key, stored) in keys.iter().zip(self.table.read(keys, TABLE_TIME).await?) {
                let revision = stored.as_ref().map(|stored| stored.revision);
                let before = stored.and_then(|stored| match stored.document {
                    Document::Watch(watch) => Some(*watch),
                    Document::Seen(_)
                    | Document::Incident(_)
                    | Document::Cluster(_)
                    | Document::Awaited(_)
                    | Document::Job(_) => None,
                });
                let watch = before.clone().unwrap_or_else(|| Watch::new(now));
                watched.push(Watched { key: key.clone(), revision, before, watch });
            }
        }
        Ok(watched)
    }

    /// Keeps what was seen, where it is not what was read. Where somebody else was faster, theirs stays: the next look
    /// sees the same.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn keep_watched(&self, mut watched: Watched, now: Timestamp) -> Result<(), TableError> {
        let is_same = match &watched.before {
            Some(before) => before.states == watched.watch.states,
            None => watched.watch.states.is_empty(),
        };
        if is_same {
            return Ok(());
        }
        watched.watch.at = now;
        let to = (!watched.watch.states.is_empty()).then(|| {
            let document = Document::Watch(Box::new(watched.watch));
            Written { due: None, expires: document.expires(), document }
        });
        let change = Change { key: watched.key, from: watched.revision, to };
        match self.table.commit(&[change], TABLE_TIME).await {
            Ok(()) => Ok(()),
            Err(TableError::Conflict(_)) => {
                tracing::info!("somebody else was faster: what was seen is noted at the next look");
                Ok(())
            }
            Err(error @ TableError::Unavailable(_)) => Err(error),
        }
    }
}
