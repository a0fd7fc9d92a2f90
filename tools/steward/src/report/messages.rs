//! The messages with their texts, and what filters them.

use std::io::{self, Write};

use shared::judge::Severity;

use super::chart::minute;
use super::escape::Escaped;
use super::figures::{counted, grouped};
use super::{MESSAGES_KEPT, NOTICES, Report, Sent};

/// The severities that messages have, the loudest first.
const SEVERITIES: [Severity; 4] = [Severity::High, Severity::Medium, Severity::Low, Severity::Info];

impl Report {
    /// The list.
    pub(super) fn write_messages(&self, out: &mut impl Write) -> io::Result<()> {
        if self.messages.is_empty() {
            return writeln!(out, "<p class=\"empty\">Nobody was told anything.</p>");
        }
        self.write_filters(out)?;
        writeln!(out, "<ol class=\"messages\" id=\"messages\">")?;
        for message in &self.messages {
            write_message(out, message)?;
        }
        writeln!(out, "</ol>")?;
        if self.left_out > 0 {
            let (kept, left) = (grouped(MESSAGES_KEPT as u64), counted(self.left_out, "more message"));
            writeln!(
                out,
                "<p class=\"note\" id=\"left-out\">The first {kept} messages are listed; {left} came after them and are only counted.</p>"
            )?;
        }
        Ok(())
    }

    /// What is shown: check boxes that work by the style sheet alone.
    fn write_filters(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "<form class=\"filters\" aria-label=\"Which messages are shown\">")?;
        writeln!(out, "<fieldset><legend>Severity</legend>")?;
        for severity in SEVERITIES {
            write_box(out, severity.word(), self.counts.of_severity(severity))?;
        }
        writeln!(out, "</fieldset>\n<fieldset><legend>Kind</legend>")?;
        for notice in NOTICES {
            write_box(out, notice.word(), self.counts.of_notice(notice))?;
        }
        writeln!(out, "</fieldset>")?;
        writeln!(
            out,
            "<p class=\"shown\"><output id=\"shown\">{} listed</output>",
            grouped(self.messages.len() as u64)
        )?;
        writeln!(out, "<button type=\"button\" id=\"open-all\" hidden>Open all</button></p>\n</form>")
    }
}

/// One check box; none where there is nothing to filter.
fn write_box(out: &mut impl Write, word: &str, count: u64) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<label><input type=\"checkbox\" id=\"show-{word}\" checked autocomplete=\"off\"> {word} <span class=\"count\">{}</span></label>",
        grouped(count)
    )
}

/// One message.
fn write_message(out: &mut impl Write, message: &Sent) -> io::Result<()> {
    let (severity, notice) = (message.severity.word(), message.notice.word());
    writeln!(
        out,
        "<li class=\"message is-{severity} of-{notice}\"><details><summary><time datetime=\"{}\">{}</time> \
         <span class=\"badge is-{severity}\">{severity}</span> <span class=\"badge notice\">{notice}</span> \
         <span class=\"subject\">{}</span></summary>",
        message.at,
        minute(message.at),
        Escaped(&message.subject),
    )?;
    writeln!(out, "<p class=\"about\">{}", message.cause)?;
    if !message.about.is_empty() {
        writeln!(out, " · {}", Escaped(&message.about))?;
    }
    if !message.place.is_empty() {
        writeln!(out, " · from <code>{}</code>", Escaped(&message.place))?;
    }
    // A line break behind the tag is dropped, so that the text begins as it is.
    writeln!(out, "</p><pre>\n{}</pre></details></li>", Escaped(&message.text))
}
