//! The last log lines of a container: cut, on one line each, and without secrets.

use serde::{Deserialize, Serialize};

use super::limits::one_line;
use crate::event::Timestamp;
use crate::redact;

/// Lines that are kept.
pub const LINES: usize = 20;
/// Longest line that is kept, in characters.
pub const LINE_CHARS: usize = 300;

/// A line of a log. There is none whose text was not redacted and cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    #[serde(with = "super::details::millis")]
    at: Option<Timestamp>,
    /// What it says.
    text: String,
}

impl LogLine {
    /// From the words of the log.
    #[must_use]
    pub fn new(at: Option<Timestamp>, raw: &str) -> Self {
        // Redacted before it is cut: half a secret looks like none.
        Self { at, text: one_line(&redacted(raw), LINE_CHARS) }
    }

    /// When it was written.
    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// What it says: at most [`LINE_CHARS`] characters.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `2026-05-01T10:00:03Z panic: no route to host`
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.at {
            Some(at) => format!("{at} {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// Shortest line of nothing but base64 that is taken for a part of a key: those of a PEM file have 64 characters,
/// and where the lines before it are not among the last there is no other sign of what it is.
const KEY_LINE_CHARS: usize = 40;

/// A line without its secrets.
fn redacted(text: &str) -> String {
    let line = text.trim();
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
    let is_digest = line.chars().all(|letter| letter.is_ascii_hexdigit());
    if line.len() >= KEY_LINE_CHARS && line.chars().all(is_base64) && !is_digest {
        return redact::REDACTED.to_owned();
    }
    redact::text(text).into_owned()
}

/// Where log lines are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStream {
    /// The log group.
    pub group: String,
    /// The log stream in it.
    pub stream: String,
    /// The region it is in, where that is known.
    pub region: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{LINE_CHARS, LogLine};
    use crate::event::Timestamp;

    #[test]
    fn a_line_is_one_line_and_not_long() {
        let line =
            LogLine::new(Some(Timestamp::from_millis(1_795_417_500_123)), "panic:\n\tat\u{1b}[31m main\n");
        assert_eq!(line.in_words(), "2026-11-23T07:05:00Z panic:  at [31m main");
        let long = LogLine::new(None, &"漢".repeat(5_000));
        assert_eq!(long.text().chars().count(), LINE_CHARS);
        assert_eq!(LogLine::new(None, "x").in_words(), "x");
    }
}
