//! `steward explain`: one event in prose, rule by rule.

use std::io::{self, Write};

use shared::alert::limits::{FACT_CHARS, one_line};
use shared::event::{Detail, Event, Timestamp};
use shared::judge::explain::explain;
use shared::judge::host::{self, Happening, KnownHosts};
use shared::judge::{self, Context, service};
use shared::policy::Policy;

use crate::args::ExplainArgs;
use crate::input::walk::{self, Input};
use crate::judge::time_of;
use crate::terminal::{Status, ended, output, style};

/// Runs the verb.
pub fn run(args: &ExplainArgs) -> Status {
    match walk::prepared(args.policy.as_deref(), std::slice::from_ref(&args.event)) {
        Ok(input) => ended(explain_all(&input)),
        Err(status) => status,
    }
}

/// Explains every event of the input.
fn explain_all(input: &Input) -> io::Result<Status> {
    let mut out = output();
    let status = walk::each_source(input, |source| {
        walk::each_record(input, source, |place, record| {
            if let Ok(event) = &record.content {
                in_prose(&mut out, place, event, &input.policy)?;
            }
            Ok(())
        })
    })?;
    out.flush()?;
    Ok(status)
}

/// Writes one event's judgement.
fn in_prose(out: &mut impl Write, place: &str, event: &Event, policy: &Policy) -> io::Result<()> {
    writeln!(out, "{place}: {}", one_line(event.kind(), FACT_CHARS))?;
    let now = time_of(event);
    let (answers, verdict) = match &event.detail {
        Detail::Task(task) => {
            explain(task, policy, &Context { now, last_version: None, background: None, known_ends: &[] })
        }
        Detail::Service(event) => service::explain(event, policy, service::Context { now, was_seen: false }),
        Detail::SpotWarning(_)
        | Detail::ContainerInstance(_)
        | Detail::InstanceHealth(_)
        | Detail::InstanceState(_)
        | Detail::Rebalance(_)
        | Detail::HealthNotice(_)
        | Detail::Lifecycle(_)
        | Detail::TestNotification
        | Detail::Tick
        | Detail::Other { .. } => match Happening::of(&event.detail) {
            Some(happening) => host::explain(happening, policy, as_it_says(now, &KnownHosts::new())),
            None => {
                return writeln!(out, "  {}\n", one_line(&judge::unknown_event(event).summary, FACT_CHARS));
            }
        },
    };
    for (number, answer) in answers.iter().enumerate() {
        let found = answer.found.as_ref().map_or_else(
            || "no".to_owned(),
            |finding| format!("yes: {} ({})", finding.cause, finding.severity),
        );
        writeln!(out, "  {:>2}. {:<15} {} {found}", number + 1, answer.rule, answer.question)?;
    }
    let style = style(verdict.severity);
    writeln!(
        out,
        "\n  Verdict: {style}{} / {} / {}{style:#}",
        verdict.verdict, verdict.severity, verdict.cause
    )?;
    writeln!(
        out,
        "  {}\n  {}\n\n  Because",
        one_line(&verdict.summary, FACT_CHARS),
        verdict.cause.meaning()
    )?;
    for fact in &verdict.evidence {
        writeln!(out, "    - {}", one_line(fact, FACT_CHARS))?;
    }
    writeln!(
        out,
        "\n  Look first: {}\n  Incident:   {}\n",
        verdict.next_step,
        one_line(&verdict.fingerprint, FACT_CHARS)
    )
}

/// An event about a host by itself: nothing was judged before, and nobody is asked.
const fn as_it_says(now: Timestamp, known: &KnownHosts) -> host::Context<'_> {
    host::Context { now, age_millis: None, last_version: None, was_seen: false, can_wait: true, known }
}
