//! `steward simulate`: what our function does with one fleet, instance by instance.

use std::io::{self, Write};

use fleet_sim::compare::each;
use fleet_sim::scenario::Scenario;
use fleet_sim::timeline::{self, Ending, Row, Timeline};
use serde::Serialize;
use shared::alert::limits::one_line;
use shared::event::Timestamp;

use super::{in_words, seconds, write_json};
use crate::args::Format;
use crate::terminal::remark;

/// A subject on a screen.
const SUBJECT_CHARS: usize = 100;

/// A line of the JSON: fields and their order are a contract.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Line<'a> {
    /// A termination.
    Instance {
        /// The EC2 instance's id.
        instance: &'a str,
        /// The cluster's name.
        cluster: &'a str,
        /// Tasks that were on it, those of daemon services not counted.
        tasks: usize,
        /// When Auto Scaling decided.
        terminated: String,
        /// From there to DRAINING.
        draining_after_ms: Option<i64>,
        /// To the stop of the last task that is of no daemon service.
        last_stop_after_ms: Option<i64>,
        /// To the end of the hook.
        ended_after_ms: Option<i64>,
        /// From the last stop to the completion.
        late_ms: Option<i64>,
        /// Tasks that were killed.
        killed: usize,
        /// `CONTINUE`, `ABANDON`, `expired` or `held`.
        ending: &'static str,
        /// What invoked the function then: `event` or `tick`.
        by: Option<&'static str>,
    },
    /// A message to people.
    Notification {
        /// When.
        at: String,
        /// Its subject.
        subject: &'a str,
    },
    /// Calls of one operation.
    Calls {
        /// The operation.
        operation: &'static str,
        /// All of them.
        calls: usize,
        /// For each termination.
        per_instance: f64,
    },
    /// All of it.
    Summary {
        /// Terminations.
        drains: usize,
        /// Tasks that were killed, those of daemon services not counted.
        killed: usize,
        /// Hooks whose time was over.
        expired: usize,
        /// Hooks that still hold an instance.
        unfinished: usize,
        /// Calls.
        calls: usize,
        /// For each termination.
        calls_per_instance: f64,
        /// Calls that were throttled.
        throttled: usize,
        /// Calls above ECS's shared read allowance, at worst.
        reads_over_allowance: u64,
        /// Heartbeats that were taken.
        heartbeats: usize,
        /// Messages to people.
        notifications: usize,
        /// Invocations of the function.
        invocations: u64,
    },
}

/// Simulates and prints.
pub fn print(out: &mut impl Write, scenario: &Scenario, format: Format) -> io::Result<()> {
    let timeline = timeline::run(scenario);
    remark(&format!(
        "the function's own work: {:.3} s in {} invocations",
        timeline.worked.as_secs_f64(),
        timeline.report.invocations.all
    ));
    match format {
        Format::Json => write_lines(out, &timeline),
        Format::Table => {
            writeln!(out, "{}; seed {}\n", in_words(scenario), scenario.seed)?;
            write_table(out, &timeline)?;
            write_summary(out, &timeline)
        }
    }
}

/// The span from the decision of a row to a later time.
fn since(row: &Row, at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.millis_since(row.terminated))
}

/// How a termination ended, and what invoked the function.
const fn ending(row: &Row) -> (&'static str, Option<&'static str>) {
    match row.ending {
        Ending::Completed(result, trigger) => (result.word(), Some(trigger.word())),
        Ending::Expired => ("expired", None),
        Ending::Held => ("held", None),
    }
}

