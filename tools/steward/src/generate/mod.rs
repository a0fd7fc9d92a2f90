//! `steward generate`: task state changes of a made-up fleet, as JSON lines.

mod end;
mod field;
mod fleet;
mod line;
mod queue;
mod story;
mod stream;
mod task;
mod template;
mod written;

use std::io::{self, Write};

use crate::args::GenerateArgs;
use crate::terminal::{Status, complain, ended, output};
use line::Line;
use stream::Stream;
use written::Templates;

/// The longest span, so that no time leaves what dates can say: 20 years.
const LONGEST_MILLIS: i64 = 20 * 366 * 86_400_000;
/// How much is written at once, in bytes.
const AT_ONCE: usize = 64 * 1024;
/// Lines of `--broken` that are no events: cut in the middle, no JSON, JSON that is no event.
const BROKEN: [&str; 3] = [
    "{\"version\":\"0\",\"id\":\"06c1375c-5c44-067a-bca2-5f8b51cb8dfb\",\"detail-type\":\"ECS Task St\n",
    "connection reset by peer\n",
    "{\"Message\":\"Rate exceeded\"}\n",
];

/// Runs the verb.
pub fn run(args: &GenerateArgs) -> Status {
    match stream(args) {
        Ok(stream) => ended(write_all(args, stream)),
        Err(problem) => {
            complain(&format!("generate: {problem}"));
            Status::BadInput
        }
    }
}

/// The stream that the flags ask for; what is wrong with them.
fn stream(args: &GenerateArgs) -> Result<Stream, String> {
    let start = shared::event::Timestamp::parse(&args.start)
        .ok_or_else(|| format!("--start {}: is no time such as 2026-05-01T00:00:00Z", args.start))?;
    let span =
        humantime::parse_duration(&args.span).map_err(|error| format!("--span {}: {error}", args.span))?;
    let span = i64::try_from(span.as_millis())
        .ok()
        .filter(|span| (1..=LONGEST_MILLIS).contains(span))
        .ok_or_else(|| format!("--span {}: is not between a millisecond and 20 years", args.span))?;
    Ok(Stream::new(args.seed, args.events, start.as_millis(), span))
}

/// Writes every event, and the broken lines between them.
fn write_all(args: &GenerateArgs, mut stream: Stream) -> io::Result<Status> {
    let mut out = output();
    let templates = Templates::default();
    let mut line = Line::default();
    let apart = args.events / 4 + 1;
    let mut written = 0;
    while let Some((snapshot, workload)) = stream.next_event() {
        templates.write(&mut line, &snapshot, workload);
        written += 1;
        let broken = usize::try_from(written / apart).unwrap_or(usize::MAX);
        if args.broken && written % apart == 0 {
            line.text(BROKEN[(broken - 1) % BROKEN.len()]);
        }
        if line.0.len() > AT_ONCE {
            out.write_all(&line.0)?;
            line.0.clear();
        }
    }
    out.write_all(&line.0)?;
    out.flush()?;
    Ok(Status::Done)
}

#[cfg(test)]
mod tests;
