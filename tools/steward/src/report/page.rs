//! The page: one file, which loads nothing and runs nothing but its own few lines of script.

use std::io::{self, Write};

use super::Report;
use super::escape::Escaped;
use super::figures::{counted, grouped, ratio};

/// The style sheet.
const STYLE: &str = include_str!("page.css");
/// The script: how many messages are shown, and a button that opens them. Everything can be read without it.
const SCRIPT: &str = include_str!("page.js");
/// SHA-256 of the script, by which the page's policy lets it run and nothing else. The browser refuses the script
/// where this is another's, and `make test` sees that.
const SCRIPT_HASH: &str = "D8nbZIDE3O39ITOuVOHHzMR0bVAhdRbOgqAvrDWbfbw=";

impl Report {
    /// Writes the page.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn write_html(&self, out: &mut impl Write) -> io::Result<()> {
        let messages = counted(self.counts.messages(), "message");
        let stops = counted(self.counts.abnormal(), "abnormal stop");
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"data:,\">\n\
             <title>{messages} for {stops} – ecs-steward replay</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#told\">Skip to the messages</a>"
        )?;
        self.write_header(out)?;
        writeln!(out, "<main>")?;
        self.write_summary(out)?;
        section(out, "when", "When")?;
        writeln!(out, "<div class=\"scroll chart\" role=\"region\" tabindex=\"0\" aria-label=\"Timeline\">")?;
        self.write_chart(out)?;
        writeln!(out, "</div>")?;
        self.write_legend(out)?;
        self.write_chart_table(out)?;
        writeln!(out, "</section>")?;
        section(out, "told", "What people were told")?;
        self.write_messages(out)?;
        writeln!(out, "</section>")?;
        section(out, "most", "What failed most")?;
        self.write_top(out)?;
        writeln!(out, "</section>")?;
        section(out, "why", "What became of every event")?;
        self.write_causes(out)?;
        writeln!(out, "</section>\n</main>")?;
        writeln!(
            out,
            "<footer><p>Written by <code>steward replay --html</code>, ecs-steward {}. This file is complete in itself and loads nothing.</p></footer>",
            env!("CARGO_PKG_VERSION")
        )?;
        writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
    }

    /// Name, input and span.
    fn write_header(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "<header>\n<p class=\"tool\">ecs-steward replay</p>")?;
        writeln!(
            out,
            "<h1>{} for {}</h1>",
            counted(self.counts.messages(), "message"),
            counted(self.counts.abnormal(), "abnormal stop")
        )?;
        let inputs: Vec<_> = self.inputs.iter().map(|input| Escaped(input).to_string()).collect();
        write!(out, "<p class=\"input\"><code>{}</code>", inputs.join("</code> <code>"))?;
        let (first, last) = (self.timeline.buckets().next(), self.timeline.buckets().last());
        if let (Some((first, _)), Some((last, _))) = (first, last) {
            let until = last
                .plus(std::time::Duration::from_millis(u64::try_from(self.timeline.width()).unwrap_or(0)));
            let [first, until] = [first, until].map(super::chart::minute);
            write!(out, " · {first} to {until} UTC")?;
        }
        writeln!(
            out,
            "</p>\n<nav aria-label=\"On this page\"><a href=\"#when\">When</a> <a href=\"#told\">Messages</a> <a href=\"#most\">What failed most</a> <a href=\"#why\">Every event</a></nav>\n</header>"
        )
    }

    /// The numbers first.
    fn write_summary(&self, out: &mut impl Write) -> io::Result<()> {
        let counts = &self.counts;
        let (events, stops) = (counts.events(), counts.stops());
        let (abnormal, messages) = (counts.abnormal(), counts.messages());
        section(out, "summary", "Summary")?;
        writeln!(out, "<dl class=\"numbers\">")?;
        let per_event = ratio(messages, events);
        let figures = [
            ("events", "Events", grouped(events), "as they came".to_owned()),
            ("stops", "Stops", grouped(stops), "final, without repeats".to_owned()),
            ("abnormal", "Abnormal", grouped(abnormal), "worth an alert".to_owned()),
            ("messages", "Messages", grouped(messages), self.kinds()),
            (
                "noise",
                "Noise ratio",
                ratio(messages, abnormal),
                format!("messages per abnormal stop; {per_event} per event"),
            ),
        ];
        for (id, word, figure, note) in figures {
            writeln!(
                out,
                "<div><dt>{word}</dt><dd id=\"n-{id}\">{figure}</dd><dd class=\"about\">{note}</dd></div>"
            )?;
        }
        if counts.failed() > 0 {
            writeln!(
                out,
                "<div><dt>Failed</dt><dd id=\"n-failed\">{}</dd><dd class=\"about\">not accepted</dd></div>",
                grouped(counts.failed())
            )?;
        }
        writeln!(out, "</dl>\n</section>")
    }

    /// `7 alert, 3 digest`
    fn kinds(&self) -> String {
        let kinds = super::NOTICES.iter().map(|notice| (self.counts.of_notice(*notice), notice.word()));
        let kinds: Vec<_> = kinds
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(count)))
            .collect();
        if kinds.is_empty() { "nobody was told anything".to_owned() } else { kinds.join(", ") }
    }
}

/// The begin of a section.
fn section(out: &mut impl Write, id: &str, title: &str) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\" tabindex=\"-1\">\n<h2 id=\"{id}-title\">{title}</h2>"
    )
}
