//! Takes secrets out of texts of others, before anybody reads, stores or sends them.
//!
//! Reasons of stops, log lines and unreadable records may quote a command line, an environment or a connection
//! string. What has the shape of a secret goes, and so does the value behind the name of one. Names stay: a
//! person has to see which secret it was.
//!
//! One pass, linear in the length of the text, and nothing is copied where nothing is found. A second pass over
//! the answer changes nothing. Lines that belong together, such as those of a private key, are given in one text.

mod connection;
mod names;
mod shapes;
mod values;

use std::borrow::Cow;

use names::Kind;

/// What stands for a secret.
pub const REDACTED: &str = "[redacted]";

/// How far behind a word such as `key`, or behind another secret, an AWS secret key is looked for, in bytes.
const NEAR: usize = 32;

/// The text with `[redacted]` in the place of each secret.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    let mut scan = Scan::new(text);
    while scan.at < text.len() {
        scan.step();
    }
    scan.finish()
}

/// As [`text`], without a copy where nothing is found.
#[must_use]
pub fn string(text: String) -> String {
    match self::text(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

/// A pass over a text, from word to word.
struct Scan<'a> {
    /// The text.
    text: &'a str,
    /// Its bytes.
    bytes: &'a [u8],
    /// Where the pass is.
    at: usize,
    /// The end of the last secret: nothing before it is looked at any more.
    clean: usize,
    /// The end of the last word, unless a secret was between.
    word: Option<usize>,
    /// The end of the last text behind which a secret key may stand.
    hint: Option<usize>,
    /// The end of the ARN the pass is in.
    arn_end: usize,
    /// The text so far without its secrets; none before the first one.
    out: Option<String>,
    /// How much of the text is in `out`.
    copied: usize,
}

impl<'a> Scan<'a> {
    /// At the begin of a text.
    fn new(text: &'a str) -> Self {
        let (at, clean, word, hint, arn_end, copied) = (0, 0, None, None, 0, 0);
        Self { text, bytes: text.as_bytes(), at, clean, word, hint, arn_end, out: None, copied }
    }

    /// Looks at what stands here, and goes behind it.
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        if is_marker(self.bytes, self.at) {
            self.forget(self.at + REDACTED.len());
        } else if is_word(byte) {
            self.word();
        } else if byte == b'\\' && matches!(self::byte(self.bytes, self.at + 1), b'n' | b'r' | b't') {
            // An escaped end of a line is no part of the word behind it.
            self.at += 2;
        } else if matches!(byte, b'/' | b'+')
            && let Some(end) = self.secret_key()
        {
            self.cut(self.at, end);
        } else {
            self.at += 1;
        }
    }

    /// Looks at a word: a secret itself, or the name of what follows.
    fn word(&mut self) {
        let (bytes, start) = (self.bytes, self.at);
        let end = shapes::word_end(bytes, start, end_of(bytes, start, is_word));
        let whole = shapes::private_key(bytes, start).or_else(|| self.secret_key());
        let found = whole
            .map(|end| (start, end))
            .or_else(|| shapes::in_word(bytes, start, end))
            .or_else(|| shapes::bearer(bytes, start, end))
            .or_else(|| self.value(start, end));
        if let Some((from, to)) = found {
            return self.cut(from, to);
        }
        if bytes[end..].starts_with(b"://")
            && let Some((user, password)) = connection::secrets(bytes, end + 3)
        {
            if let Some((from, to)) = user {
                self.cut(from, to);
            }
            return self.cut(password.0, password.1);
        }
        let word = &bytes[start..end];
        if word == b"arn" && start >= self.arn_end {
            self.arn_end = values::arn_end(bytes, start).unwrap_or(self.arn_end);
        }
        if names::hints(word) {
            self.hint = Some(end);
        }
        (self.at, self.word) = (end, Some(end));
    }

    /// The value of a word that is the name of a secret.
    fn value(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let bytes = self.bytes;
        let is_tag = start > self.clean && bytes[start - 1] == b'<';
        let link = values::link(bytes, start, end, is_tag)?;
        let kind = names::kind(&bytes[start..end])?;
        if names::is_directory(&bytes[start..end]) && bytes[link.value..].starts_with(b"/") {
            return None;
        }
        let is_colon = matches!(link.sign, values::Sign::Colon { .. });
        if is_colon && (end < self.arn_end || names::is_operation(&bytes[start..end])) {
            return None;
        }
        let in_sentence = self.word.is_some_and(|word| word + 1 == start && bytes[word] == b' ');
        values::span(bytes, link, kind, in_sentence || kind == Kind::Authorization)
    }

    /// The end of an AWS secret key that begins here: forty characters of base64 near a word that announces it.
    fn secret_key(&self) -> Option<usize> {
        let is_near = self.hint.is_some_and(|hint| self.at - hint <= NEAR);
        let is_begin = self.at == self.clean || !shapes::is_base64(self.bytes[self.at - 1]);
        if is_near && is_begin { shapes::secret_key(self.bytes, self.at) } else { None }
    }

    /// Takes a secret out.
    fn cut(&mut self, from: usize, to: usize) {
        let out = self.out.get_or_insert_with(|| String::with_capacity(self.text.len()));
        out.push_str(self.text.get(self.copied..from).unwrap_or_default());
        out.push_str(REDACTED);
        self.copied = to;
        self.forget(to);
    }

    /// Goes behind a secret, of which nothing is remembered but that it was one.
    fn forget(&mut self, end: usize) {
        (self.at, self.clean, self.word, self.hint) = (end, end, None, Some(end));
    }

    /// The text without its secrets.
    fn finish(self) -> Cow<'a, str> {
        match self.out {
            None => Cow::Borrowed(self.text),
            Some(mut out) => {
                out.push_str(self.text.get(self.copied..).unwrap_or_default());
                Cow::Owned(out)
            }
        }
    }
}

/// Whether a secret was taken out here before.
fn is_marker(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(REDACTED.as_bytes()))
}

/// What names are made of; a dot ends a name, so that a file's ending is none.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The end of the bytes of a kind that begin here.
fn end_of(bytes: &[u8], at: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !kind(*byte)).unwrap_or(rest.len())
}

/// The byte at a place, or zero behind the end.
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
