//! Findings as lines: JSON for machines, a table for people.

use std::io::{self, Write};

use anstyle::Style;
use shared::alert::limits::{FACT_CHARS, one_line};
use shared::judge::Severity as Level;

use super::finding::{Finding, NOT_CHECKED, Severity};
use super::snapshot::Snapshot;
use crate::args::Format;
use crate::terminal::{output, remark, style};

/// Prints all findings, and on standard error how many there are over what.
pub fn print(findings: &[Finding], seen: &Snapshot, format: Format) -> io::Result<()> {
    let mut out = output();
    match format {
        Format::Json => {
            for finding in findings {
                serde_json::to_writer(&mut out, finding)?;
                writeln!(out)?;
            }
        }
        Format::Table => write_table(&mut out, findings)?,
    }
    out.flush()?;
    remark(&summary(findings, seen));
    Ok(())
}

/// A row for each finding, with why and what to do below it.
fn write_table(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let names: Vec<_> =
        findings.iter().map(|finding| format!("{}/{}", finding.check, finding.word)).collect();
    let wide = names.iter().map(String::len).max().unwrap_or_default();
    writeln!(out, "{:<7} {:<wide$} RESOURCE", "LEVEL", "FINDING")?;
    for (finding, name) in findings.iter().zip(&names) {
        let style = style_of(finding.severity);
        let level = finding.severity.word();
        writeln!(
            out,
            "{style}{level:<7} {name:<wide$}{style:#} {}",
            one_line(&finding.resource, FACT_CHARS)
        )?;
        for (word, text) in
            [("what", finding.what.as_str()), ("why", finding.why), ("do", finding.fix.as_str())]
        {
            writeln!(out, "        {word:<5} {}", one_line(text, FACT_CHARS))?;
        }
    }
    Ok(())
}

/// The colour of a finding.
const fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => style(Level::High),
        Severity::Warning => style(Level::Medium),
    }
}

/// How many of each, and what was looked at.
fn summary(findings: &[Finding], seen: &Snapshot) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let blind = findings.iter().filter(|finding| finding.word == NOT_CHECKED).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let there = seen.functions.iter().filter(|deployed| deployed.function.is_ok()).count();
    format!(
        "errors: {errors}, warnings: {warnings}, of which not checked: {blind}; region {}, groups: {}, clusters: {}, \
         functions: {there} of {}, queues: {}, simulations of roles: {}",
        seen.region,
        seen.known_groups().len(),
        seen.known_clusters().len(),
        seen.functions.len(),
        seen.queues.len(),
        seen.simulated.len(),
    )
}
