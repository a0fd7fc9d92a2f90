//! `steward replay`: the handler of `task-monitor` over ports in memory, on a clock the events set.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use shared::alert::{HttpsBody, Message};
use shared::event::Timestamp;
use shared::handler::{HandlerError, task_monitor::TaskMonitor};
use shared::judge::Cause;
use shared::metrics::{Count, Tally};
use shared::ports::{Clock, MetricSink, PublishError, Publisher};

use crate::args::ReplayArgs;
use crate::input::walk::{self, Input};
use crate::judge::time_of;
use crate::terminal::{Status, ended, output};

/// Where no event of any time runs out of time to be published.
const END_OF_TIME: Timestamp = Timestamp::from_millis(i64::MAX);

/// Subscribers in memory: what they got since they were last asked, with the topic a route names.
#[derive(Default)]
struct Inbox(Mutex<Vec<(Option<String>, Message)>>);

impl Publisher for &Inbox {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
        locked(&self.0).push((topic.map(str::to_owned), message.clone()));
        Ok(())
    }
}

/// Counts of the whole replay.
#[derive(Default)]
struct Totals(Mutex<BTreeMap<Cause, Count>>);

impl MetricSink for &Totals {
    async fn emit(&self, tally: &Tally, _now: Timestamp, _within: Duration) {
        let mut totals = locked(&self.0);
        for (key, count) in &tally.counts {
            let total = totals.entry(key.cause).or_default();
            total.verdicts += count.verdicts;
            total.alerts += count.alerts;
        }
    }
}

/// The time of the event that is being replayed.
#[derive(Default)]
struct EventClock(AtomicI64);

impl Clock for &EventClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Runs the verb.
pub fn run(args: &ReplayArgs) -> Status {
    match walk::prepared(args.policy.as_deref(), &args.paths) {
        Ok(input) => ended(replay_all(args, &input)),
        Err(status) => status,
    }
}

/// Sends every record through the handler, one by one and each at its own time.
fn replay_all(args: &ReplayArgs, input: &Input) -> io::Result<Status> {
    let (inbox, totals, clock) = (Inbox::default(), Totals::default(), EventClock::default());
    let monitor = TaskMonitor::new(input.policy.clone(), &inbox, &totals, &clock, HttpsBody::Json);
    let mut screen = Screen { out: output(), full: args.full.unwrap_or(usize::MAX), alerts: 0 };
    let status = walk::each_source(input, |source| {
        walk::each_record(source, |place, record| {
            if let Ok(event) = &record.content {
                clock.0.store(time_of(event).as_millis(), Ordering::Relaxed);
            }
            // An unreadable record fails in the answer too; it was told where it was read.
            if let Err(error @ HandlerError::Publish(_)) = ready(monitor.deal_with(vec![record], END_OF_TIME))
            {
                return Err(io::Error::other(format!("{place}: {error}")).into());
            }
            let messages = std::mem::take(&mut *locked(&inbox.0));
            for (topic, message) in &messages {
                screen.alert(place, topic.as_deref(), message)?;
            }
            Ok(())
        })
    })?;
    screen.summary(&locked(&totals.0))?;
    Ok(status)
}

/// A lock nobody else holds: the replay runs on one thread.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a future whose ports never wait.
fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// What is printed, and how much of it.
struct Screen<W> {
    /// Where to.
    out: W,
    /// How many alerts in full.
    full: usize,
    /// How many alerts so far.
    alerts: usize,
}

impl<W: Write> Screen<W> {
    /// Prints an alert as an e-mail subscriber gets it, or as one line.
    fn alert(&mut self, place: &str, topic: Option<&str>, message: &Message) -> io::Result<()> {
        self.alerts += 1;
        let bodies: serde_json::Value = serde_json::from_str(&message.body).unwrap_or_default();
        if self.alerts > self.full {
            let line = bodies["sms"].as_str().unwrap_or(&message.body);
            return writeln!(self.out, "{line}");
        }
        let rule = "─".repeat(100);
        let text = bodies["email"].as_str().unwrap_or(&message.body);
        let number = self.alerts;
        writeln!(self.out, "{rule}\nalert {number} from {place}")?;
        if let Some(topic) = topic {
            writeln!(self.out, "Topic: {topic}")?;
        }
        writeln!(self.out, "Subject: {}\n\n{text}{rule}", message.subject)
    }

    /// Prints the counts: what was told and what was suppressed, by cause.
    fn summary(&mut self, totals: &BTreeMap<Cause, Count>) -> io::Result<()> {
        let all: u32 = totals.values().map(|count| count.verdicts).sum();
        let alerts: u32 = totals.values().map(|count| count.alerts).sum();
        writeln!(
            self.out,
            "\n{:<24} {:>7} {:>7} {:>7}  WHY NOBODY WAS TOLD",
            "CAUSE", "EVENTS", "ALERTS", "QUIET"
        )?;
        for (cause, count) in totals {
            let quiet = count.verdicts - count.alerts;
            let why = if quiet > 0 { cause.meaning() } else { "" };
            let line = format!("{cause:<24} {:>7} {:>7} {quiet:>7}  {why}", count.verdicts, count.alerts);
            writeln!(self.out, "{}", line.trim_end())?;
        }
        let messages = self.alerts;
        writeln!(self.out, "{:<24} {all:>7} {alerts:>7} {:>7}", "all", all - alerts)?;
        writeln!(self.out, "\nevents: {all}, alerts sent: {messages}")?;
        self.out.flush()
    }
}
