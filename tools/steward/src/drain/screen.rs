//! What is printed and when: once, at each change, or in place.

use std::collections::BTreeSet;
use std::io::{self, Write};

use shared::alert::limits::{FACT_CHARS, one_line};
use shared::handler::instance_drain::Mode;

use super::fleet::{Fleet, Standing, Watched};
use super::lines::{self, Widths};
use super::request::Request;
use crate::args::Format;
use crate::terminal::{can_rewrite, complain, output, remark};

/// Instances whose lines are rewritten in place; more would not fit on every terminal.
const REWRITABLE: usize = 20;

/// How instances are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// All of them, at the end.
    Once,
    /// Each at each change of its state.
    Changes,
    /// All of them, in place of how they stood before.
    InPlace,
}

/// What is printed, and what was.
pub struct Screen<'a> {
    /// What was asked for.
    request: &'a Request,
    /// How instances are printed.
    form: Form,
    /// Whether the table has its head.
    has_head: bool,
    /// Lines that are to be rewritten.
    drawn: usize,
    /// Refusals that were told.
    told: BTreeSet<String>,
}

impl<'a> Screen<'a> {
    /// Nothing is printed yet.
    pub fn new(request: &'a Request) -> Self {
        let form = if !request.wait {
            Form::Once
        } else if request.format == Format::Table && can_rewrite() && request.instance_ids.len() <= REWRITABLE
        {
            Form::InPlace
        } else {
            Form::Changes
        };
        Self { request, form, has_head: false, drawn: 0, told: BTreeSet::new() }
    }

    /// Says what Ctrl-C does, while somebody can still press it.
    pub fn begin(&self, fleet: &Fleet) {
        if self.request.wait {
            let (timeout, every) = (self.request.timeout, self.request.every);
            remark(&format!(
                "Watching {} for up to {}, a look every {}. Ctrl-C stops watching, not the drain.",
                instances(fleet.0.len()),
                humantime::format_duration(timeout),
                humantime::format_duration(every)
            ));
        }
    }

    /// Prints what came of a look.
    pub fn show(
        &mut self,
        notices: &[String],
        refused: &[String],
        fleet: &Fleet,
        changed: &[usize],
    ) -> io::Result<()> {
        let mut out = output();
        if self.drawn > 0 {
            // Up to the first line, and away with all below.
            write!(out, "\x1b[{}A\x1b[J", self.drawn)?;
            out.flush()?;
            self.drawn = 0;
        }
        for notice in notices {
            remark(notice);
        }
        for why in refused {
            if self.told.insert(why.clone()) {
                complain(&one_line(why, FACT_CHARS));
            }
        }
        match self.form {
            Form::Once => {}
            Form::Changes => {
                let rows = changed.iter().filter_map(|place| fleet.0.get(*place));
                self.print(&mut out, fleet, rows, true)?;
            }
            Form::InPlace => {
                // Lines that are cut at the edge stay one line each.
                write!(out, "\x1b[?7l")?;
                self.has_head = false;
                self.print(&mut out, fleet, fleet.0.iter(), false)?;
                write!(out, "\x1b[?7h")?;
                self.drawn = fleet.0.len() + 1;
            }
        }
        out.flush()
    }

    /// Prints how it ended, and why it did before its time.
    pub fn end(&mut self, fleet: &Fleet, trouble: Option<&str>) -> io::Result<()> {
        let mut out = output();
        match self.form {
            Form::Once => self.print(&mut out, fleet, fleet.0.iter(), true)?,
            Form::InPlace => {
                for one in fleet.0.iter().filter(|one| one.standing != Standing::Ended) {
                    lines::write_blockers(&mut out, one)?;
                }
            }
            Form::Changes => {}
        }
        out.flush()?;
        if self.request.mode == Mode::Plan {
            remark("A dry run: nothing was changed.");
        }
        if let Some(trouble) = trouble {
            complain(trouble);
        }
        let left = fleet.0.iter().filter(|one| one.standing != Standing::Ended).count();
        if self.request.wait && left > 0 {
            complain(&format!(
                "{} of {} not drained; what is DRAINING stays so",
                left,
                instances(fleet.0.len())
            ));
        }
        Ok(())
    }

    /// Prints some instances in the form that was asked for.
    fn print<'b>(
        &mut self,
        out: &mut impl Write,
        fleet: &Fleet,
        rows: impl Iterator<Item = &'b Watched>,
        details: bool,
    ) -> io::Result<()> {
        let widths = Widths::of(fleet);
        for one in rows {
            match self.request.format {
                Format::Json => lines::write_json(out, one)?,
                Format::Table => {
                    if !std::mem::replace(&mut self.has_head, true) {
                        widths.write_head(out)?;
                    }
                    if details {
                        widths.write_row(out, one, &lines::next(one))?;
                        lines::write_blockers(out, one)?;
                    } else {
                        widths.write_row(out, one, &lines::next_and_blocker(one))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// `1 instance`, `2 instances`.
fn instances(count: usize) -> String {
    if count == 1 { "1 instance".to_owned() } else { format!("{count} instances") }
}
