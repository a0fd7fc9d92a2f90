//! The report of a replay: what happened, what people were told of it, and what they were spared. Its memory is
//! bounded, whatever the length of the input.

mod chart;
mod counts;
mod escape;
mod figures;
mod file;
mod messages;
mod page;
mod tables;
mod timeline;
mod top;

use shared::alert::incident::Notice;
use shared::event::Timestamp;
use shared::judge::{Cause, Severity};

use counts::Counts;
pub use figures::ratio;
pub use file::ReportFile;
use timeline::Timeline;
use top::Top;

/// Messages that are kept with their text; what comes after them is counted.
pub const MESSAGES_KEPT: usize = 2_000;
/// The notices, in the order they are shown.
const NOTICES: [Notice; 4] = [Notice::Alert, Notice::Louder, Notice::Digest, Notice::Recovery];

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is not worth an alert; its cause says why.
    Quiet,
    /// People were told at once.
    Told,
    /// It is worth an alert, and people were not told now: why, in a word.
    Suppressed(&'static str),
    /// The message about it was not accepted.
    Failed,
}

impl Fate {
    /// Whether it is worth an alert and is no repeat.
    const fn is_abnormal(self) -> bool {
        match self {
            Self::Quiet => false,
            Self::Told | Self::Failed => true,
            Self::Suppressed(why) => !is_repeat(why),
        }
    }
}

/// Whether a stop was suppressed as one that was dealt with before: the word of `Suppressed::Duplicate`.
const fn is_repeat(why: &str) -> bool {
    matches!(why.as_bytes(), b"duplicate")
}

/// One event that was judged.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a> {
    /// The time of the replay.
    pub at: Timestamp,
    /// What it comes down to.
    pub cause: Cause,
    /// How loud.
    pub severity: Severity,
    /// What a crash loop shares.
    pub fingerprint: &'a str,
    /// What became of it.
    pub fate: Fate,
}

/// One message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The time of the replay.
    pub at: Timestamp,
    /// What it says of its incident.
    pub notice: Notice,
    /// How loud.
    pub severity: Severity,
    /// What it comes down to.
    pub cause: Cause,
    /// The topics it went to by a route; none where it went to the default one.
    pub topics: Vec<String>,
    /// The subject line.
    pub subject: String,
    /// The text, as an e-mail has it.
    pub text: String,
    /// The same in a line.
    pub line: String,
    /// What it is about: `web on harbor`.
    pub about: String,
    /// Which incident.
    pub fingerprint: String,
    /// Where in the input it came up; empty where a due time did it.
    pub place: String,
}

/// The report as it grows.
#[derive(Debug)]
pub struct Report {
    /// What was replayed, as the command line names it.
    inputs: Vec<String>,
    /// Events by what became of them.
    counts: Counts,
    /// Stops and messages by time.
    timeline: Timeline,
    /// The fingerprints with the most stops.
    top: Top,
    /// The first messages.
    messages: Vec<Sent>,
    /// How many came after them.
    left_out: u64,
}

impl Report {
    /// Of a replay of these inputs that has not begun.
    #[must_use]
    pub fn new(inputs: Vec<String>) -> Self {
        Self {
            inputs,
            counts: Counts::default(),
            timeline: Timeline::default(),
            top: Top::default(),
            messages: Vec::new(),
            left_out: 0,
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Notes an event.
    pub fn event(&mut self, happening: &Happening<'_>) {
        self.counts.event(happening);
        if !counts::is_stop(happening.cause) {
            return;
        }
        let abnormal = happening.fate.is_abnormal();
        if abnormal {
            self.top.stop(happening);
        }
        if abnormal || happening.fate == Fate::Quiet {
            self.timeline.stop(happening.at, happening.cause, abnormal);
        }
    }

    /// Notes a message.
    pub fn message(&mut self, sent: Sent) {
        self.counts.message(sent.notice, sent.severity);
        self.timeline.message(sent.at, sent.notice);
        self.top.message(&sent.fingerprint);
        if self.messages.len() < MESSAGES_KEPT {
            self.messages.push(sent);
        } else {
            self.left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests;
