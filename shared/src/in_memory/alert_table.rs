//! The alert table in the process: gone with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::event::Timestamp;
use crate::ports::alert_table::{AlertTable, Change, Stored, TableError, Written};

/// The documents, and what is due and forgotten when.
#[derive(Debug, Default)]
struct Documents {
    /// By key, with the time each is due and forgotten at.
    stored: BTreeMap<String, (Stored, Option<Timestamp>, Timestamp)>,
    /// Due documents, the earliest first.
    due: BTreeSet<(Timestamp, String)>,
    /// All documents, the first to be forgotten first.
    expiring: BTreeSet<(Timestamp, String)>,
}

impl Documents {
    /// The document under a key.
    fn get(&self, key: &str) -> Option<Stored> {
        self.stored.get(key).map(|(stored, ..)| stored.clone())
    }

    /// Takes a document out.
    fn remove(&mut self, key: &str) {
        if let Some((_, due, expires)) = self.stored.remove(key) {
            if let Some(due) = due {
                self.due.remove(&(due, key.to_owned()));
            }
            self.expiring.remove(&(expires, key.to_owned()));
        }
    }

    /// Puts a document in.
    fn insert(&mut self, key: &str, revision: u64, written: &Written) {
        self.remove(key);
        if let Some(due) = written.due {
            self.due.insert((due, key.to_owned()));
        }
        self.expiring.insert((written.expires, key.to_owned()));
        let stored = Stored { revision, document: written.document.clone() };
        self.stored.insert(key.to_owned(), (stored, written.due, written.expires));
    }

    /// Forgets what has expired.
    fn forget(&mut self, now: Timestamp) {
        while let Some((expires, key)) = self.expiring.first().cloned() {
            if expires > now {
                return;
            }
            self.remove(&key);
        }
    }
}

/// A table in memory. What has expired is forgotten when [`AlertTable::due`] is asked.
#[derive(Debug, Default)]
pub struct TableInMemory(Mutex<Documents>);

impl TableInMemory {
    /// The documents; a panic elsewhere does not take them away.
    fn documents(&self) -> MutexGuard<'_, Documents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the next document is due; none where none is.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.documents().due.first().map(|(due, _)| *due)
    }

    /// How many documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents().stored.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl AlertTable for &TableInMemory {
    async fn read(&self, keys: &[String], _within: Duration) -> Result<Vec<Option<Stored>>, TableError> {
        let documents = self.documents();
        Ok(keys.iter().map(|key| documents.get(key)).collect())
    }

    async fn commit(&self, changes: &[Change], _within: Duration) -> Result<(), TableError> {
        let mut documents = self.documents();
        let now = |key: &str| documents.get(key);
        let different: Vec<_> = changes
            .iter()
            .map(|change| (change, now(&change.key)))
            .filter(|(change, stored)| stored.as_ref().map(|stored| stored.revision) != change.from)
            .map(|(change, stored)| (change.key.clone(), stored))
            .collect();
        if !different.is_empty() {
            return Err(TableError::Conflict(different));
        }
        for change in changes {
            match (&change.to, change.revision()) {
                (Some(written), Some(revision)) => documents.insert(&change.key, revision, written),
                (None, _) | (_, None) => documents.remove(&change.key),
            }
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize, _within: Duration) -> Result<Vec<String>, TableError> {
        let mut documents = self.documents();
        documents.forget(now);
        let due = documents.due.iter().take_while(|(due, _)| *due <= now);
        Ok(due.take(limit).map(|(_, key)| key.clone()).collect())
    }
}
