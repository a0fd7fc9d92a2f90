//! `steward judge`: one verdict for each event, in the order of the input.

use std::io::{self, Write};

use shared::event::{Detail, Event, Timestamp};
use shared::handler::seen::Seen;
use shared::judge::{self, Cause, Context, Verdict};
use shared::policy::Policy;

use crate::args::{FailOn, Format, JudgeArgs};
use crate::input::{Source, walk};
use crate::row::{self, Row};
use crate::terminal::{Status, ended, output};

/// Runs the verb.
pub fn run(args: &JudgeArgs) -> Status {
    match walk::prepared(args.policy.as_deref(), &args.paths) {
        Ok((policy, sources)) => ended(judge_all(args, &policy, &sources)),
        Err(status) => status,
    }
}

/// Judges every source in turn.
fn judge_all(args: &JudgeArgs, policy: &Policy, sources: &[Source]) -> io::Result<Status> {
    let mut out = output();
    let mut found = Status::Done;
    if args.format == Format::Table {
        row::write_head(&mut out)?;
    }
    let read = walk::each_source(sources, |source| {
        // A file is one stream of events: what comes twice in it is a duplicate. Files are judged apart.
        let mut seen = Seen::default();
        walk::each_record(source, |place, record| {
            let Ok(event) = &record.content else { return Ok(()) };
            let verdict = judge_event(event, policy, &mut seen);
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

/// When an event happened: what mute windows are held against. An event without any time is in no window.
pub fn time_of(event: &Event) -> Timestamp {
    let own = match &event.detail {
        Detail::Task(task) => event.envelope.at().or_else(|| task.stopped()),
        Detail::Other { .. } => event.envelope.at(),
    };
    own.unwrap_or(Timestamp::from_millis(i64::MAX))
}

/// Judges one event, as the functions do it.
pub fn judge_event(event: &Event, policy: &Policy, seen: &mut Seen) -> Verdict {
    let Detail::Task(task) = &event.detail else { return judge::unknown_event(event) };
    let arn = task.task_arn.as_deref();
    let context = Context { now: time_of(event), last_version: arn.and_then(|arn| seen.last_version(arn)) };
    let verdict = judge::judge(task, policy, &context);
    if let (Some(arn), Some(version), true) = (arn, task.version, verdict.cause != Cause::NotStopped) {
        seen.remember(arn, version);
    }
    verdict
}
