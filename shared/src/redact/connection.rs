//! Passwords inside connection strings: `scheme://user:PASSWORD@host`.

use super::{REDACTED, byte, end_of, is_marker, is_word, shapes};

/// How far a password with a slash is looked for, in bytes.
const LONGEST: usize = 256;

/// Begin and end of a part.
type Span = (usize, usize);

/// The password of the authority that begins here, and the user before it, where that is a token itself.
pub(super) fn secrets(bytes: &[u8], start: usize) -> Option<(Option<Span>, Span)> {
    let user_end = if is_marker(bytes, start) {
        start + REDACTED.len()
    } else {
        end_of(bytes, start, |byte| is_authority(byte) && !matches!(byte, b':' | b'@' | b'['))
    };
    let password = user_end + 1;
    if byte(bytes, user_end) != b':' {
        return None;
    }
    let end = if is_marker(bytes, password) {
        let end = password + REDACTED.len();
        (byte(bytes, end) == b'@').then_some(end)?
    } else {
        password_end(bytes, password).filter(|end| *end > password)?
    };
    let is_begin = |at: &usize| is_word(bytes[*at]) && (*at == start || !is_word(bytes[*at - 1]));
    let mut words = (start..user_end).filter(is_begin);
    let is_token = words.any(|at| shapes::in_word(bytes, at, end_of(bytes, at, is_word)).is_some());
    Some((is_token.then_some((start, user_end)), (password, end)))
}

/// The end of a password: the last `@` of the authority. One with a slash in it ends at the last `@` of the
/// string, unless what stands before the slash is a port.
fn password_end(bytes: &[u8], start: usize) -> Option<usize> {
    let limit = bytes.len().min(start + LONGEST);
    let window = &bytes[..limit];
    let end = stop(window, start, is_authority);
    if let Some(at) = last_at_sign(&window[start..end]) {
        return Some(start + at);
    }
    let is_port = window[start..end].iter().all(u8::is_ascii_digit);
    if is_port || end == window.len() || is_marker(bytes, end) {
        return None;
    }
    let end = stop(window, start, |byte| is_authority(byte) || matches!(byte, b'/' | b'?' | b'#'));
    last_at_sign(&window[start..end]).map(|at| start + at)
}

/// The last `@` of these bytes.
fn last_at_sign(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'@')
}

/// The end of bytes of a kind, or a secret that was taken out before.
fn stop(window: &[u8], start: usize, kind: impl Fn(u8) -> bool) -> usize {
    let mut at = start;
    while at < window.len() && kind(window[at]) && !is_marker(window, at) {
        at += 1;
    }
    at
}

/// What an authority is made of.
const fn is_authority(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | 0x7f)
}
