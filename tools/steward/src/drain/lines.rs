//! An instance as a line: JSON for machines, columns for people.

use std::io::{self, Write};

use serde::Serialize;
use shared::alert::limits::{FACT_CHARS, one_line};
use shared::event::arn::last_part;
use shared::handler::instance_drain::Deed;

use super::fleet::{Fleet, Standing, Watched};

/// The JSON of `steward drain`: fields and their order are a contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    /// The instance.
    instance_id: &'a str,
    /// Its cluster's name.
    cluster: Option<&'a str>,
    /// Its Auto Scaling group's name.
    group: Option<&'a str>,
    /// ECS's count of its tasks.
    tasks: Option<i64>,
    /// What was done, each once.
    done: Vec<&'static str>,
    /// What is next or why it waits, in words.
    next: String,
    /// What went wrong, in words.
    trouble: Option<&'a str>,
    /// The tasks that have not stopped, and what keeps each, in words.
    blocked_by: &'a [String],
}

impl<'a> Row<'a> {
    /// Of one instance.
    fn of(one: &'a Watched) -> Self {
        let row = one.row.as_ref();
        let mut done = Vec::new();
        for deed in &one.done {
            if !done.contains(&deed.word()) {
                done.push(deed.word());
            }
        }
        Self {
            instance_id: &one.id,
            cluster: row.and_then(|row| row.cluster.as_deref()).map(last_part),
            group: row.and_then(|row| row.group.as_deref()),
            tasks: row.and_then(|row| row.tasks),
            done,
            next: one.next(),
            trouble: row.and_then(|row| row.trouble_in_words()),
            blocked_by: &one.blockers,
        }
    }
}

/// Writes an instance as one line of JSON.
pub fn write_json(out: &mut impl Write, one: &Watched) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Row::of(one))?;
    writeln!(out)
}

/// The place of the one column of numbers.
const TASKS: usize = 3;

/// The widths of the columns before the last one.
pub struct Widths([usize; 5]);

impl Widths {
    /// Wide enough for all.
    pub fn of(fleet: &Fleet) -> Self {
        let mut widths = [8, 7, 5, 5, "set DRAINING".len()];
        for one in &fleet.0 {
            for (width, cell) in widths.iter_mut().zip(cells(one)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        Self(widths)
    }

    /// Writes the head of the table.
    pub fn write_head(&self, out: &mut impl Write) -> io::Result<()> {
        self.write(out, ["INSTANCE", "CLUSTER", "GROUP", "TASKS", "DONE", "NEXT"])
    }

    /// Writes an instance, with what is to stand in the last column.
    pub fn write_row(&self, out: &mut impl Write, one: &Watched, next: &str) -> io::Result<()> {
        let [instance, cluster, group, tasks, done] = &cells(one);
        self.write(out, [instance, cluster, group, tasks, done, &one_line(next, FACT_CHARS)])
    }

    /// Writes a line.
    fn write(&self, out: &mut impl Write, cells: [&str; 6]) -> io::Result<()> {
        let (before, next) = cells.split_at(self.0.len());
        for (place, (cell, width)) in before.iter().zip(self.0).enumerate() {
            if place == TASKS {
                write!(out, "{cell:>width$}  ")?;
            } else {
                write!(out, "{cell:<width$}  ")?;
            }
        }
        writeln!(out, "{}", next.concat())
    }
}

/// The columns of an instance before the last one.
fn cells(one: &Watched) -> [String; 5] {
    let row = Row::of(one);
    let name = |name: Option<&str>| name.map_or_else(|| "-".to_owned(), |name| one_line(name, FACT_CHARS));
    let tasks = row.tasks.map_or_else(|| "-".to_owned(), |tasks| tasks.to_string());
    [one.id.clone(), name(row.cluster), name(row.group), tasks, done(&one.done)]
}

/// What is next, and what went wrong.
pub fn next(one: &Watched) -> String {
    match one.row.as_ref().and_then(|row| row.trouble_in_words()) {
        Some(trouble) => format!("{} ({trouble})", one.next()),
        None => one.next(),
    }
}

/// The same with the first of what keeps it, for those who print no more than a line.
pub fn next_and_blocker(one: &Watched) -> String {
    match one.blockers.first().filter(|_| one.standing != Standing::Ended) {
        Some(blocker) => format!("{}: {blocker}", next(one)),
        None => next(one),
    }
}

/// Writes what keeps an instance, below its line.
pub fn write_blockers(out: &mut impl Write, one: &Watched) -> io::Result<()> {
    if one.standing == Standing::Ended {
        return Ok(());
    }
    for blocker in &one.blockers {
        writeln!(out, "  {}", one_line(blocker, FACT_CHARS))?;
    }
    Ok(())
}

/// What was done, in the order in which it was first done.
fn done(deeds: &[Deed]) -> String {
    let mut words = Vec::new();
    for (place, deed) in deeds.iter().enumerate() {
        if !deeds[..place].contains(deed) {
            words.push(deed.in_words(deeds.iter().filter(|other| *other == deed).count()));
        }
    }
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}
