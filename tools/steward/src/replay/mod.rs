//! `steward replay`: the handler of `task-monitor` and `service-monitor` over ports in memory, on a clock the events set.

mod run;
mod screen;
mod sent;
mod world;

use std::io;

use crate::args::ReplayArgs;
use crate::input::walk::{self, Input};
use crate::report::{Report, ReportFile};
use crate::terminal::{Status, complain, ended, output_beside};
use run::{Replay, World};
use screen::Screen;

/// Runs the verb.
pub fn run(args: &ReplayArgs) -> Status {
    let input = match walk::prepared(args.policy.as_deref(), &args.paths) {
        Ok(input) => input,
        Err(status) => return status,
    };
    let file = match args.html.as_deref().map(ReportFile::prepare).transpose() {
        Ok(file) => file,
        Err(error) => {
            complain(&format!("--html {}: {error}", args.html.as_deref().unwrap_or("-".as_ref()).display()));
            return Status::BadInput;
        }
    };
    ended(replay_all(args, &input, file))
}

/// Sends every record through the handler, one by one and each at its own time, and writes the report.
fn replay_all(args: &ReplayArgs, input: &Input, file: Option<ReportFile>) -> io::Result<Status> {
    let world = World::default();
    let screen = Screen::new(output_beside(&input.progress), args.full.unwrap_or(usize::MAX));
    let inputs = args.paths.iter().map(|path| path.display().to_string()).collect();
    let mut replay = Replay::new(&world, input.policy.clone(), screen, Report::new(inputs));
    let status = walk::each_source(input, |source| {
        walk::each_record(input, source, |place, record| Ok(replay.record(place, record)?))
    })?;
    replay.end()?;
    if let (Some(file), Some(path)) = (file, &args.html)
        && let Err(error) = file.finish(&replay.report)
    {
        complain(&format!("--html {}: {error}", path.display()));
        return Ok(Status::BadInput);
    }
    Ok(status)
}
