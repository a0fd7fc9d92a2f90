//! What became of a record.

use crate::alert::Alert;
use crate::alert::incident::{Notice, Suppressed};
use crate::ports::PublishError;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The verdict is quiet.
    Quiet,
    /// People were told just now.
    Told(Notice),
    /// People know of it, or will hear of it with others.
    Suppressed(Suppressed),
    /// It was not told and has to come again.
    Failed(PublishError),
}

impl Fate {
    /// The word in logs and reports.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Told(notice) => notice.word(),
            Self::Suppressed(why) => why.word(),
            Self::Failed(_) => "failed",
        }
    }
}

/// A record that was dealt with.
#[derive(Debug)]
pub struct Dealt {
    /// The verdict and what it is about.
    pub alert: Alert,
    /// What became of it.
    pub fate: Fate,
}
