//! A verdict in words and data, for people and programs.

pub mod chat;
pub mod deployment;
pub mod details;
pub mod limits;
pub mod links;
pub mod log_lines;
pub mod message;
pub mod structured;
pub mod subject;
pub mod text;

pub use details::Details;
pub use links::Link;
pub use log_lines::{LogLine, LogStream};
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
    /// What is known beyond the event.
    pub details: Details,
}

impl Alert {
    /// From a verdict and what it is about.
    #[must_use]
    pub fn new(verdict: Verdict, subject: Subject) -> Self {
        Self { verdict, subject, details: Details::default() }
    }

    /// With what is known beyond the event.
    #[must_use]
    pub fn with_details(self, details: Details) -> Self {
        Self { details, ..self }
    }

    /// Where to look.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let log = self.details.log_stream.as_ref();
        links::links(&self.subject)
            .into_iter()
            .chain(log.and_then(|log| links::log_link(&self.subject, log)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
