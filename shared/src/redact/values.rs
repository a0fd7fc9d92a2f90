//! What stands behind a name: how it is linked to a value, and where the value begins and ends.

use super::names::Kind;
use super::{byte, end_of, is_marker, is_word};

/// How a value is tied to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// `name=value`, `name => value`, `name := value`
    Equals,
    /// `name: value`
    Colon {
        /// The name is quoted: data, not a sentence.
        is_data: bool,
    },
    /// `--name value`
    Flag,
    /// `<name>value</name>`
    Tag,
    /// `"--name", "value"`, and `"name": "DB_PASSWORD", "value": "…"`
    Listed,
}

/// A name's tie to its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// How they are tied.
    pub sign: Sign,
    /// Where the value begins.
    pub value: usize,
}

/// Words that are said of secrets and are none.
const SAID: [&[u8]; 47] = [
    b"yes",
    b"no",
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"empty",
    b"unset",
    b"expired",
    b"invalid",
    b"missing",
    b"required",
    b"incorrect",
    b"wrong",
    b"failed",
    b"denied",
    b"unknown",
    b"unauthorized",
    b"unauthenticated",
    b"forbidden",
    b"rejected",
    b"revoked",
    b"malformed",
    b"unexpected",
    b"unsupported",
    b"error",
    b"not",
    b"is",
    b"was",
    b"has",
    b"must",
    b"cannot",
    b"could",
    b"unable",
    b"authentication",
    b"authorization",
    b"the",
    b"and",
    b"or",
    b"for",
    b"from",
    b"to",
    b"of",
    b"in",
    b"an",
];

/// Words before the credential of an `Authorization` header.
const SCHEMES: [&[u8]; 5] = [b"bearer", b"basic", b"token", b"apikey", b"negotiate"];
/// Schemes with several parameters: the value is the rest of the line.
const LONG_SCHEMES: [&[u8]; 2] = [b"digest", b"aws4-hmac-sha256"];
/// The longest single word in a sentence about a secret, in letters.
const PROSE: usize = 15;
/// How far the name behind a comma is looked for.
const NAME: usize = 64;

/// The tie between the word from `start` to `end` and what follows it, where there is one.
pub(super) fn link(bytes: &[u8], start: usize, end: usize, is_tag: bool) -> Option<Link> {
    let closed = quote(bytes, end).map_or(end, |(slashes, _)| end + slashes + 1);
    let is_data = closed > end;
    let bracket = closed + usize::from(byte(bytes, closed) == b']');
    let at = blanks(bytes, bracket);
    let linked = |sign: Sign, behind: usize| Some(Link { sign, value: blanks(bytes, behind) });
    match (byte(bytes, at), byte(bytes, at + 1)) {
        (b'=', b'=' | b'>') | (b':', b'=') => linked(Sign::Equals, at + 2),
        (b'=', _) => linked(Sign::Equals, at + 1),
        (b':', b':') => None,
        (b':', _) => linked(Sign::Colon { is_data }, at + 1),
        (b'%', b'3') if matches!(byte(bytes, at + 2), b'D' | b'd') => linked(Sign::Equals, at + 3),
        (b',', _) if is_data => listed(bytes, bytes[start] == b'-', blanks(bytes, at + 1)),
        (b'>', _) if is_tag && !is_data => linked(Sign::Tag, at + 1),
        _ if bytes[start] == b'-' && at > end && !is_data => linked(Sign::Flag, at),
        _ => None,
    }
}

/// The value of a name that stands in a list: the next text behind a flag, or the field `value`.
fn listed(bytes: &[u8], is_flag: bool, at: usize) -> Option<Link> {
    if is_flag {
        return quote(bytes, at).map(|_| Link { sign: Sign::Listed, value: at });
    }
    let field = quote(bytes, at).map_or(at, |(slashes, _)| at + slashes + 1);
    let end = end_of(bytes, field, is_word);
    let is_value = bytes[field..end].eq_ignore_ascii_case(b"value");
    let link = if is_value { link(bytes, field, end, false)? } else { return None };
    quote(bytes, link.value).map(|_| Link { sign: Sign::Listed, value: link.value })
}

/// Begin and end of a value that is a secret.
pub(super) fn span(bytes: &[u8], link: Link, kind: Kind, in_sentence: bool) -> Option<(usize, usize)> {
    let start = link.value;
    if start >= bytes.len()
        || is_marker(bytes, start)
        || (kind == Kind::Assigned && link.sign != Sign::Equals)
    {
        return None;
    }
    if link.sign == Sign::Tag {
        let end = end_of(bytes, start, |byte| byte != b'<');
        return (end > start).then_some((start, end));
    }
    let word = end_of(bytes, start, is_word);
    // `Some("v")`
    let call = if byte(bytes, word) == b'(' { word + 1 } else { start };
    if let Some((slashes, quote)) = quote(bytes, call) {
        let start = call + slashes + 1;
        let end = closing(bytes, start, slashes, quote);
        let is_said = said(bytes, start).is_some_and(|said| said == end);
        let is_kept = end == start || is_marker(bytes, start) || is_said || arn_end(bytes, start).is_some();
        return (!is_kept).then_some((start, end));
    }
    let first = bytes[start];
    let is_object = match link.sign {
        // Its fields have names of their own.
        Sign::Colon { .. } => first == b'{',
        Sign::Equals | Sign::Flag | Sign::Tag | Sign::Listed => {
            first == b'{' && !is_word(byte(bytes, start + 1))
        }
    };
    let is_flag = first == b'-' && link.sign == Sign::Flag;
    if is_object || is_flag || matches!(first, b',' | b';' | b'&') {
        return None;
    }
    if first == b'[' {
        return Some((start, end_of(bytes, start, |byte| byte != b']')));
    }
    if said(bytes, start).is_some() || arn_end(bytes, start).is_some() {
        return None;
    }
    let is_scheme = |known: &[&[u8]]| known.iter().any(|one| one.eq_ignore_ascii_case(&bytes[start..word]));
    if is_scheme(&LONG_SCHEMES) && byte(bytes, word) == b' ' {
        return Some((start, end_of(bytes, word, |byte| !matches!(byte, b'\n' | b'\r'))));
    }
    let credential = blanks(bytes, word);
    if is_scheme(&SCHEMES) && credential > word && credential < bytes.len() && !is_marker(bytes, credential) {
        return Some((start, bare_end(bytes, credential)));
    }
    let is_prose =
        matches!(link.sign, Sign::Colon { is_data: false }) && kind != Kind::Password && in_sentence;
    if is_prose && reads_as_prose(bytes, start) {
        return None;
    }
    let end = bare_end(bytes, start);
    (end > start).then_some((start, end))
}

