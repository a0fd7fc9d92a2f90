//! A full policy, and one that is full of errors.

use super::Policy;
use crate::verdict::{Cause, Severity};

#[test]
fn a_full_policy_is_read() {
    let policy = Policy::parse(
        r#"
        [[rule]]
        cluster = "prod-*"
        service = "api"
        family = "api-?"
        expected-exit-codes = [0, 3]
        sidecars = ["envoy", "xray-*"]
        severity = { application-exit = "high", scaled-in = "info" }
        [[rule]]
        quiet = "a sandbox"
        [[mute]]
        service = "api"
        from = 2026-11-01T00:00:00Z
        until = 2026-12-01T09:00:00+09:00
        causes = ["health-check"]
        reason = "migration"
        "#,
    )
    .expect("a policy");
    assert_eq!(policy.rules[0].severity.get(&Cause::ApplicationExit), Some(&Severity::High));
    assert_eq!(policy.rules[0].expected_exit_codes, [0, 3]);
    assert_eq!(policy.mutes[0].until.to_string(), "2026-12-01T00:00:00Z");
    assert_eq!(Policy::parse(""), Ok(Policy::default()));
}

#[test]
fn every_error_is_named_at_once() {
    let text = r#"
[[rule]]
servce = "api"
cluster = 5
[[rule]]
service = ""
severity = { aplication-exit = "hihg" }
[[mute]]
service = "api"
[[mute]]
until = 2026-12-01
reason = "x"
[defaults]
a = 1
"#;
    let errors = Policy::parse(text).expect_err("it is full of errors");
    let lines = errors.lines().join("\n");
    for want in [
        "unknown table `defaults`",
        "line 2, [[rule]]: `servce`: unknown field `servce`",
        "line 2, [[rule]]: `cluster`: invalid type",
        "line 5, [[rule]]: `service` has an empty pattern",
        "unknown cause `aplication-exit`; did you mean `application-exit`?",
        "unknown severity `hihg`",
        "line 8, [[mute]]: needs `until`",
        "line 8, [[mute]]: needs a `reason`",
        "line 10, [[mute]]: would silence everything",
        "`until` needs a date, a time and an offset",
    ] {
        assert!(lines.contains(want), "{want} is missing in:\n{lines}");
    }
}

#[test]
fn broken_toml_is_one_line_with_its_place() {
    let errors = Policy::parse("[[rule]]\nservice = ").expect_err("broken");
    assert_eq!(errors.lines().len(), 1);
    assert!(errors.lines()[0].starts_with("line 2: "), "{errors}");
}
