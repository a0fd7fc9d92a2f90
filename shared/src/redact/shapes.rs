//! Secrets that are known by their shape: keys of AWS and others, private keys, JSON Web Tokens.
//!
//! Shapes: IAM's ids (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>)
//! and the prefixes the issuers of tokens document for secret scanning
//! (<https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns>).

use super::{byte, end_of, is_word};

/// What follows a prefix.
#[derive(Clone, Copy)]
enum Tail {
    /// Exactly this many capital letters and digits.
    Id(usize),
    /// Exactly this many hexadecimal digits.
    Hex(usize),
    /// At least this many letters, digits, `_` and `-`.
    Word(usize),
    /// As `Word`, with a digit or a capital letter near its begin: names of people begin alike.
    Mixed(usize),
    /// At least this many characters of base64.
    Base64(usize),
    /// At least this many characters of a URL's path.
    Path(usize),
}

/// Prefixes, by the issuer.
const PREFIXES: [(&[u8], Tail); 50] = [
    (b"AKIA", Tail::Id(16)),
    (b"ASIA", Tail::Id(16)),
    (b"AROA", Tail::Id(16)),
    (b"AIDA", Tail::Id(16)),
    (b"AGPA", Tail::Id(16)),
    (b"AIPA", Tail::Id(16)),
    (b"ANPA", Tail::Id(16)),
    (b"ANVA", Tail::Id(16)),
    (b"APKA", Tail::Id(16)),
    (b"ASCA", Tail::Id(16)),
    (b"ABIA", Tail::Id(16)),
    (b"ACCA", Tail::Id(16)),
    (b"FwoGZXIvYXdz", Tail::Base64(8)),
    (b"IQoJb3JpZ2lu", Tail::Base64(8)),
    (b"ghp_", Tail::Word(16)),
    (b"gho_", Tail::Word(16)),
    (b"ghs_", Tail::Word(16)),
    (b"ghu_", Tail::Word(16)),
    (b"ghr_", Tail::Word(16)),
    (b"github_pat_", Tail::Word(16)),
    (b"glpat-", Tail::Word(12)),
    (b"xoxa-", Tail::Word(10)),
    (b"xoxb-", Tail::Word(10)),
    (b"xoxe-", Tail::Word(10)),
    (b"xoxo-", Tail::Word(10)),
    (b"xoxp-", Tail::Word(10)),
    (b"xoxr-", Tail::Word(10)),
    (b"xoxs-", Tail::Word(10)),
    (b"xapp-", Tail::Word(10)),
    (b"hooks.slack.com/services/", Tail::Path(8)),
    (b"discord.com/api/webhooks/", Tail::Path(8)),
    (b"discordapp.com/api/webhooks/", Tail::Path(8)),
    (b"sk_live_", Tail::Word(10)),
    (b"sk_test_", Tail::Word(10)),
    (b"rk_live_", Tail::Word(10)),
    (b"rk_test_", Tail::Word(10)),
    (b"whsec_", Tail::Base64(16)),
    (b"sk-", Tail::Mixed(20)),
    (b"AIza", Tail::Word(30)),
    (b"npm_", Tail::Mixed(20)),
    (b"pypi-", Tail::Mixed(20)),
    (b"dckr_pat_", Tail::Word(16)),
    (b"hf_", Tail::Mixed(24)),
    (b"shpat_", Tail::Word(16)),
    (b"dop_v1_", Tail::Word(16)),
    (b"AGE-SECRET-KEY-", Tail::Word(16)),
    (b"hvs.", Tail::Word(16)),
    (b"ya29.", Tail::Word(16)),
    (b"SK", Tail::Hex(32)),
    (b"AC", Tail::Hex(32)),
];

/// How far a digit or capital letter is looked for behind a prefix of [`Tail::Mixed`].
const MIXED_WITHIN: usize = 64;
/// The shortest part of a JSON Web Token, and of a token of `SendGrid`.
const PART: usize = 8;
/// A JSON Web Token's first part that is one by its length alone: the rest was cut off.
const LONG_PART: usize = 32;
/// The shortest token behind `Bearer`.
const BEARER: usize = 16;
/// How a block in PEM begins.
const PEM_BEGIN: &[u8] = b"-----BEGIN";
/// The longest head of a private key: `-----BEGIN OPENSSH PRIVATE KEY-----`.
const PEM_HEAD: usize = 64;
/// The length of an AWS secret key.
const SECRET_KEY: usize = 40;

/// A secret in the word between `start` and `end`, at the begin of one of its parts; it may end behind the word.
pub(super) fn in_word(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    if let Some(to) = web_token(bytes, start).or_else(|| send_grid(bytes, start)) {
        return Some((start, to));
    }
    let is_begin = |at: usize| {
        bytes[at].is_ascii_alphabetic() && (at == start || !bytes[at - 1].is_ascii_alphanumeric())
    };
    (start..end).filter(|at| is_begin(*at)).find_map(|at| Some((at, prefixed(bytes, at)?)))
}

