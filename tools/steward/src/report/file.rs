//! The file a report is written to: a temporary one beside it until all of it is written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::Report;

/// A file that is being prepared; without [`ReportFile::finish`] nothing of it stays.
#[derive(Debug)]
pub struct ReportFile {
    /// What it is to be called.
    path: PathBuf,
    /// What it is called until then.
    temporary: PathBuf,
    /// The file.
    file: Option<File>,
}

impl ReportFile {
    /// Makes sure that the file can be written, before there is anything to write.
    ///
    /// # Errors
    /// Where it cannot.
    pub fn prepare(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(hidden);
        let file = File::create_new(&temporary)?;
        Ok(Self { path: path.to_owned(), temporary, file: Some(file) })
    }

    /// Writes the report and gives the file its name.
    ///
    /// # Errors
    /// Where that fails; the file that was there before is then untouched.
    pub fn finish(mut self, report: &Report) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let mut out = BufWriter::new(file);
        report.write_html(&mut out)?;
        out.flush()?;
        drop(out);
        fs::rename(&self.temporary, &self.path)
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // After the rename there is none; elsewhere nobody could do anything about it.
        fs::remove_file(&self.temporary).unwrap_or_default();
    }
}
