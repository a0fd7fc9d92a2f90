//! `steward judge`: one verdict for each event, in the order of the input.

use std::io::{self, Write};

use shared::event::{Detail, Event, Timestamp};
use shared::handler::seen::{self, Seen};
use shared::judge::host::{self, Happening, KnownHosts};
use shared::judge::{self, Cause, Context, Verdict, service};
use shared::policy::Policy;

use crate::args::{FailOn, Format, JudgeArgs};
use crate::input::walk::{self, Input};
use crate::row::{self, Row};
use crate::terminal::{Status, ended, output_beside};

/// Runs the verb.
pub fn run(args: &JudgeArgs) -> Status {
    match walk::prepared(args.policy.as_deref(), &args.paths) {
        Ok(input) => ended(judge_all(args, &input)),
        Err(status) => status,
    }
}

/// Judges every source in turn.
fn judge_all(args: &JudgeArgs, input: &Input) -> io::Result<Status> {
    let mut out = output_beside(&input.progress);
    let mut found = Status::Done;
    if args.format == Format::Table {
        row::write_head(&mut out)?;
    }
    let read = walk::each_source(input, |source| {
        // A file is one stream of events: what comes twice in it is a duplicate. Files are judged apart.
        let mut seen = Seen::default();
        walk::each_record(input, source, |place, record| {
            let Ok(event) = &record.content else { return Ok(()) };
            let verdict = judge_event(event, &input.policy, &mut seen);
            if verdict.is_alert() && args.fail_on == Some(FailOn::Alert) {
                found = Status::Found;
            }
            let row = Row::new(place, event, &verdict);
            match args.format {
                Format::Table => row.write_columns(&mut out)?,
                Format::Json => row.write_json(&mut out)?,
            }
            Ok(())
        })
    })?;
    out.flush()?;
    Ok(read.max(found))
}

/// When an event happened. One that does not say is far in the future, where no mute window is open.
pub fn time_of(event: &Event) -> Timestamp {
    event.at().unwrap_or(Timestamp::from_millis(i64::MAX / 2))
}

/// Judges one event, as the functions do it.
fn judge_event(event: &Event, policy: &Policy, seen: &mut Seen) -> Verdict {
    match &event.detail {
        Detail::Task(task) => {
            let last_version = task.task_arn.as_deref().and_then(|arn| seen.last_version(arn));
            let known_ends = seen.known_ends(task);
            let context =
                Context { now: time_of(event), last_version, background: None, known_ends: &known_ends };
            let verdict = judge::judge(task, policy, &context);
            if let Some((arn, version)) = seen::done(task, &verdict) {
                seen.remember(arn, version);
            }
            if let Some(key) = seen::end_of(task, &verdict) {
                seen.remember_occurrence(&key);
            }
            verdict
        }
        Detail::Service(service) => {
            let key = service.key(event.envelope.id.as_deref());
            let was_seen = key.as_deref().is_some_and(|key| seen.was_seen(key));
            if let Some(key) = key {
                seen.remember_occurrence(&key);
            }
            judge::service::judge(service, policy, service::Context { now: time_of(event), was_seen })
        }
        Detail::SpotWarning(_)
        | Detail::ContainerInstance(_)
        | Detail::InstanceHealth(_)
        | Detail::InstanceState(_)
        | Detail::Rebalance(_)
        | Detail::HealthNotice(_) => judge_host(event, policy, seen),
        Detail::Lifecycle(_) | Detail::TestNotification | Detail::Tick | Detail::Other { .. } => {
            judge::unknown_event(event)
        }
    }
}

/// Judges an event about a host. Nobody is asked what AWS knows beyond it.
fn judge_host(event: &Event, policy: &Policy, seen: &mut Seen) -> Verdict {
    let Some(happening) = Happening::of(&event.detail) else { return judge::unknown_event(event) };
    let key = host::key_of(happening, event);
    let version = host::version_of(happening);
    let context = host::Context {
        now: time_of(event),
        age_millis: None,
        last_version: version.and_then(|(arn, _)| seen.last_version(arn)),
        was_seen: key.as_deref().is_some_and(|key| seen.was_seen(key)),
        can_wait: true,
        known: &KnownHosts::new(),
    };
    let verdict = host::judge(happening, policy, context);
    if let Some((arn, version)) = version {
        seen.remember(arn, version);
    }
    if let Some(key) = key.filter(|_| version.is_none() || verdict.cause == Cause::HostImpaired) {
        seen.remember_occurrence(&key);
    }
    verdict
}
