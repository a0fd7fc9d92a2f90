//! A full policy, and one that is full of errors.

use std::time::Duration;

use super::Policy;
use crate::policy::drain::{AtDeadline, DrainPolicy, Treatment};
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

#[test]
fn later_drain_tables_win_setting_by_setting() {
    let policy = Policy::parse(
        r#"
        [[drain]]
        deadline = "90m"
        standalone = { stop-after = "1h" }
        severity = { drain-finished = "info" }
        [[drain]]
        cluster = "batch-*"
        group = "gpu-?"
        at-deadline = "retain"
        stop-grace = "5m"
        standalone = "wait"
        agent-gone = "ignore"
        "#,
    )
    .expect("a policy");
    let everywhere = DrainPolicy {
        deadline: Duration::from_mins(90),
        standalone: Treatment::StopAfter(Duration::from_hours(1)),
        ..DrainPolicy::default()
    };
    for (cluster, group) in [("web", Some("gpu-1")), ("batch-1", None), ("batch-1", Some("cpu-1"))] {
        assert_eq!(policy.drain_of(cluster, group), everywhere, "{cluster} {group:?}");
    }
    let gpu = DrainPolicy {
        at_deadline: AtDeadline::Retain,
        stop_grace: Duration::from_mins(5),
        standalone: Treatment::Wait,
        agent_gone: Treatment::Ignore,
        ..everywhere
    };
    assert_eq!(policy.drain_of("batch-1", Some("gpu-1")), gpu);
    let finished = Cause::DrainFinished;
    assert_eq!(policy.drain_severity("batch-1", Some("gpu-1"), finished), Some(Severity::Info));
    assert_eq!(policy.drain_severity("web", None, Cause::DrainStuck), None);
}

#[test]
fn every_error_of_a_drain_is_named_at_once() {
    let text = r#"
[[drain]]
deadline = "soon"
at-deadline = "kill"
standalone = "stop"
service = { stop-after = "72h" }
protected = { stop-after = "1m", and = 1 }
severity = { drain-finished = "loud" }
daemons = "wait"
[[drain]]
cluster = "web"
[[drain]]
deadline = "1m"
stop-grace = "0s"
[[drain]]
deadline = "1m"
stop-grace = "2m"
"#;
    let errors = Policy::parse(text).expect_err("errors").lines().join("\n");
    for want in [
        "line 2, [[drain]]: `deadline`: `soon` is no span of time such as 90m or 2h",
        "line 2, [[drain]]: `at-deadline`: `kill` is none of continue, retain, hold",
        "line 2, [[drain]]: `standalone`: `stop` is none of \"wait\", \"ignore\" and { stop-after = \"30m\" }",
        "line 2, [[drain]]: `service.stop-after` is longer than 48h",
        "line 2, [[drain]]: `protected`: table is none of",
        "line 2, [[drain]]: unknown severity `loud`",
        "line 2, [[drain]]: `daemons`: unknown field",
        "line 10, [[drain]]: says nothing",
        "line 12, [[drain]]: `stop-grace` is zero",
        "line 15, [[drain]]: `stop-grace` is as long as the deadline",
    ] {
        assert!(errors.contains(want), "{want}\n{errors}");
    }
}

#[test]
fn every_error_of_a_route_is_named_at_once() {
    let text = r#"
[[route]]
severity = ["hihg", "info"]
causes = ["out-of-memroy"]
[[route]]
topic = "arn:aws:sns:eu-west-1:111122223333:alerts.fifo"
cluster = ""
[[route]]
topic = "alerts"
at-least = "medium"
[[route]]
topic = "arn:aws:sns:eu-west-1:111122223333:alerts:0a1b2c3d"
[[route]]
topic = "arn:aws:sqs:eu-west-1:111122223333:alerts"
"#;
    let errors = Policy::parse(text).expect_err("errors").lines().join("\n");
    for want in [
        "line 2, [[route]]: needs a `topic`",
        "line 2, [[route]]: `severity`: `hihg` is none of low, medium, high",
        "line 2, [[route]]: `severity`: `info` is none of",
        "line 2, [[route]]: unknown cause `out-of-memroy`; did you mean `out-of-memory`?",
        "line 5, [[route]]: `topic`: `arn:aws:sns:eu-west-1:111122223333:alerts.fifo` is a FIFO topic",
        "line 5, [[route]]: `cluster` has an empty pattern",
        "line 8, [[route]]: `topic`: `alerts` is not the ARN of an SNS topic",
        "line 8, [[route]]: `at-least`: unknown field",
        "line 11, [[route]]: `topic`: `arn:aws:sns:eu-west-1:111122223333:alerts:0a1b2c3d` is not",
        "line 13, [[route]]: `topic`: `arn:aws:sqs",
    ] {
        assert!(errors.contains(want), "{want}\n{errors}");
    }
}
