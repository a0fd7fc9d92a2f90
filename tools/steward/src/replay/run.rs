//! One replay: each event at its own time, and between them what is due.

use std::io::{self, Write};
use std::time::Duration;

use shared::alert::HttpsBody;
use shared::event::Timestamp;
use shared::handler::Outcome;
use shared::handler::monitor::{self, Beat, Monitor, Round};
use shared::in_memory::{Absent, TableInMemory};
use shared::intake::{self, Record};
use shared::policy::Policy;
use shared::ports::Clock as _;
use shared::runtime::SystemClock;

use super::screen::Screen;
use super::sent::sent;
use super::world::{EventClock, Inbox, NoMetrics, ready};
use crate::report::{Fate, Happening, Report};

/// A tick, as a schedule of EventBridge sends it.
const TICK: &[u8] = br#"{"detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#;
/// Between two ticks, where more is due than one tick does.
const MINUTE: Duration = Duration::from_mins(1);
/// How long after the last event something may still be due: longer than any policy's `quiet-after`.
const AFTER_THE_END: Duration = Duration::from_hours(24 * 30);
/// Records before the first event that says its time, at most: they are dealt with at that time.
const EARLY: usize = 1_000;

/// What a replay works with.
#[derive(Debug, Default)]
pub struct World {
    /// Who is told.
    pub inbox: Inbox,
    /// The time.
    pub clock: EventClock,
    /// The incidents.
    pub table: TableInMemory,
}

/// A replay that is going on.
pub struct Replay<'a, W> {
    /// What it works with.
    world: &'a World,
    /// The function.
    monitor: Monitor<&'a Inbox, NoMetrics, &'a EventClock, &'a TableInMemory, Absent, Absent>,
    /// What is printed.
    screen: Screen<W>,
    /// What is counted.
    pub report: Report,
    /// Records that came before any time was known.
    early: Vec<(String, Record)>,
    /// Whether a time is known.
    has_begun: bool,
}

impl<'a, W: Write> Replay<'a, W> {
    /// Begins.
    pub fn new(world: &'a World, policy: Policy, screen: Screen<W>, report: Report) -> Self {
        let World { inbox, clock, table } = world;
        let monitor = Monitor::new(Beat::Everything, policy, inbox, NoMetrics, clock, HttpsBody::Json)
            .with_table(Some(table));
        Self { world, monitor, screen, report, early: Vec::new(), has_begun: false }
    }

    /// Goes on with a record.
    ///
    /// # Errors
    /// Where output fails.
    pub fn record(&mut self, place: &str, record: Record) -> io::Result<()> {
        let at = record.content.as_ref().ok().and_then(shared::event::Event::at);
        match at {
            Some(at) if self.has_begun => {
                self.tick_until(at)?;
                self.world.clock.forward_to(at);
            }
            Some(at) => {
                self.has_begun = true;
                self.world.clock.forward_to(at);
                self.deal_with_early()?;
            }
            None if self.has_begun => {}
            None => {
                self.early.push((place.to_owned(), record));
                return if self.early.len() < EARLY { Ok(()) } else { self.deal_with_early() };
            }
        }
        self.deal(place, record)
    }

    /// Ends: tells what is still due, and the counts.
    ///
    /// # Errors
    /// Where output fails.
    pub fn end(&mut self) -> io::Result<()> {
        self.deal_with_early()?;
        self.tick_until((&self.world.clock).now().plus(AFTER_THE_END))?;
        self.screen.summary(&self.report)
    }

    /// Deals with what came before any time was known; where none is, as the function would: now.
    fn deal_with_early(&mut self) -> io::Result<()> {
        if !self.has_begun && !self.early.is_empty() {
            self.has_begun = true;
            self.world.clock.forward_to(SystemClock.now());
        }
        for (place, record) in std::mem::take(&mut self.early) {
            self.deal(&place, record)?;
        }
        Ok(())
    }

    /// Deals with one record, now.
    fn deal(&mut self, place: &str, record: Record) -> io::Result<()> {
        let dealt = ready(self.monitor.deal(record, &mut self.round(), &mut Outcome::default()));
        let verdict = &dealt.alert.verdict;
        self.report.event(&Happening {
            at: (&self.world.clock).now(),
            cause: verdict.cause,
            severity: verdict.severity,
            fingerprint: &verdict.fingerprint,
            fate: match &dealt.fate {
                monitor::Fate::Quiet => Fate::Quiet,
                monitor::Fate::Told(_) => Fate::Told,
                monitor::Fate::Suppressed(why) => Fate::Suppressed(why.word()),
                monitor::Fate::Failed(_) => Fate::Failed,
            },
        });
        self.tell(place)
    }

    /// Ticks whenever something is due before a time.
    fn tick_until(&mut self, until: Timestamp) -> io::Result<()> {
        let clock = &self.world.clock;
        while let Some(due) = self.world.table.next_due().filter(|due| *due < until) {
            clock.forward_to(due);
            for tick in intake::read(TICK).records {
                ready(self.monitor.deal(tick, &mut self.round(), &mut Outcome::default()));
            }
            self.tell("")?;
            if self.world.table.next_due().is_some_and(|next| next <= due) {
                clock.forward_to(clock.now().plus(MINUTE));
            }
        }
        Ok(())
    }

    /// An invocation that begins now.
    fn round(&self) -> Round {
        Round::until((&self.world.clock).now().plus(MINUTE))
    }

    /// Prints and notes what subscribers got.
    fn tell(&mut self, place: &str) -> io::Result<()> {
        for (topics, message) in self.world.inbox.take() {
            let sent = sent(&message, topics, (&self.world.clock).now(), place);
            self.screen.message(&sent)?;
            self.report.message(sent);
        }
        Ok(())
    }
}
