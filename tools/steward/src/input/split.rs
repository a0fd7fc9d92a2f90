//! Cuts a byte stream into JSON values, in constant memory: one event, events one after the other (JSON
//! lines or pretty-printed), or the elements of a list.
//!
//! A broken value costs itself only: the cut goes on at the next line that can begin a value.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

/// Longest value that is read, in bytes: an SQS batch is at most 6 MiB.
pub const MAX_VALUE_BYTES: usize = 32 * 1024 * 1024;

/// One value, or a stretch that is none.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// Its bytes; what is wrong where they are no value.
    pub content: Result<Vec<u8>, &'static str>,
}

/// The pieces of a stream.
pub struct Pieces<R> {
    /// Where the bytes come from.
    reader: R,
    /// The number of the line read last.
    line: u64,
    /// Lines to be cut before the next one is read.
    again: VecDeque<(u64, Vec<u8>)>,
    /// Pieces that are cut.
    ready: VecDeque<Piece>,
    /// The value that is open.
    open: Open,
    /// Inside a list whose elements are the values.
    in_list: bool,
    /// How many bytes may still be cut again: what is broken all over is not read over and over.
    budget: usize,
}

/// How often the input may be cut again, on the whole.
const AGAIN: usize = 4;

/// A value whose end has not been seen.
#[derive(Default)]
struct Open {
    /// Its bytes so far.
    bytes: Vec<u8>,
    /// The line it began on.
    line: u64,
    /// Later lines of it that begin with a brace: where each stands in `bytes`, and its number.
    restarts: Vec<(usize, u64)>,
    /// Brackets and braces that are open.
    depth: usize,
    /// Inside a string.
    in_string: bool,
    /// Behind a backslash.
    escaped: bool,
}

impl<R: BufRead> Pieces<R> {
    /// Begins at the start of a stream.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            again: VecDeque::new(),
            ready: VecDeque::new(),
            open: Open::default(),
            in_list: false,
            budget: 0,
        }
    }

    /// The next line with its number.
    fn next_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_VALUE_BYTES + 1).unwrap_or(u64::MAX);
        if self.reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        self.budget = self.budget.saturating_add(AGAIN * bytes.len());
        Ok(Some((self.line, bytes)))
    }

    /// Cuts one line.
    fn cut(&mut self, line: u64, bytes: Vec<u8>) {
        if self.open.cannot_go_on_with(&bytes) {
            self.again.push_front((line, bytes));
            return self.give_up("is cut off");
        }
        if !self.open.bytes.is_empty() && bytes.first() == Some(&b'{') {
            self.open.restarts.push((self.open.bytes.len(), line));
        }
        let (mut from, mut next) = (0, 0);
        loop {
            let at = next + self.open.indifferent(bytes.get(next..).unwrap_or_default());
            let Some(&byte) = bytes.get(at) else { break };
            next = at + 1;
            let nothing_open =
                self.open.depth == 0 && !self.open.in_string && at == from && self.open.bytes.is_empty();
            if nothing_open && self.is_between(byte) {
                from = at + 1;
                continue;
            }
            if nothing_open {
                self.open.line = line;
            }
            // A bare value ends with its line, or with the element of its list.
            let bare = self.open.depth == 0 && !self.open.in_string && !nothing_open;
            if bare && (byte == b'\n' || (self.in_list && matches!(byte, b',' | b']'))) {
                self.close(&bytes[from..at]);
                self.in_list &= byte != b']';
                from = at + 1;
            } else if self.open.step(byte) {
                self.close(&bytes[from..=at]);
                from = at + 1;
            }
        }
        self.open.bytes.extend_from_slice(&bytes[from..]);
        if self.open.in_string && bytes.ends_with(b"\n") {
            self.give_up("is cut off inside a string");
        } else if self.open.bytes.len() > MAX_VALUE_BYTES {
            self.give_up("is longer than 32 MiB");
        }
    }

    /// Whether a byte stands between values; the brackets of the outer list do.
    fn is_between(&mut self, byte: u8) -> bool {
        match byte {
            b'[' if !self.in_list => self.in_list = true,
            b']' if self.in_list => self.in_list = false,
            b',' => return self.in_list,
            // RS begins each text of a JSON text sequence (RFC 7464).
            0x1e => {}
            _ => return byte.is_ascii_whitespace(),
        }
        true
    }

    /// Closes the open value with its last bytes.
    fn close(&mut self, last: &[u8]) {
        let mut open = std::mem::take(&mut self.open);
        open.bytes.extend_from_slice(last);
        self.ready.push_back(Piece { line: open.line, content: Ok(open.bytes) });
    }

    /// Refuses the open value, and cuts again from the next of its lines that may begin one.
    fn give_up(&mut self, problem: &'static str) {
        let open = std::mem::take(&mut self.open);
        self.ready.push_back(Piece { line: open.line, content: Err(problem) });
        let restart = open.restarts.first().filter(|(offset, _)| open.bytes.len() - offset <= self.budget);
        if let Some((offset, line)) = restart {
            self.budget -= open.bytes.len() - offset;
            let lines = open.bytes[*offset..].split_inclusive(|byte| *byte == b'\n');
            for (number, bytes) in (*line..).zip(lines).collect::<Vec<_>>().into_iter().rev() {
                self.again.push_front((number, bytes.to_vec()));
            }
        }
    }

    /// What the end of the stream leaves open.
    fn end(&mut self) {
        if self.open.depth > 0 || self.open.in_string {
            self.give_up("ends in the middle of a value");
        } else if !self.open.bytes.is_empty() {
            self.close(b"");
        } else if self.in_list {
            self.in_list = false;
            self.ready.push_back(Piece { line: self.line, content: Err("ends in the middle of a list") });
        }
    }
}

impl Open {
    /// Whether a line can only be the start of another value: it begins with a brace where the open value
    /// cannot go on with one.
    fn cannot_go_on_with(&self, line: &[u8]) -> bool {
        let last = self.bytes.iter().rfind(|byte| !byte.is_ascii_whitespace());
        self.depth > 0 && line.first() == Some(&b'{') && !matches!(last, Some(b':' | b',' | b'['))
    }

    /// How many of these bytes, the next ones, neither open nor close nor escape anything. Most bytes of an
    /// event are such, and to look at each was half the time of a replay.
    fn indifferent(&self, bytes: &[u8]) -> usize {
        let until = if self.in_string {
            if self.escaped { Some(0) } else { memchr::memchr2(b'"', b'\\', bytes) }
        } else if self.depth == 0 {
            Some(0)
        } else {
            bytes.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        };
        until.unwrap_or(bytes.len())
    }

    /// Goes one byte on; whether it closes an object or list.
    fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                let closes = self.depth == 1;
                self.depth = self.depth.saturating_sub(1);
                return closes;
            }
            _ => {}
        }
        false
    }
}

impl<R: BufRead> Iterator for Pieces<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            match self.next_line() {
                Err(error) => return Some(Err(error)),
                Ok(Some((line, bytes))) => self.cut(line, bytes),
                Ok(None) => {
                    self.end();
                    if self.ready.is_empty() {
                        return None;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
