//! Going through inputs record by record, the same for every verb: what cannot be read is told with its
//! place, and the rest goes on.

use std::io;
use std::path::{Path, PathBuf};

use shared::intake::{self, Record};
use shared::policy::Policy;

use super::progress::Progress;
use super::{Source, place, sources};
use crate::policy;
use crate::terminal::{Status, complain};

/// Which side of a verb failed.
#[derive(Debug)]
pub enum Failure {
    /// The input could not be read on.
    Input(io::Error),
    /// The output could not be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    /// Errors inside a verb's own code are those of its output.
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// What a verb works on.
#[derive(Debug)]
pub struct Input {
    /// The policy it judges under.
    pub policy: Policy,
    /// The sources that are there.
    sources: Vec<Source>,
    /// Whether all that were named are.
    complete: bool,
    /// How far they are read.
    pub progress: Progress,
}

/// The policy and the inputs of a verb. A path that is not there is told, and the others are still used.
///
/// # Errors
/// [`Status::BadInput`] where the policy cannot be used: judging under another one would be wrong.
pub fn prepared(policy: Option<&Path>, paths: &[PathBuf]) -> Result<Input, Status> {
    let policy = policy::read(policy)?;
    let (sources, problems) = sources(paths);
    for problem in &problems {
        complain(problem);
    }
    let progress = Progress::new(sources.iter().map(Source::length).sum());
    Ok(Input { policy, sources, complete: problems.is_empty(), progress })
}

/// Calls `with` for each source; whether everything in it could be read is what it answers. A source that
/// cannot be read does not stop the others.
///
/// # Errors
/// Where output fails.
pub fn each_source(
    input: &Input,
    mut with: impl FnMut(&Source) -> Result<bool, Failure>,
) -> io::Result<Status> {
    let mut status = if input.complete { Status::Done } else { Status::BadInput };
    for source in &input.sources {
        match with(source) {
            Ok(true) => {}
            Ok(false) => status = Status::BadInput,
            Err(Failure::Input(error)) => {
                input.progress.aside(|| complain(&format!("{}: {error}", source.name())));
                status = Status::BadInput;
            }
            Err(Failure::Output(error)) => return Err(error),
        }
    }
    input.progress.end();
    Ok(status)
}

/// Calls `with` for each record of a source, the unreadable ones too; whether all were readable.
///
/// # Errors
/// [`Failure`] where the source cannot be read, or `with` cannot write.
pub fn each_record(
    input: &Input,
    source: &Source,
    mut with: impl FnMut(&str, Record) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut all_read = true;
    let mut found = 0_u64;
    let name = source.name();
    for piece in source.pieces().map_err(Failure::Input)? {
        let piece = piece.map_err(Failure::Input)?;
        let place = place(&name, &piece);
        let bytes = match piece.content {
            Ok(bytes) => bytes,
            Err(problem) => {
                input.progress.aside(|| complain(&format!("{place}: {problem}; skipped")));
                all_read = false;
                found += 1;
                continue;
            }
        };
        let records = intake::read(&bytes).records;
        input.progress.advance(bytes.len() + 1, records.len());
        let several = records.len() > 1;
        for (index, record) in records.into_iter().enumerate() {
            found += 1;
            let place = if several { format!("{place}[{index}]") } else { place.clone() };
            if let Err(unreadable) = &record.content {
                input.progress.aside(|| complain(&format!("{place}: {unreadable}; skipped")));
                all_read = false;
            }
            with(&place, record)?;
        }
    }
    if found == 0 {
        complain(&format!(
            "{name}: holds no event; give an event, a list, JSON lines, or what describe-tasks prints"
        ));
    }
    Ok(all_read && found > 0)
}
