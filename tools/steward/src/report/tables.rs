//! The tables: the picture in numbers, causes, reasons, fingerprints.

use std::io::{self, Write};

use shared::event::timestamp::span_in_words;
use shared::judge::Cause;

use super::chart::{NAMED, minute, named_causes, parts_of};
use super::escape::Escaped;
use super::figures::grouped;
use super::top::KEPT;
use super::{NOTICES, Report};

/// Fingerprints that are shown.
const SHOWN: usize = 25;

/// A column's head.
fn head(out: &mut impl Write, words: &[(&str, bool)]) -> io::Result<()> {
    write!(out, "<thead><tr>")?;
    for (word, is_number) in words {
        let class = if *is_number { " class=\"number\"" } else { "" };
        write!(out, "<th scope=\"col\"{class}>{word}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")
}

/// A cell with a number; what is zero steps back.
fn number(out: &mut impl Write, number: u64) -> io::Result<()> {
    let class = if number == 0 { "number zero" } else { "number" };
    write!(out, "<td class=\"{class}\">{}</td>", grouped(number))
}

/// What a reason for suppressing means.
fn meaning_of(why: &str) -> &'static str {
    match why {
        "counted" => "Its incident is known; people hear of it in the next digest, or when it gets louder.",
        "storm" => "It belongs to a cluster-wide incident that is told as one.",
        "duplicate" => "This stop was dealt with before.",
        _ => "",
    }
}

impl Report {
    /// The legend of the picture.
    pub(super) fn write_legend(&self, out: &mut impl Write) -> io::Result<()> {
        let (named, others) = named_causes(self);
        writeln!(
            out,
            "<div class=\"legends\">\n<span id=\"key-causes\">Causes</span><ul class=\"legend\" aria-labelledby=\"key-causes\">"
        )?;
        for (rank, (cause, count)) in named.iter().enumerate() {
            write_key(out, &format!("c{rank}"), cause.word(), *count)?;
        }
        if others > 0 {
            write_key(out, &format!("c{NAMED}"), "other causes", others)?;
        }
        writeln!(
            out,
            "</ul>\n<span id=\"key-messages\">Messages</span><ul class=\"legend\" aria-labelledby=\"key-messages\">"
        )?;
        for notice in NOTICES {
            let count = self.counts.of_notice(notice);
            if count > 0 {
                write_key(out, &format!("n-{}", notice.word()), notice.word(), count)?;
            }
        }
        writeln!(out, "</ul>\n</div>")
    }

    /// The picture in numbers.
    pub(super) fn write_chart_table(&self, out: &mut impl Write) -> io::Result<()> {
        let (named, others) = named_causes(self);
        let width = span_in_words(self.timeline.width());
        writeln!(out, "<details class=\"as-table\"><summary>The same as a table</summary>")?;
        writeln!(
            out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Stops and messages by time\">"
        )?;
        writeln!(out, "<table><caption>Stops and messages in steps of {width}, times in UTC</caption>")?;
        let mut columns = vec![("From", false)];
        columns.extend(named.iter().map(|(cause, _)| (cause.word(), true)));
        if others > 0 {
            columns.push(("other causes", true));
        }
        columns.push(("expected", true));
        columns.extend(NOTICES.iter().map(|notice| (notice.word(), true)));
        head(out, &columns)?;
        for (at, bucket) in self.timeline.buckets() {
            write!(out, "<tr><th scope=\"row\">{}</th>", minute(at))?;
            let shown = named.len() + usize::from(others > 0);
            for (.., count) in parts_of(bucket, &named).into_iter().take(shown) {
                number(out, count)?;
            }
            number(out, bucket.expected)?;
            for count in bucket.messages {
                number(out, count)?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table></div></details>")
    }

    /// Events by cause, and why nobody was told.
    pub(super) fn write_causes(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Events by cause\">"
        )?;
        writeln!(out, "<table id=\"causes\"><caption>Every event by its cause</caption>")?;
        head(
            out,
            &[
                ("Cause", false),
                ("Events", true),
                ("Quiet", true),
                ("Told at once", true),
                ("Suppressed", true),
                ("Failed", true),
                ("What it means", false),
            ],
        )?;
        for (cause, count) in &self.counts.causes {
            write!(out, "<tr><th scope=\"row\"><code>{cause}</code></th>")?;
            for counted in [count.all(), count.quiet, count.told, count.suppressed(), count.failed] {
                number(out, counted)?;
            }
            writeln!(out, "<td>{}</td></tr>", Escaped(cause.meaning()))?;
        }
        writeln!(out, "</tbody></table></div>")?;
        let reasons = self.counts.suppressed();
        if reasons.is_empty() {
            return Ok(());
        }
        writeln!(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Reasons\">")?;
        writeln!(out, "<table id=\"reasons\"><caption>Worth an alert, and not told at once</caption>")?;
        head(out, &[("Reason", false), ("Events", true), ("What it means", false)])?;
        for (why, count) in reasons {
            write!(out, "<tr><th scope=\"row\"><code>{}</code></th>", Escaped(why))?;
            number(out, count)?;
            writeln!(out, "<td>{}</td></tr>", meaning_of(why))?;
        }
        writeln!(out, "</tbody></table></div>")
    }

    /// The fingerprints with the most stops.
    pub(super) fn write_top(&self, out: &mut impl Write) -> io::Result<()> {
        if self.top.len() == 0 {
            return writeln!(out, "<p class=\"empty\">Nothing was worth an alert.</p>");
        }
        writeln!(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Fingerprints\">")?;
        writeln!(
            out,
            "<table id=\"fingerprints\"><caption>Fingerprints with the most stops, times in UTC</caption>"
        )?;
        head(
            out,
            &[
                ("Fingerprint", false),
                ("Severity", false),
                ("Stops", true),
                ("Messages", true),
                ("First", false),
                ("Last", false),
            ],
        )?;
        for (fingerprint, entry) in self.top.first(SHOWN) {
            let severity = entry.severity.word();
            write!(
                out,
                "<tr><th scope=\"row\" title=\"{}\"><code>{}</code></th><td><span class=\"badge is-{severity}\">{severity}</span></td>",
                Escaped(Cause::meaning(entry.cause)),
                Escaped(fingerprint)
            )?;
            if entry.too_high > 0 {
                let (stops, error) = (grouped(entry.stops), grouped(entry.too_high));
                write!(out, "<td class=\"number\">{stops} <small>(up to {error} too high)</small></td>")?;
            } else {
                number(out, entry.stops)?;
            }
            number(out, entry.messages)?;
            writeln!(
                out,
                "<td class=\"when\">{}</td><td class=\"when\">{}</td></tr>",
                minute(entry.first),
                minute(entry.last)
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
        let rest = self.top.len().saturating_sub(SHOWN);
        if self.top.is_estimate {
            writeln!(
                out,
                "<p class=\"note\">There were more than {KEPT} fingerprints. Of those {KEPT} with about the most stops are counted; a count may be too high and is never too low.</p>"
            )?;
        } else if rest > 0 {
            writeln!(out, "<p class=\"note\">{} more fingerprints are not shown.</p>", grouped(rest as u64))?;
        }
        Ok(())
    }
}

/// One entry of the legend.
fn write_key(out: &mut impl Write, class: &str, word: &str, count: u64) -> io::Result<()> {
    writeln!(
        out,
        "<li><svg class=\"key\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"12\" height=\"12\"/></svg>{word} <b>{}</b></li>",
        grouped(count)
    )
}
