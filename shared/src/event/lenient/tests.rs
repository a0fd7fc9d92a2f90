//! Scalars, lists and objects of every odd type.

use serde::Deserialize;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Sample {
    #[serde(deserialize_with = "super::text")]
    word: Option<Box<str>>,
    #[serde(deserialize_with = "super::integer")]
    code: Option<i64>,
    #[serde(deserialize_with = "super::objects")]
    parts: Vec<Part>,
    #[serde(deserialize_with = "super::present")]
    there: bool,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Part {
    #[serde(deserialize_with = "super::integer")]
    code: Option<i64>,
}

fn read(json: &str) -> Sample {
    serde_json::from_str(json).expect(json)
}

#[test]
fn text_comes_from_any_scalar() {
    for (json, want) in [
        (r#""app""#, Some("app")),
        (r#""""#, None),
        ("7", Some("7")),
        ("-7", Some("-7")),
        ("1.5", Some("1.5")),
        ("true", Some("true")),
        ("null", None),
        ("[1,[2]]", None),
        (r#"{"a":{"b":1}}"#, None),
    ] {
        assert_eq!(read(&format!(r#"{{"word":{json}}}"#)).word.as_deref(), want, "{json}");
    }
}

#[test]
fn a_code_is_read_from_numbers_and_their_text_and_nothing_else() {
    for (json, want) in [
        ("0", Some(0)),
        ("-1073741819", Some(-1_073_741_819)),
        ("137.0", Some(137)),
        ("137.5", None),
        (r#""137""#, Some(137)),
        (r#"" 137 ""#, Some(137)),
        (r#""137.0""#, Some(137)),
        (r#""inf""#, None),
        (r#""0.0""#, Some(0)),
        (r#""1e-400""#, None),
        (r#""one""#, None),
        (r#""""#, None),
        ("18446744073709551615", Some(i64::MAX)),
        ("1e300", Some(i64::MAX)),
        ("true", None),
        ("null", None),
        ("[0]", None),
        (r#"{"exitCode":0}"#, None),
    ] {
        assert_eq!(read(&format!(r#"{{"code":{json}}}"#)).code, want, "{json}");
    }
}

#[test]
fn a_list_keeps_a_place_for_what_it_cannot_read() {
    assert_eq!(read(r#"{"parts":[{"code":1},null,"x",[2],3]}"#).parts.len(), 5);
    assert_eq!(read(r#"{"parts":[{"code":1},null]}"#).parts[1], Part::default());
    for odd in ["null", "7", "{}", r#""text""#, "true"] {
        assert_eq!(read(&format!(r#"{{"parts":{odd}}}"#)).parts, [], "{odd}");
    }
}

#[test]
fn presence_is_a_key_with_a_value() {
    assert!(read(r#"{"there":[]}"#).there);
    assert!(!read(r#"{"there":null}"#).there);
    assert!(!read("{}").there);
}