/// The JSON.
fn write_lines(out: &mut impl Write, timeline: &Timeline) -> io::Result<()> {
    let report = &timeline.report;
    for row in &timeline.rows {
        let (ending, by) = ending(row);
        let line = Line::Instance {
            instance: &row.instance_id,
            cluster: &row.cluster,
            tasks: row.tasks,
            terminated: row.terminated.to_string(),
            draining_after_ms: since(row, row.draining),
            last_stop_after_ms: since(row, row.last_stop),
            ended_after_ms: since(row, row.ended),
            late_ms: row.late_millis,
            killed: row.killed,
            ending,
            by,
        };
        write_json(out, &line)?;
    }
    for (at, subject) in &timeline.notifications {
        write_json(out, &Line::Notification { at: at.to_string(), subject })?;
    }
    for (op, calls) in &report.calls {
        let per_instance = each(*calls, report.drains.len());
        write_json(out, &Line::Calls { operation: op.name(), calls: *calls, per_instance })?;
    }
    let line = Line::Summary {
        drains: report.drains.len(),
        killed: report.killed,
        expired: report.expired,
        unfinished: report.unfinished,
        calls: report.all_calls(),
        calls_per_instance: each(report.all_calls(), report.drains.len()),
        throttled: report.throttled,
        reads_over_allowance: report.reads_over_budget,
        heartbeats: report.heartbeats,
        notifications: timeline.notifications.len(),
        invocations: report.invocations.all,
    };
    write_json(out, &line)
}

/// The hour of a time.
fn clock(at: Timestamp) -> String {
    at.to_string().split_once('T').map(|(_, hour)| hour.trim_end_matches('Z').to_owned()).unwrap_or_default()
}

/// The table of instances.
fn write_table(out: &mut impl Write, timeline: &Timeline) -> io::Result<()> {
    writeln!(
        out,
        "{:<19} {:<8} {:>5} {:>10} {:>9} {:>10} {:>10} {:>8}  BY",
        "INSTANCE", "CLUSTER", "TASKS", "TERMINATED", "DRAINING", "LAST STOP", "ENDED", "LATE"
    )?;
    for row in &timeline.rows {
        let (ending, by) = ending(row);
        let by = by.map_or_else(|| ending.to_owned(), |by| format!("{by}, {ending}"));
        writeln!(
            out,
            "{:<19} {:<8} {:>5} {:>10} {:>9} {:>10} {:>10} {:>8}  {by}",
            row.instance_id,
            row.cluster,
            row.tasks,
            clock(row.terminated),
            later(since(row, row.draining)),
            later(since(row, row.last_stop)),
            later(since(row, row.ended)),
            seconds(row.late_millis),
        )?;
    }
    Ok(())
}

/// A span after the decision.
fn later(millis: Option<i64>) -> String {
    let sign = if millis.is_some() { "+" } else { "" };
    format!("{sign}{}", seconds(millis))
}

/// What it came to.
fn write_summary(out: &mut impl Write, timeline: &Timeline) -> io::Result<()> {
    let report = &timeline.report;
    let drains = report.drains.len();
    writeln!(out, "\ntasks killed     {}", report.killed)?;
    writeln!(out, "hooks expired    {}, still holding {}", report.expired, report.unfinished)?;
    writeln!(out, "heartbeats       {}", report.heartbeats)?;
    let invocations = &report.invocations;
    writeln!(
        out,
        "invocations      {}, of which {} failed and {} died",
        invocations.all,
        invocations.failed,
        invocations.died + invocations.panicked
    )?;
    writeln!(
        out,
        "reads            {} above ECS's allowance of 100 at once and 20 a second",
        report.reads_over_budget
    )?;
    let all = report.all_calls();
    writeln!(
        out,
        "calls            {all}, {:.1} for each instance, {} throttled",
        each(all, drains),
        report.throttled
    )?;
    for (op, calls) in &report.calls {
        writeln!(out, "  {:<32} {calls:>6} {:>7.1}", op.name(), each(*calls, drains))?;
    }
    writeln!(out, "notifications    {}", timeline.notifications.len())?;
    for (at, subject) in &timeline.notifications {
        writeln!(out, "  {}  {}", clock(*at), one_line(subject, SUBJECT_CHARS))?;
    }
    Ok(())
}