/// The end of a value without quotes. A quote inside it opens a text: `Some("v")`.
fn bare_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() && !is_marker(bytes, at) {
        let is_end = match bytes[at] {
            byte if byte <= b' ' => true,
            b'\\' => matches!(byte(bytes, at + 1), b'n' | b'r' | b't' | b'"' | b'\'' | b'\\'),
            b'"' | b'\'' | b'`' if at > start && matches!(bytes[at - 1], b'(' | b'=' | b'{') => {
                at = closing(bytes, at + 1, 0, bytes[at]);
                false
            }
            b'<' | b'>' | b'|' | 0x7f | b'"' | b'\'' | b'`' => true,
            b',' | b';' | b'&' => is_last(bytes, at) || is_named(bytes, at + 1),
            b')' | b']' | b'}' => is_last(bytes, at) || matches!(byte(bytes, at + 1), b'{' | b'(' | b'['),
            _ => false,
        };
        if is_end {
            break;
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// Whether a value ends at this sign: nothing of it follows.
fn is_last(bytes: &[u8], at: usize) -> bool {
    let next = byte(bytes, at + 1);
    next <= b' '
        || matches!(next, b',' | b';' | b'.' | b':' | b')' | b']' | b'}' | b'"' | b'\'' | b'`' | b'\\')
}

/// Whether another name with a value follows.
fn is_named(bytes: &[u8], at: usize) -> bool {
    let near = &bytes[..bytes.len().min(at + NAME)];
    let end = near[at.min(near.len())..].iter().position(|byte| !is_word(*byte) && *byte != b'.');
    end.is_some_and(|length| length > 0 && matches!(near[at + length], b'=' | b':'))
}

/// Where a quoted text ends: at as many backslashes and the same quote, or at the end of the text.
fn closing(bytes: &[u8], start: usize, slashes: usize, quote: u8) -> usize {
    let mut before = 0;
    for (at, byte) in bytes.iter().copied().enumerate().skip(start) {
        if byte == quote {
            let closes = if slashes == 0 { before % 2 == 0 } else { before <= slashes };
            if closes {
                return at - if slashes == 0 { 0 } else { before };
            }
        }
        before = if byte == b'\\' { before + 1 } else { 0 };
    }
    bytes.len()
}

/// A quote that opens or closes here, and the backslashes before it.
fn quote(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let end = end_of(bytes, at.min(bytes.len()), |byte| byte == b'\\');
    let quote = byte(bytes, end);
    matches!(quote, b'"' | b'\'' | b'`').then_some((end - at, quote))
}

/// The end of spaces and tabs.
fn blanks(bytes: &[u8], at: usize) -> usize {
    end_of(bytes, at.min(bytes.len()), |byte| matches!(byte, b' ' | b'\t'))
}

/// The end of a word that is said of secrets, or names an error.
fn said(bytes: &[u8], start: usize) -> Option<usize> {
    let end = end_of(bytes, start, |byte| byte.is_ascii_alphabetic());
    let word = &bytes[start..end];
    let is_said = SAID.iter().any(|known| known.eq_ignore_ascii_case(word))
        || word.ends_with(b"Exception")
        || word.ends_with(b"Error");
    let next = byte(bytes, end);
    (is_said && (next <= b' ' || b",.;:)]}\"'`\\<&".contains(&next))).then_some(end)
}

/// Whether a sentence goes on here: one short word of letters, `i/o`, or a status such as 401.
fn reads_as_prose(bytes: &[u8], start: usize) -> bool {
    let end = bare_end(bytes, start);
    let word = bytes[start..end].strip_suffix(b":").unwrap_or(&bytes[start..end]);
    let word = word.strip_suffix(b",").unwrap_or(word);
    (word.len() <= PROSE && word.iter().all(u8::is_ascii_alphabetic))
        || (word.len() <= 3 && word.iter().all(u8::is_ascii_digit))
        || word == b"i/o"
}

/// The end of an ARN that begins here: five colons, and no white space before the fifth.
pub(super) fn arn_end(bytes: &[u8], start: usize) -> Option<usize> {
    if !bytes[start..].starts_with(b"arn:") {
        return None;
    }
    let (mut at, mut colons) = (start, 0);
    while at < bytes.len() {
        if is_marker(bytes, at) {
            at += super::REDACTED.len();
        } else if is_word(bytes[at]) || b":/+.@*".contains(&bytes[at]) {
            colons += usize::from(bytes[at] == b':');
            at += 1;
        } else {
            break;
        }
    }
    (colons >= 5).then_some(at)
}
