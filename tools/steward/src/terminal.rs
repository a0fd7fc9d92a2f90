//! Writing to the terminal: colours only there, a closed pipe is no error, errors on stderr.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use shared::judge::Severity;

use crate::input::progress::{Aside, Progress};

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Everything was done.
    Done,
    /// What `--fail-on` or `--check` asks about was found.
    Found,
    /// Not everything that was asked for is done.
    NotDone,
    /// Something of the input could not be used.
    BadInput,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Found | Status::NotDone => 1,
            Status::BadInput => 2,
        })
    }
}

/// Standard output, buffered, with colours only on a terminal.
pub fn output() -> impl Write {
    io::BufWriter::new(anstream::AutoStream::auto(io::stdout()))
}

/// The same beside a progress bar.
pub fn output_beside(progress: &Progress) -> impl Write {
    Aside::new(anstream::AutoStream::auto(io::stdout()), progress)
}

/// Whether standard output is a terminal on which lines can be rewritten in place.
pub fn can_rewrite() -> bool {
    let out = io::stdout();
    out.is_terminal() && anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never
}

/// One line on standard error: what, where, what to do.
pub fn complain(line: &str) {
    // Where even stderr is closed there is nobody to tell.
    writeln!(anstream::stderr(), "steward: {line}").unwrap_or_default();
}

/// One line on standard error that is no error.
pub fn remark(line: &str) {
    writeln!(anstream::stderr(), "{line}").unwrap_or_default();
}

/// Ends a verb after output failed: quietly where the reader of a pipe has gone, as `head` does.
pub fn ended(result: io::Result<Status>) -> Status {
    match result {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Done,
        Err(error) => {
            complain(&format!("output: {error}"));
            Status::BadInput
        }
    }
}

/// The colour of a severity.
#[must_use]
pub const fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Info => return Style::new().dimmed(),
    };
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}
