//! Every layout of good input, and what is broken.

use proptest::prelude::*;

use super::Pieces;

/// Line and text (or `!problem`) of each piece.
fn cut(text: &str) -> Vec<(u64, String)> {
    let name = |content: Result<Vec<u8>, &str>| match content {
        Ok(bytes) => String::from_utf8(bytes).expect("UTF-8"),
        Err(problem) => format!("!{problem}"),
    };
    Pieces::new(text.as_bytes())
        .map(|piece| piece.expect("no I/O error"))
        .map(|piece| (piece.line, name(piece.content)))
        .collect()
}

fn pieces(want: &[(u64, &str)]) -> Vec<(u64, String)> {
    want.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
}

#[test]
fn every_layout_of_good_input() {
    for (text, want) in [
        ("", &[][..]),
        (" \n\n", &[]),
        ("[]", &[]),
        (r#"{"a":1}"#, &[(1, r#"{"a":1}"#)]),
        ("{\"a\":1}\n{\"b\":2}\n", &[(1, r#"{"a":1}"#), (2, r#"{"b":2}"#)]),
        ("{\"a\":1}{\"b\":2}", &[(1, r#"{"a":1}"#), (1, r#"{"b":2}"#)]),
        ("{\n  \"a\": [\n{\n}]\n}\n\n{}", &[(1, "{\n  \"a\": [\n{\n}]\n}"), (7, "{}")]),
        ("[{\"a\":1},\n{\"b\":[2]}\n]\n", &[(1, r#"{"a":1}"#), (2, r#"{"b":[2]}"#)]),
        ("[[1],[2]]", &[(1, "[1]"), (1, "[2]")]),
        (r#"{"a":"} \" { ["}"#, &[(1, r#"{"a":"} \" { ["}"#)]),
        ("[1, \"x,y\" ]\n", &[(1, "1"), (1, "\"x,y\" ")]),
        ("42\n\"text\"\n", &[(1, "42"), (2, "\"text\"")]),
        ("\u{1e}{\"a\":1}\n", &[(1, r#"{"a":1}"#)]),
    ] {
        assert_eq!(cut(text), pieces(want), "{text:?}");
    }
}

#[test]
fn what_is_broken_costs_itself_only() {
    for (text, want) in [
        ("{\"a\":1\n{\"b\":2}\n", &[(1, "!is cut off"), (2, r#"{"b":2}"#)][..]),
        ("{\"a\":\n{\"b\":2}\n{\"c\":3}\n", &[(1, "!is cut off"), (2, r#"{"b":2}"#), (3, r#"{"c":3}"#)]),
        ("{\"a\":\"x\n{\"b\":2}\n", &[(1, "!is cut off inside a string"), (2, r#"{"b":2}"#)]),
        ("garbage here\n{\"b\":2}\n", &[(1, "garbage here"), (2, r#"{"b":2}"#)]),
        ("}\n{\"b\":2}", &[(1, "}"), (2, r#"{"b":2}"#)]),
        ("{\"a\":1", &[(1, "!ends in the middle of a value")]),
        ("{\"a\":\n{\"b\":1}\n", &[(1, "!ends in the middle of a value"), (2, r#"{"b":1}"#)]),
        ("[{\"a\":1},", &[(1, r#"{"a":1}"#), (1, "!ends in the middle of a list")]),
    ] {
        assert_eq!(cut(text), pieces(want), "{text:?}");
    }
}

#[test]
fn what_is_broken_all_over_is_given_up_in_the_end() {
    let lines = 20_000;
    assert!(cut(&"{\"a\":[\n".repeat(lines)).len() < lines, "each line again would take minutes");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_to_an_end(text in "[\\[\\]{}\",:\\\\a1\n ]{0,60}") {
        cut(&text);
    }

    #[test]
    fn json_lines_come_out_as_they_went_in(numbers in prop::collection::vec(any::<i32>(), 0..20)) {
        let lines: Vec<_> = numbers.iter().map(|number| format!("{{\"n\":{number}}}")).collect();
        let found: Vec<_> = cut(&lines.join("\n")).into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(found, lines);
    }
}
