//! `steward simulate --compare`: one row for each algorithm.

use std::io::{self, Write};

use fleet_sim::compare::{self, Algorithm, Row};
use fleet_sim::scenario::Scenario;
use serde::Serialize;
use shared::judge::Severity;

use super::{in_words, seconds, write_json};
use crate::args::Format;
use crate::terminal::style;

/// The JSON of a row: fields and their order are a contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    /// Its name.
    algorithm: &'static str,
    /// Runs that were added up.
    seeds: u64,
    /// Terminations.
    drains: usize,
    /// Tasks that were killed; those of daemon services not counted.
    killed: usize,
    /// Terminations that nobody completed.
    never_completed: usize,
    /// Hooks whose time was over.
    expired: usize,
    /// Calls.
    calls_per_instance: f64,
    /// Calls that were throttled.
    throttled: usize,
    /// Milliseconds from the last stop to the completion, where no task was killed: the middle one.
    late_p50_ms: Option<i64>,
    /// The longest.
    late_max_ms: Option<i64>,
}

/// Runs every algorithm and prints its row as soon as it is done.
pub fn print(out: &mut impl Write, scenario: &Scenario, seeds: u64, format: Format) -> io::Result<()> {
    if format == Format::Table {
        let last = scenario.seed.wrapping_add(seeds - 1);
        writeln!(out, "{}; seeds {} to {last}\n", in_words(scenario), scenario.seed)?;
        writeln!(
            out,
            "{:<20} {:>6} {:>6} {:>10} {:>7} {:>10} {:>9} {:>9} {:>9}",
            "ALGORITHM",
            "DRAINS",
            "KILLED",
            "NEVER DONE",
            "EXPIRED",
            "CALLS EACH",
            "THROTTLED",
            "LATE P50",
            "LATE MAX"
        )?;
    }
    for row in compare::rows(scenario, seeds) {
        match format {
            Format::Table => write_columns(out, &row)?,
            Format::Json => write_json(out, &object(&row, seeds))?,
        }
        out.flush()?;
    }
    match format {
        Format::Table => write_legend(out),
        Format::Json => Ok(()),
    }
}

/// A row as JSON has it.
fn object(row: &Row, seeds: u64) -> Object {
    let late = row.lateness();
    Object {
        algorithm: row.algorithm.name(),
        seeds,
        drains: row.drains,
        killed: row.killed,
        never_completed: row.never_completed,
        expired: row.expired,
        calls_per_instance: row.calls_per_instance(),
        throttled: row.throttled,
        late_p50_ms: late.map(|(middle, _)| middle),
        late_max_ms: late.map(|(_, longest)| longest),
    }
}

/// A row of the table.
fn write_columns(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let late = row.lateness();
    let colour = style(if row.killed > 0 { Severity::High } else { Severity::Info });
    writeln!(
        out,
        "{:<20} {:>6} {colour}{:>6}{colour:#} {:>10} {:>7} {:>10.1} {:>9} {:>9} {:>9}",
        row.algorithm.name(),
        row.drains,
        row.killed,
        row.never_completed,
        row.expired,
        row.calls_per_instance(),
        row.throttled,
        seconds(late.map(|(middle, _)| middle)),
        seconds(late.map(|(_, longest)| longest)),
    )
}

/// What the columns and the algorithms are.
fn write_legend(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\nKILLED: tasks that had not stopped when their instance ended, those of daemons not counted.\n\
         NEVER DONE: terminations nobody completed. EXPIRED: hooks whose time was over.\n\
         CALLS EACH: calls of AWS for each termination.\n\
         LATE: from an instance's last stop to its completion, where no task was killed.\n"
    )?;
    for algorithm in Algorithm::ALL {
        writeln!(out, "{:<20} {}", algorithm.name(), algorithm.meaning())?;
    }
    writeln!(
        out,
        "\nAll but ours hear of an instance by its lifecycle event alone and wait for each by itself; each call\n\
         has an SDK's three attempts, each event Lambda's two retries."
    )
}