/// The end of a secret with a known prefix.
fn prefixed(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    PREFIXES.iter().find_map(|(prefix, tail)| {
        let begin = rest.starts_with(prefix).then_some(at + prefix.len())?;
        let at_least = |length: usize, kind: fn(u8) -> bool| {
            let end = end_of(bytes, begin, kind);
            (end - begin >= length).then_some(end)
        };
        let exactly = |length: usize, kind: fn(u8) -> bool| {
            let end = begin + length;
            let is_whole = bytes.get(begin..end)?.iter().all(|byte| kind(*byte));
            (is_whole && !byte(bytes, end).is_ascii_alphanumeric()).then_some(end)
        };
        match *tail {
            Tail::Id(length) => exactly(length, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
            Tail::Hex(length) => exactly(length, |byte| byte.is_ascii_hexdigit()),
            Tail::Word(length) => at_least(length, is_word),
            Tail::Mixed(length) => {
                let near = &bytes[begin..bytes.len().min(begin + MIXED_WITHIN)];
                let mut word = near.iter().take_while(|byte| is_word(**byte));
                let is_mixed = word.any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
                if is_mixed { at_least(length, is_word) } else { None }
            }
            Tail::Base64(length) => at_least(length, is_base64_or_pad),
            Tail::Path(length) => at_least(length, is_path),
        }
    })
}

/// The end of a JSON Web Token: two or three parts of base64 with dots between, the first an object.
fn web_token(bytes: &[u8], at: usize) -> Option<usize> {
    if !bytes[at..].starts_with(b"eyJ") {
        return None;
    }
    let mut end = end_of(bytes, at, is_word);
    let mut is_token = end - at >= LONG_PART;
    let is_first_long = end - at >= PART;
    for _ in 0..4 {
        let part = end + 1;
        if byte(bytes, end) != b'.' || !is_first_long || part > bytes.len() {
            break;
        }
        let part_end = end_of(bytes, part, is_word);
        if part_end - part < PART {
            break;
        }
        (end, is_token) = (part_end, true);
    }
    is_token.then_some(end)
}

/// The end of a token of `SendGrid`: `SG.`, and two parts.
fn send_grid(bytes: &[u8], at: usize) -> Option<usize> {
    let first = bytes[at..].starts_with(b"SG.").then_some(at + 3)?;
    let dot = end_of(bytes, first, is_word);
    if dot - first < PART || byte(bytes, dot) != b'.' {
        return None;
    }
    let end = end_of(bytes, dot + 1, is_word);
    (end - dot > PART).then_some(end)
}

/// A token behind the word `Bearer`, as in a header without its name.
pub(super) fn bearer(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    if !bytes[start..end].eq_ignore_ascii_case(b"bearer") || byte(bytes, end) != b' ' {
        return None;
    }
    let body_end = end_of(bytes, end + 1, |byte| is_word(byte) || matches!(byte, b'+' | b'/' | b'.' | b'~'));
    let is_mixed =
        bytes[end + 1..body_end].iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let token_end = end_of(bytes, body_end, |byte| byte == b'=');
    (is_mixed && body_end - end > BEARER).then_some((end + 1, token_end))
}

/// The end of a word, or where a private key in PEM begins right behind it.
pub(super) fn word_end(bytes: &[u8], start: usize, end: usize) -> usize {
    match end.checked_sub(PEM_BEGIN.len()) {
        Some(begin) if begin > start && bytes[begin..].starts_with(PEM_BEGIN) => begin,
        _ => end,
    }
}

/// The end of a private key in PEM, whatever stands for the ends of its lines; the end of the text where its
/// last line is missing.
pub(super) fn private_key(bytes: &[u8], start: usize) -> Option<usize> {
    let end = bytes[start..].starts_with(PEM_BEGIN).then_some(start + PEM_BEGIN.len())?;
    let head = &bytes[end..bytes.len().min(end + PEM_HEAD)];
    let named = find(head, b"PRIVATE KEY")?;
    if find(&head[..named], b"-----").is_some() {
        // A certificate, and a key behind it.
        return None;
    }
    let body = end + named;
    let Some(last) = find(&bytes[body..], b"-----END") else { return Some(bytes.len()) };
    let last = body + last + b"-----END".len();
    let foot = &bytes[last..bytes.len().min(last + PEM_HEAD)];
    Some(find(foot, b"-----").map_or(last, |found| last + found + b"-----".len()))
}

/// The end of forty characters of base64 with small and capital letters and digits: an AWS secret key. A git
/// hash of the same length has no capital letters.
pub(super) fn secret_key(bytes: &[u8], at: usize) -> Option<usize> {
    let end = at + SECRET_KEY;
    let key = bytes.get(at..end)?;
    let has = |kind: fn(&u8) -> bool| key.iter().any(kind);
    let is_key = key.iter().all(|byte| is_base64(*byte))
        && !bytes.get(end).is_some_and(|byte| is_base64(*byte))
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit);
    is_key.then_some(end)
}

/// Where some bytes stand in others.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Base64 without its padding.
pub(super) const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Base64 of either alphabet, with its padding.
const fn is_base64_or_pad(byte: u8) -> bool {
    is_base64(byte) || matches!(byte, b'_' | b'-' | b'=')
}

/// What a path in a URL is made of.
const fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.' | b'%' | b'?' | b'=' | b'&')
}
