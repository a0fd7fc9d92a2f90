//! Text that is safe to send: one line where one line is meant, without control characters, and cut on
//! character boundaries.

use std::fmt::Write as _;

/// Longest subject SNS takes, exclusive: "less than 100 characters"
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
pub const SUBJECT_CHARS: usize = 99;
/// Longest message SNS takes by default, in bytes, attributes included.
pub const MESSAGE_BYTES: usize = 262_144;
/// Longest SMS text we send: two parts of 153 characters.
pub const LINE_CHARS: usize = 306;
/// Longest name we repeat: ECS names end at 255 characters.
pub const NAME_CHARS: usize = 255;
/// Longest fact we quote: a reason of 1,024 characters and the words around it.
pub const FACT_CHARS: usize = 1_200;
/// All facts together.
pub const FACTS_CHARS: usize = 5_000;
/// The mark of a cut.
const ELLIPSIS: char = '…';

/// Whether a character may be sent: no control characters, no overrides of the writing direction, and
/// nothing XML 1.0 forbids (SNS refuses it).
const fn is_sendable(letter: char) -> bool {
    !matches!(letter,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// One line of at most `chars` characters; what may not be sent becomes a space.
#[must_use]
pub fn one_line(text: &str, chars: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * chars));
    let mut letters = text.trim().chars();
    for letter in letters.by_ref().take(chars) {
        line.push(if is_sendable(letter) { letter } else { ' ' });
    }
    if letters.next().is_some() {
        line.pop();
        line.push(ELLIPSIS);
    }
    line
}

/// A name of at most [`NAME_CHARS`] characters.
#[must_use]
pub fn name(text: &str) -> String {
    one_line(text, NAME_CHARS)
}

/// ASCII only, at most `chars` characters: subjects and metric dimensions take nothing else.
#[must_use]
pub fn ascii_line(text: &str, chars: usize) -> String {
    let cut = one_line(text, chars);
    cut.chars()
        .map(|letter| match letter {
            ELLIPSIS => '~',
            letter if letter.is_ascii() => letter,
            _ => '?',
        })
        .collect()
}

/// Facts inside [`FACT_CHARS`] each and [`FACTS_CHARS`] together; a last line says how many were left out.
#[must_use]
pub fn facts(all: &[String]) -> Vec<String> {
    let mut kept = Vec::with_capacity(all.len());
    let mut left = FACTS_CHARS;
    for (index, fact) in all.iter().enumerate() {
        let fact = one_line(fact, FACT_CHARS);
        let size = fact.chars().count();
        if size > left {
            let mut more = String::new();
            write!(more, "({} more facts left out)", all.len() - index).unwrap_or_default();
            kept.push(more);
            break;
        }
        left -= size;
        kept.push(fact);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{FACTS_CHARS, ascii_line, facts, one_line};

    #[test]
    fn a_line_is_one_line() {
        for (text, chars, want) in [
            ("plain", 10, "plain"),
            ("two\r\nlines\u{0}\u{1b}[31m", 30, "two  lines  [31m"),
            ("  trimmed\n", 10, "trimmed"),
            ("right\u{202e}left", 20, "right left"),
            ("日本語の長い理由です", 5, "日本語の…"),
            ("exact", 5, "exact"),
            ("", 5, ""),
            ("x", 0, "…"),
        ] {
            assert_eq!(one_line(text, chars), want, "{text:?}");
        }
        assert_eq!(ascii_line("web 日本 and more", 8), "web ?? ~");
    }

    #[test]
    fn facts_are_cut_together() {
        let kept = facts(&vec!["x".repeat(900); 20]);
        assert_eq!(kept.last().map(String::as_str), Some("(15 more facts left out)"));
        assert!(kept.iter().map(String::len).sum::<usize>() <= FACTS_CHARS + 30);
    }
}
