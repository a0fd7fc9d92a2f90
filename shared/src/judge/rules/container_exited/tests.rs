//! Containers that end while their task runs on: which are told, once, and what keeps them quiet.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::event::TaskStateChange;
use crate::judge::background::{Background, ContainerDefinition, TaskDefinition};
use crate::judge::rules::testing::{fresh, verdict};
use crate::judge::{Cause, Context, Decision, Severity, judge};
use crate::policy::Policy;
use Cause::{ContainerExited, NotStopped};

/// A task that runs, with containers as they are in an event.
fn running(containers: &Value) -> Value {
    json!({
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b2c",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor",
        "group": "service:web", "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "version": 5,
        "startedAt": "2026-05-01T10:00:00Z", "updatedAt": "2026-05-01T10:07:30Z", "containers": containers,
    })
}

/// With fields of its own.
fn with(mut event: Value, fields: &[(&str, Value)]) -> TaskStateChange {
    for (field, value) in fields {
        event[*field] = value.clone();
    }
    serde_json::from_value(event).expect("a task")
}

/// The application runs, and a log router stopped with a code.
fn lost(code: &Value) -> Value {
    running(&json!([{"name": "app", "lastStatus": "RUNNING"},
        {"name": "log", "lastStatus": "STOPPED", "exitCode": code}]))
}

fn found(task: &TaskStateChange, policy: &str) -> (Cause, Severity) {
    let verdict = judge(task, &Policy::parse(policy).expect("a policy"), &fresh());
    (verdict.cause, verdict.severity)
}

#[test]
fn a_container_is_told_by_its_code() {
    for (code, want) in [
        (json!(1), ContainerExited),
        (json!("1"), ContainerExited),
        (json!(137), ContainerExited),
        (json!(143), ContainerExited),
        (json!(-1_073_741_819), ContainerExited),
        (Value::Null, ContainerExited),
        (json!([0]), ContainerExited),
        (json!(0), NotStopped),
        (json!("0"), NotStopped),
    ] {
        let severity = if want == ContainerExited { Severity::Low } else { Severity::Info };
        assert_eq!(found(&with(lost(&code), &[]), ""), (want, severity), "{code}");
    }
}

#[test]
fn only_while_the_task_runs_on() {
    let stopping = json!("2026-05-01T10:07:00Z");
    for (fields, want) in [
        (&[("lastStatus", json!("RUNNING"))][..], ContainerExited),
        (&[("lastStatus", json!("PENDING"))], ContainerExited),
        (&[("lastStatus", json!("ACTIVATING"))], ContainerExited),
        (&[("lastStatus", json!(" running "))], ContainerExited),
        (&[("desiredStatus", Value::Null)], ContainerExited),
        (&[("lastStatus", json!("PROVISIONING"))], NotStopped),
        (&[("lastStatus", json!("DEACTIVATING"))], NotStopped),
        (&[("lastStatus", json!("STOPPING"))], NotStopped),
        (&[("lastStatus", json!("DEPROVISIONING"))], NotStopped),
        (&[("lastStatus", json!("NEW"))], NotStopped),
        (&[("desiredStatus", json!("STOPPED"))], NotStopped),
        (&[("desiredStatus", json!("stopped"))], NotStopped),
        (&[("stopCode", json!("SpotInterruption"))], NotStopped),
        (&[("stoppingAt", stopping)], NotStopped),
    ] {
        assert_eq!(found(&with(lost(&json!(1)), fields), "").0, want, "{fields:?}");
    }
    let stopped = with(lost(&json!(1)), &[("lastStatus", json!("STOPPED"))]);
    assert_eq!(found(&stopped, "").0, Cause::ApplicationExit, "the stop is judged as ever");
}

#[test]
fn the_policy_holds() {
    let rule = "[[rule]]\nservice = 'web'\n";
    let task = with(lost(&json!(3)), &[]);
    for (text, want) in [
        ("severity = { container-exited = 'high' }", (ContainerExited, Severity::High)),
        ("severity = { container-exited = 'info' }", (ContainerExited, Severity::Info)),
        ("severity = { not-stopped = 'high' }", (ContainerExited, Severity::Low)),
        ("quiet = 'a demo'", (ContainerExited, Severity::Info)),
        ("expected-exit-codes = [3]", (NotStopped, Severity::Info)),
        ("sidecars = ['l*']", (NotStopped, Severity::Info)),
        ("sidecars = ['*']", (NotStopped, Severity::Info)),
    ] {
        assert_eq!(found(&task, &format!("{rule}{text}")), want, "{text}");
    }
}

