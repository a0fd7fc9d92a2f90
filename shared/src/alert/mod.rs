//! A verdict in words and data, for people and programs.

pub mod bus;
pub mod chat;
pub mod limits;
pub mod links;
pub mod message;
pub mod structured;
pub mod subject;
pub mod text;

pub use links::Link;
pub use message::{HttpsBody, Message};
pub use subject::Subject;

use crate::verdict::Verdict;

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What was judged.
    pub verdict: Verdict,
    /// What it is about.
    pub subject: Subject,
}

impl Alert {
    /// From a verdict and what it is about.
    #[must_use]
    pub const fn new(verdict: Verdict, subject: Subject) -> Self {
        Self { verdict, subject }
    }

    /// Where to look.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        links::links(&self.subject)
    }
}

#[cfg(test)]
mod tests;
