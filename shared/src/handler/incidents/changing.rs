//! One change of several documents: decided on what they say, and again where somebody else was faster.

use std::sync::PoisonError;

use super::{Incidents, REMEMBERED, TABLE_TIME};
use crate::alert::incident::Document;
use crate::event::Timestamp;
use crate::ports::alert_table::{Change, Stored, Written};
use crate::ports::{AlertTable, TableError};

/// How often somebody else may be faster. Each time somebody was, so the table works; the others have as many
/// documents to change as there are functions at once.
const TRIES: usize = 12;

impl<T: AlertTable> Incidents<T> {
    /// Changes documents by a decision on what they say. `known`: what they are thought to say; where that is
    /// wrong, the table says so and it is decided anew. Documents the decision leaves as they are, are not
    /// written, and not compared either.
    pub(super) async fn change<R>(
        &self,
        keys: Vec<String>,
        known: Vec<Option<Stored>>,
        now: Timestamp,
        mut decide: impl FnMut(Vec<Option<Document>>) -> (Vec<Option<Document>>, R),
    ) -> Result<R, TableError> {
        let mut known = known;
        for _ in 0..TRIES {
            let before = known.iter().map(|stored| stored.as_ref().map(|stored| stored.document.clone()));
            let (after, result) = decide(before.collect());
            let changes = self.changes(&keys, &known, &after, now);
            if changes.is_empty() {
                return Ok(result);
            }
            match self.table.commit(&changes, TABLE_TIME).await {
                Ok(()) => {
                    self.remember(changes);
                    return Ok(result);
                }
                Err(TableError::Conflict(different)) if different.is_empty() => {
                    known = self.table.read(&keys, TABLE_TIME).await?;
                }
                Err(TableError::Conflict(different)) => {
                    for (key, stored) in different {
                        if let Some(place) = keys.iter().position(|known| *known == key) {
                            known[place] = stored;
                        }
                    }
                }
                Err(error @ TableError::Unavailable(_)) => {
                    self.forget(&keys);
                    return Err(error);
                }
            }
        }
        self.forget(&keys);
        Err(TableError::Unavailable(format!("others were faster {TRIES} times")))
    }

    /// What a decision changes.
    fn changes(
        &self,
        keys: &[String],
        known: &[Option<Stored>],
        after: &[Option<Document>],
        now: Timestamp,
    ) -> Vec<Change> {
        let mut changes = Vec::with_capacity(keys.len());
        for ((key, known), after) in keys.iter().zip(known).zip(after) {
            if known.as_ref().map(|stored| &stored.document) == after.as_ref() {
                continue;
            }
            let to = after.as_ref().map(|document| Written {
                due: document.due(now, &self.grouping),
                expires: document.expires(),
                document: document.clone(),
            });
            changes.push(Change { key: key.clone(), from: known.as_ref().map(|stored| stored.revision), to });
        }
        changes
    }

    /// Remembers documents as they were written.
    fn remember(&self, changes: Vec<Change>) {
        let mut last_seen = self.last_seen.lock().unwrap_or_else(PoisonError::into_inner);
        if last_seen.len() > REMEMBERED {
            last_seen.clear();
        }
        for change in changes {
            match (change.revision(), change.to) {
                (Some(_), Some(Written { document: Document::Seen(_), .. })) => {}
                (Some(revision), Some(Written { document, .. })) => {
                    last_seen.insert(change.key, Stored { revision, document });
                }
                (None, _) | (_, None) => drop(last_seen.remove(&change.key)),
            }
        }
    }

    /// Forgets documents nobody knows the state of.
    fn forget(&self, keys: &[String]) {
        let mut last_seen = self.last_seen.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            last_seen.remove(key);
        }
    }
}