#[test]
fn it_says_what_is_known() {
    let reason = format!("OutOfMemoryError: password=hunter2secret {}.", "x".repeat(200));
    let containers = json!([{"name": "app", "lastStatus": "RUNNING"},
        {"name": "log", "lastStatus": "STOPPED", "exitCode": 137, "reason": reason}]);
    let verdict = verdict(&with(running(&containers), &[]));
    assert_eq!((verdict.container.as_deref(), verdict.exit_code), (Some("log"), Some(137)));
    assert_eq!(verdict.fingerprint, "harbor/web/container-exited/log/137");
    let begin = "Service web on harbor is still RUNNING (up for 7 min 30 s), but log ended with exit code 137 (SIGKILL): OutOfMemoryError: password=[redacted]";
    assert!(verdict.summary.starts_with(begin) && verdict.summary.ends_with(" …."), "{}", verdict.summary);
    let evidence = verdict.evidence.join("\n");
    assert!(evidence.contains("log is taken for one that is not") && evidence.contains("up for 7 min 30 s"));
    assert!(!format!("{verdict:?}").contains("hunter2secret"));
    let missing = super::super::testing::verdict(&with(lost(&Value::Null), &[("startedAt", Value::Null)]));
    assert_eq!(
        missing.summary,
        "Service web on harbor is still RUNNING, but log ended and reported no exit code."
    );
}

#[test]
fn the_end_of_an_essential_one_is_left_to_the_stop_that_follows() {
    for (essential, want) in [(true, NotStopped), (false, ContainerExited)] {
        let container = ContainerDefinition { name: "log".into(), essential, ..Default::default() };
        let background =
            Background::of_definition(TaskDefinition { containers: vec![container], memory_mib: None });
        let context = Context { background: Some(&background), ..fresh() };
        let verdict = judge(&with(lost(&json!(1)), &[]), &Policy::default(), &context);
        assert_eq!(verdict.cause, want);
        assert!(!verdict.evidence.concat().contains("is not in the event"), "it is known");
    }
}

#[test]
fn each_is_told_once_and_none_after_the_stop() {
    let containers = json!([{"name": "log", "lastStatus": "STOPPED", "exitCode": 1},
        {"name": "app", "lastStatus": "RUNNING"}, {"name": "mesh", "lastStatus": "STOPPED"}]);
    let task = with(running(&containers), &[]);
    let known = |names: &[&str], last_version: Option<i64>| {
        let known_ends: Vec<Box<str>> = names.iter().map(|name| (*name).into()).collect();
        let verdict =
            judge(&task, &Policy::default(), &Context { known_ends: &known_ends, last_version, ..fresh() });
        (verdict.cause, verdict.container.map(String::from))
    };
    assert_eq!(known(&[], None), (ContainerExited, Some("log".into())));
    assert_eq!(known(&["log"], None), (ContainerExited, Some("mesh".into())));
    assert_eq!(known(&["log", "mesh"], None), (NotStopped, None));
    assert_eq!(known(&[], Some(4)).0, ContainerExited);
    assert_eq!(known(&[], Some(5)).0, NotStopped, "the stop was judged, and this came late");
}

/// Whatever else there may be in an event.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,10}".prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(Value::from),
    ]
}

/// A container that did not fail: it has not stopped, or it returned 0.
fn alive() -> impl Strategy<Value = Value> {
    let status = prop_oneof![
        prop::sample::select(vec!["RUNNING", "PENDING", "CREATED", "stop", ""]).prop_map(Value::from),
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
    ];
    let lives = (anything(), status, anything(), anything()).prop_map(|(name, status, code, reason)| {
        json!({"name": name, "lastStatus": status, "exitCode": code, "reason": reason})
    });
    let done = (anything(), anything()).prop_map(
        |(name, reason)| json!({"name": name, "lastStatus": "STOPPED", "exitCode": 0, "reason": reason}),
    );
    prop_oneof![lives, done]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_running_task_whose_containers_live_is_quiet(
        containers in prop::collection::vec(alive(), 0..5),
        status in prop::sample::select(vec!["PENDING", "ACTIVATING", "RUNNING"]),
        fields in prop::collection::hash_map(prop::sample::select(vec!["desiredStatus", "group", "startedBy",
            "stoppedReason", "startedAt", "updatedAt", "version", "taskArn", "clusterArn", "cpu"]), anything(), 0..6),
    ) {
        let fields: Vec<_> = fields.into_iter().collect();
        let task = with(running(&Value::from(containers)), &fields);
        let verdict = verdict(&TaskStateChange { last_status: Some(status.into()), ..task });
        prop_assert_eq!((verdict.cause, verdict.verdict), (NotStopped, Decision::Quiet));
    }

    #[test]
    fn a_failed_container_of_a_running_task_is_low_whatever_else_is_there(
        mut containers in prop::collection::vec(alive(), 0..4),
        code in prop_oneof![Just(Value::Null), (1_i64..400).prop_map(Value::from)],
        place in 0_usize..4,
        fields in prop::collection::hash_map(prop::sample::select(vec!["group", "startedBy", "stoppedReason",
            "startedAt", "updatedAt", "version", "taskArn", "clusterArn"]), anything(), 0..6),
    ) {
        let failed = json!({"name": "log", "lastStatus": "STOPPED", "exitCode": code});
        containers.insert(place.min(containers.len()), failed);
        let fields: Vec<_> = fields.into_iter().collect();
        let verdict = verdict(&with(running(&Value::from(containers)), &fields));
        prop_assert_eq!((verdict.cause, verdict.severity), (ContainerExited, Severity::Low));
        prop_assert_eq!(verdict.container.as_deref(), Some("log"));
    }
}
