//! Going through inputs record by record, the same for every verb: what cannot be read is told with its
//! place, and the rest goes on.

use std::io;
use std::path::{Path, PathBuf};

use shared::intake::{self, Record};
use shared::policy::Policy;

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

/// The policy and the inputs of a verb.
///
/// # Errors
/// [`Status::BadInput`] after every problem was told.
pub fn prepared(policy: Option<&Path>, paths: &[PathBuf]) -> Result<(Policy, Vec<Source>), Status> {
    let policy = policy::read(policy)?;
    match sources(paths) {
        Ok(sources) => Ok((policy, sources)),
        Err(problems) => {
            for problem in &problems {
                complain(problem);
            }
            Err(Status::BadInput)
        }
    }
}

/// Calls `with` for each source; whether everything in it could be read is what it answers. A source that
/// cannot be read does not stop the others.
///
/// # Errors
/// Where output fails.
pub fn each_source(
    sources: &[Source],
    mut with: impl FnMut(&Source) -> Result<bool, Failure>,
) -> io::Result<Status> {
    let mut status = Status::Done;
    for source in sources {
        match with(source) {
            Ok(true) => {}
            Ok(false) => status = Status::BadInput,
            Err(Failure::Input(error)) => {
                complain(&format!("{}: {error}", source.name()));
                status = Status::BadInput;
            }
            Err(Failure::Output(error)) => return Err(error),
        }
    }
    Ok(status)
}

/// Calls `with` for each record of a source, the unreadable ones too; whether all were readable.
///
/// # Errors
/// [`Failure`] where the source cannot be read, or `with` cannot write.
pub fn each_record(
    source: &Source,
    mut with: impl FnMut(&str, Record) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut all_read = true;
    let name = source.name();
    for piece in source.pieces().map_err(Failure::Input)? {
        let piece = piece.map_err(Failure::Input)?;
        let place = place(&name, &piece);
        let bytes = match piece.content {
            Ok(bytes) => bytes,
            Err(problem) => {
                complain(&format!("{place}: {problem}; skipped"));
                all_read = false;
                continue;
            }
        };
        let records = intake::read(&bytes).records;
        let several = records.len() > 1;
        for (index, record) in records.into_iter().enumerate() {
            let place = if several { format!("{place}[{index}]") } else { place.clone() };
            if let Err(unreadable) = &record.content {
                complain(&format!("{place}: {unreadable}; skipped"));
                all_read = false;
            }
            with(&place, record)?;
        }
    }
    Ok(all_read)
}
