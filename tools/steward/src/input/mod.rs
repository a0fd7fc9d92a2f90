//! Where the command line's events come from: files, folders, standard input.

pub mod split;
pub mod walk;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use split::{Piece, Pieces};

/// Endings of the files a folder is searched for.
const ENDINGS: [&str; 3] = ["json", "jsonl", "ndjson"];

/// One input, not opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input, written `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// Its name in output and errors.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn pieces(&self) -> io::Result<Pieces<Box<dyn BufRead>>> {
        let reader: Box<dyn BufRead> = match self {
            Self::Stdin => Box::new(BufReader::new(io::stdin())),
            Self::File(path) => Box::new(BufReader::with_capacity(256 * 1024, File::open(path)?)),
        };
        Ok(Pieces::new(reader))
    }
}

/// The inputs behind the given paths, folders in depth and in the order of their names.
///
/// # Errors
/// One line for each path that is not there, cannot be read, or is a folder without events.
pub fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, Vec<String>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Source::Stdin);
            continue;
        }
        let before = found.len();
        match collect(path, true, &mut found) {
            Ok(()) if found.len() == before => {
                problems.push(format!("{}: holds no .json, .jsonl or .ndjson file", path.display()));
            }
            Ok(()) => {}
            Err((place, error)) => problems.push(format!("{}: {error}", place.display())),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// Adds a file, or what a folder holds. A file that was named is taken whatever its ending.
fn collect(path: &Path, named: bool, found: &mut Vec<Source>) -> Result<(), (PathBuf, io::Error)> {
    let at = |error| (path.to_owned(), error);
    let kind = fs::metadata(path).map_err(at)?;
    if !kind.is_dir() {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if named || ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            found.push(Source::File(path.to_owned()));
        }
        return Ok(());
    }
    let entries: Result<Vec<_>, _> = fs::read_dir(path).map_err(at)?.collect();
    let mut paths: Vec<_> = entries.map_err(at)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for inner in paths {
        // A link back up would never end.
        if inner.is_symlink() && inner.is_dir() {
            continue;
        }
        collect(&inner, false, found)?;
    }
    Ok(())
}

/// The place of a piece: the source, with the line where it is not the first.
#[must_use]
pub fn place(source: &str, piece: &Piece) -> String {
    if piece.line > 1 { format!("{source}:{}", piece.line) } else { source.to_owned() }
}
