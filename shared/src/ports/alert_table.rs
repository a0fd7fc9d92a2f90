//! The alert table: documents under keys, changed together or not at all, and only where nobody else was faster.
//!
//! `aws::alert_table` keeps it in DynamoDB, [`crate::in_memory`] in the process.

use std::fmt;
use std::time::Duration;

use crate::alert::incident::Document;
use crate::event::Timestamp;

/// Changes in one commit, at most; DynamoDB takes 100
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
pub const CHANGES: usize = 100;

/// A document as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Rises by one with each change, and no later document under the same key has it again.
    pub revision: u64,
    /// What it says.
    pub document: Document,
}

/// One document's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which document.
    pub key: String,
    /// The revision it is a change of; none where there is no document yet. Any other makes the commit a
    /// [`TableError::Conflict`].
    pub from: Option<u64>,
    /// What it becomes; none where it is to go.
    pub to: Option<Written>,
}

impl Change {
    /// The revision of what is written; none where the document goes. It is the one it is a change of, plus one. A
    /// new document begins above the milliseconds of its end, which lie above all revisions of one that was there
    /// before: who remembers that one must not take this one for it.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        let first = u64::try_from(self.to.as_ref()?.expires.as_millis()).unwrap_or_default();
        Some(self.from.unwrap_or(first).saturating_add(1))
    }
}

/// A document that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it says.
    pub document: Document,
    /// When somebody has to look at it; none where nobody has to.
    pub due: Option<Timestamp>,
    /// When the table may forget it.
    pub expires: Timestamp,
}

/// Why the table did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Somebody else changed documents first; nothing was written. Those that are known to be different, as
    /// they stand now (none: gone). Empty where only others were at it in the same moment.
    Conflict(Vec<(String, Option<Stored>)>),
    /// Nobody knows: no answer, throttled, failing, not allowed.
    Unavailable(String),
}

impl fmt::Display for TableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(documents) => {
                write!(formatter, "changed by others: {} documents", documents.len())
            }
            Self::Unavailable(why) => write!(formatter, "unavailable: {why}"),
        }
    }
}

impl std::error::Error for TableError {}

/// The table, one method a call. Each ends within `within`.
pub trait AlertTable {
    /// The documents under these keys, in their order, as of now; none where there is no such document, or none
    /// that can be read. `keys`: 1 to 100, no two the same.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    fn read(
        &self,
        keys: &[String],
        within: Duration,
    ) -> impl Future<Output = Result<Vec<Option<Stored>>, TableError>> + Send;

    /// Makes all changes or none. `changes`: 1 to [`CHANGES`], no two of the same key.
    ///
    /// # Errors
    /// [`TableError::Conflict`] where a document is not of the revision its change is of, and nothing was written;
    /// [`TableError::Unavailable`] where nobody knows whether it was.
    fn commit(
        &self,
        changes: &[Change],
        within: Duration,
    ) -> impl Future<Output = Result<(), TableError>> + Send;

    /// The keys of documents that are due at `now`, the longest due first, at most `limit`. It may lag behind
    /// the last commits by seconds, and name what is not due any more.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    fn due(
        &self,
        now: Timestamp,
        limit: usize,
        within: Duration,
    ) -> impl Future<Output = Result<Vec<String>, TableError>> + Send;
}
