//! A verdict in words and data, for people and programs.

pub mod archive;
pub mod bus;
pub mod chat;
pub mod deployment;
pub mod details;
pub mod incident;
pub mod limits;
pub mod links;
pub mod log_lines;
pub mod message;
pub mod structured;
pub mod subject;
pub mod text;

pub use archive::Archive;
pub use details::Details;
pub use links::Link;
pub use log_lines::{LogLine, LogStream};
pub use message::{HttpsBody, Message};
pub use subject::Subject;

use crate::verdict::{Severity, Verdict};
use incident::{Notice, Standing};

/// The word of an incident's end.
const RECOVERED: &str = "recovered";

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What was judged.
    pub verdict: Verdict,
    /// What it is about.
    pub subject: Subject,
    /// How its incident stands, where it is grouped.
    pub standing: Option<Box<Standing>>,
    /// What is known beyond the event.
    pub details: Details,
}

impl Alert {
    /// From a verdict and what it is about.
    #[must_use]
    pub fn new(verdict: Verdict, subject: Subject) -> Self {
        Self { verdict, subject, standing: None, details: Details::default() }
    }

    /// As a message of an incident. Its end is low, whatever it was: nobody is paged for good news.
    #[must_use]
    pub fn standing(self, standing: Standing) -> Self {
        let mut verdict = self.verdict;
        if standing.notice == Notice::Recovery {
            verdict.severity = Severity::Low;
        }
        Self { verdict, standing: Some(Box::new(standing)), ..self }
    }

    /// Whether it tells of an incident's end.
    #[must_use]
    pub fn is_recovery(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.notice == Notice::Recovery)
    }

    /// The word for subscribers who filter: `alert`, or `recovered`; `quiet` for what nobody is told.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.is_recovery() { RECOVERED } else { self.verdict.verdict.word() }
    }

    /// What it says of its incident; an alert that is not grouped begins one.
    #[must_use]
    pub fn notice(&self) -> Notice {
        self.standing.as_ref().map_or(Notice::Alert, |standing| standing.notice)
    }

    /// What a person reads first.
    #[must_use]
    pub fn summary(&self) -> String {
        incident::words::summary(self.standing.as_deref(), self.verdict.cause, &self.verdict.summary)
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
            .chain(links::archive_link(&self.subject, &self.details.archives))
            .collect()
    }
}

#[cfg(test)]
mod tests;
