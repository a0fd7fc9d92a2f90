//! Where the command line's events come from: files, folders, standard input.

pub mod progress;
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

    /// Its length in bytes, where that is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len()),
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

/// The inputs behind the given paths, folders in depth and in the order of their names; and one line for each
/// path that is not there, cannot be read, or is a folder without events.
#[must_use]
pub fn sources(paths: &[PathBuf]) -> (Vec<Source>, Vec<String>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Source::Stdin);
            continue;
        }
        let (before, failed) = (found.len(), problems.len());
        collect(path, true, &mut found, &mut problems);
        if found.len() == before && problems.len() == failed {
            problems.push(format!("{}: holds no .json, .jsonl or .ndjson file", path.display()));
        }
    }
    (found, problems)
}

/// Adds a file, or what a folder holds. A file that was named is taken whatever its ending and kind; in a
/// folder only regular files are.
fn collect(path: &Path, named: bool, found: &mut Vec<Source>, problems: &mut Vec<String>) {
    let mut wrong = |error: io::Error| problems.push(format!("{}: {error}", path.display()));
    let kind = match fs::metadata(path) {
        Ok(kind) => kind,
        Err(error) => return wrong(error),
    };
    if !kind.is_dir() {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if named || (kind.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending))) {
            found.push(Source::File(path.to_owned()));
        }
        return;
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(path).and_then(Iterator::collect);
    let mut paths: Vec<_> = match entries {
        Ok(entries) => entries.into_iter().map(|entry| entry.path()).collect(),
        Err(error) => return wrong(error),
    };
    paths.sort();
    for inner in paths {
        // A link back up would never end.
        if !(inner.is_symlink() && inner.is_dir()) {
            collect(&inner, false, found, problems);
        }
    }
}

/// The place of a piece: the source, with the line where it is not the first.
#[must_use]
pub fn place(source: &str, piece: &Piece) -> String {
    if piece.line > 1 { format!("{source}:{}", piece.line) } else { source.to_owned() }
}
