//! What a replay prints: the messages, and at the end the counts.

use std::io::{self, Write};

use shared::alert::incident::Notice;

use crate::report::{Report, Sent, ratio};

/// What is printed, and how much of it.
pub struct Screen<W> {
    /// Where to.
    out: W,
    /// How many messages in full.
    full: usize,
    /// How many messages so far.
    messages: usize,
}

impl<W: Write> Screen<W> {
    /// Prints `full` messages in full, and the others as one line.
    pub const fn new(out: W, full: usize) -> Self {
        Self { out, full, messages: 0 }
    }

    /// Prints a message as an e-mail subscriber gets it, or as one line.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn message(&mut self, sent: &Sent) -> io::Result<()> {
        self.messages += 1;
        if self.messages > self.full {
            return writeln!(self.out, "{}", sent.line);
        }
        let rule = "─".repeat(100);
        let topics = match &*sent.topics {
            [] => String::new(),
            topics => format!("Topic: {}\n", topics.join(", ")),
        };
        let from = if sent.place.is_empty() { "what was due" } else { &sent.place };
        writeln!(
            self.out,
            "{rule}\n{} {} at {} from {from}\n{topics}Subject: {}\n\n{}{rule}",
            sent.notice.word(),
            self.messages,
            sent.at,
            sent.subject,
            sent.text
        )
    }

    /// Prints the counts: what was told and what was suppressed, by cause, and how noisy that was.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn summary(&mut self, report: &Report) -> io::Result<()> {
        let counts = report.counts();
        let out = &mut self.out;
        writeln!(
            out,
            "\n{:<24} {:>8} {:>8} {:>8} {:>10}  WHY NOBODY WAS TOLD",
            "CAUSE", "EVENTS", "QUIET", "TOLD", "SUPPRESSED"
        )?;
        let (mut quiet, mut told, mut suppressed) = (0, 0, 0);
        for (cause, count) in &counts.causes {
            let why = if count.quiet > 0 { cause.meaning() } else { "" };
            let line = format!(
                "{cause:<24} {:>8} {:>8} {:>8} {:>10}  {why}",
                count.all(),
                count.quiet,
                count.told,
                count.suppressed()
            );
            writeln!(out, "{}", line.trim_end())?;
            quiet += count.quiet;
            told += count.told;
            suppressed += count.suppressed();
        }
        let (all, abnormal, messages) = (counts.events(), counts.abnormal(), counts.messages());
        writeln!(out, "{:<24} {all:>8} {quiet:>8} {told:>8} {suppressed:>10}", "all")?;
        let reasons: Vec<_> =
            counts.suppressed().iter().map(|(why, count)| format!("{count} {why}")).collect();
        if !reasons.is_empty() {
            writeln!(out, "\nsuppressed: {}", reasons.join(", "))?;
        }
        if counts.failed() > 0 {
            writeln!(out, "\nfailed: {}", counts.failed())?;
        }
        let kinds = [Notice::Alert, Notice::Louder, Notice::Digest, Notice::Recovery];
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(|notice| (counts.of_notice(notice), notice.word()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        writeln!(out, "\nevents: {all}, abnormal stops: {abnormal}, messages sent: {messages}{kinds}")?;
        writeln!(
            out,
            "noise ratio: {} messages for an abnormal stop, {} for an event",
            ratio(messages, abnormal),
            ratio(messages, all)
        )?;
        out.flush()
    }
}
