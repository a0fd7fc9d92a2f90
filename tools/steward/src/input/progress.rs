//! How far a long input is read: a bar on standard error, where that is a terminal.

use std::cell::Cell;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::event::Timestamp;
use shared::ports::Clock as _;
use shared::runtime::SystemClock;

/// What is read sooner has no bar.
const LONG: Duration = Duration::from_secs(1);
/// How often the bar changes.
const REDRAW: Duration = Duration::from_millis(100);
/// Bytes that are written at once.
const AT_ONCE: usize = 8 * 1024;
/// Where the length of the input is known.
const BAR: &str = "{wide_bar} {bytes}/{total_bytes}, {msg}, {eta} left";
/// Where it is not.
const SPINNER: &str = "{spinner} {bytes}, {msg}, {bytes_per_sec}";

/// How far the inputs are read.
#[derive(Debug)]
pub struct Progress {
    /// The bar; hidden at first.
    bar: ProgressBar,
    /// When reading began.
    started: Timestamp,
    /// When the bar was changed.
    changed: Cell<Timestamp>,
    /// Whether it is shown.
    is_shown: Cell<bool>,
    /// Records so far.
    records: Cell<u64>,
    /// Bytes so far.
    bytes: Cell<u64>,
}

impl Progress {
    /// Begins; the length is known of files, and not of standard input.
    #[must_use]
    pub fn new(length: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let template = if length.is_some() { BAR } else { SPINNER };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = SystemClock.now();
        Self {
            bar,
            started: now,
            changed: Cell::new(now),
            is_shown: Cell::new(false),
            records: Cell::new(0),
            bytes: Cell::new(0),
        }
    }

    /// Goes on by a piece of this many bytes.
    pub fn advance(&self, bytes: usize, records: usize) {
        self.bytes.set(self.bytes.get() + bytes as u64);
        self.records.set(self.records.get() + records as u64);
        let now = SystemClock.now();
        if now.elapsed_since(self.changed.get()) < REDRAW {
            return;
        }
        self.changed.set(now);
        self.bar.set_position(self.bytes.get());
        if !self.is_shown.get() {
            if now.elapsed_since(self.started) < LONG {
                return;
            }
            self.is_shown.set(true);
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(format!("{} events", self.records.get()));
    }

    /// Does something that writes to the terminal, with the bar out of the way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.is_shown.get() { self.bar.suspend(write) } else { write() }
    }

    /// Ends: the bar goes.
    pub fn end(&self) {
        self.bar.finish_and_clear();
        self.is_shown.set(false);
    }
}

/// An output that keeps out of the bar's way: it writes whole lines, while the bar is gone.
pub struct Aside<'a, W: Write> {
    /// Where to.
    out: W,
    /// The bar.
    progress: &'a Progress,
    /// What is not written yet.
    buffer: Vec<u8>,
}

impl<'a, W: Write> Aside<'a, W> {
    /// Beside a bar.
    pub const fn new(out: W, progress: &'a Progress) -> Self {
        Self { out, progress, buffer: Vec::new() }
    }

    /// Writes the first bytes of the buffer.
    fn write_out(&mut self, count: usize) -> io::Result<()> {
        let bytes = self.buffer.get(..count).unwrap_or_default();
        self.progress.aside(|| self.out.write_all(bytes).and_then(|()| self.out.flush()))?;
        self.buffer.drain(..count);
        Ok(())
    }
}

impl<W: Write> Write for Aside<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= AT_ONCE
            && let Some(last) = self.buffer.iter().rposition(|byte| *byte == b'\n')
        {
            self.write_out(last + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_out(self.buffer.len())
    }
}

impl<W: Write> Drop for Aside<'_, W> {
    fn drop(&mut self) {
        // As `BufWriter`: who wants the error flushes.
        self.flush().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Aside, Progress, Write as _};

    #[test]
    fn what_is_written_comes_out_in_whole_lines_and_complete() {
        let progress = Progress::new(Some(1));
        let mut got = Vec::new();
        let mut out = Aside::new(&mut got, &progress);
        let lines: Vec<_> = (0..5_000).map(|number| format!("line {number}\n")).collect();
        let want = lines.concat();
        for line in &lines {
            out.write_all(line.as_bytes()).expect("memory");
        }
        out.write_all(b"no end").expect("memory");
        drop(out);
        assert_eq!(String::from_utf8(got).expect("UTF-8"), want + "no end");
    }
}
