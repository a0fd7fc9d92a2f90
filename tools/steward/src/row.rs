//! One judged event as a row: JSON for machines, columns for people.

use std::io::{self, Write};

use serde::Serialize;
use shared::alert::{Subject, limits::one_line};
use shared::event::Event;
use shared::judge::Verdict;

use crate::terminal::style;

/// The JSON of `steward judge`: fields and their order are a contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<'a> {
    /// The file, with the line and the record where it holds several.
    pub source: &'a str,
    /// The event's id.
    pub id: Option<&'a str>,
    /// The event's detail-type.
    pub detail_type: &'a str,
    /// What it is about: `web on harbor, task 0a1b`.
    pub subject: String,
    /// The verdict's own fields.
    #[serde(flatten)]
    pub verdict: &'a Verdict,
}

impl<'a> Row<'a> {
    /// From an event and its verdict.
    pub fn new(source: &'a str, event: &'a Event, verdict: &'a Verdict) -> Self {
        let about = Subject::of(event);
        let subject = match &about.task_id {
            Some(id) => format!("{}, task {id}", about.in_words()),
            None => about.in_words(),
        };
        Self { source, id: event.envelope.id.as_deref(), detail_type: event.kind(), subject, verdict }
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    /// One row of the table.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn write_columns(&self, out: &mut impl Write) -> io::Result<()> {
        let style = style(self.verdict.severity);
        let subject = one_line(&self.subject, 48);
        let source = self.source.rsplit('/').next().unwrap_or(self.source);
        writeln!(
            out,
            "{style}{:<6} {:<23}{style:#} {subject:<48} {}",
            self.verdict.severity,
            self.verdict.cause,
            one_line(source, 80)
        )
    }
}

/// The head of the table.
///
/// # Errors
/// Where writing fails.
pub fn write_head(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:<6} {:<23} {:<48} SOURCE", "LEVEL", "CAUSE", "SUBJECT")
}
