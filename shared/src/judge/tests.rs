//! Judging as a whole: what holds for every finding, and for every event there can be.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::rules::testing::{fresh, task, verdict};
use super::{Cause, Context, Decision, Severity, judge};
use crate::event::{Detail, TaskStateChange, Timestamp};
use crate::policy::Policy;

fn policy(text: &str) -> Policy {
    Policy::parse(text).expect("a policy")
}

#[test]
fn a_verdict_carries_what_a_tired_person_needs() {
    let verdict = verdict(&task(
        "service:web",
        "EssentialContainerExited",
        "Essential container in task exited",
        &[("app", Some(1), "")],
    ));
    assert_eq!(verdict.verdict, Decision::Alert);
    assert_eq!(
        verdict.summary,
        "Service web on harbor failed: app ended with exit code 1 (a general error)."
    );
    assert_eq!(verdict.fingerprint, "harbor/web/application-exit/app/1");
    assert_eq!(
        verdict.evidence,
        [
            "stopCode EssentialContainerExited",
            "stoppedReason: Essential container in task exited",
            "container app: exit code 1 (a general error)"
        ]
    );
}

#[test]
fn a_job_that_is_retried_by_its_owner_is_low() {
    let containers = [("default", Some(1), "")];
    let mut batch = task("family:x", "EssentialContainerExited", "", &containers);
    batch.cluster_arn = Some("arn:aws:ecs:eu-west-1:111122223333:cluster/AWSBatch-nightly_Batch_0a".into());
    assert_eq!(verdict(&batch).severity, Severity::Low);
    let mut step = task("family:x", "EssentialContainerExited", "", &containers);
    step.started_by = Some("AWS Step Functions".into());
    assert_eq!((verdict(&step).cause, verdict(&step).severity), (Cause::ApplicationExit, Severity::Low));
}

#[test]
fn the_policy_has_the_last_word() {
    let event =
        task("service:web", "EssentialContainerExited", "", &[("app", Some(3), ""), ("envoy", Some(1), "")]);
    let judged = |text: &str| {
        let verdict = judge(&event, &policy(text), &fresh());
        (verdict.cause, verdict.severity)
    };
    assert_eq!(judged(""), (Cause::ApplicationExit, Severity::Medium));
    let rule = "[[rule]]\nservice = 'w*'\n";
    assert_eq!(
        judged(&format!("{rule}severity = {{ application-exit = 'high' }}")),
        (Cause::ApplicationExit, Severity::High)
    );
    assert_eq!(judged(&format!("{rule}severity = {{ application-exit = 'info' }}")).1, Severity::Info);
    assert_eq!(judged(&format!("{rule}expected-exit-codes = [1, 3]")), (Cause::Completed, Severity::Info));
    assert_eq!(
        judged(&format!("{rule}expected-exit-codes = [3]\nsidecars = ['envoy']")),
        (Cause::Completed, Severity::Info)
    );
    let done = task("service:web", "EssentialContainerExited", "", &[("app", Some(0), "")]);
    let expecting = policy(&format!("{rule}expected-exit-codes = [0]"));
    assert_eq!(judge(&done, &expecting, &fresh()).cause, Cause::Completed, "a service that is meant to end");
    assert_eq!(judged(&format!("{rule}quiet = 'a demo service'")).1, Severity::Info);
    assert_eq!(judged("[[rule]]\nservice = 'other'\nquiet = 'x'").1, Severity::Medium, "another service");
}

#[test]
fn a_mute_ends_by_itself() {
    let event = task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]);
    let mute = policy("[[mute]]\nservice = 'web'\nuntil = 2026-11-23T08:00:00Z\nreason = 'migration'");
    let at = |text: &str| {
        let context = Context {
            now: Timestamp::parse(text).expect("a time"),
            last_version: None,
            background: None,
            known_ends: &[],
        };
        judge(&event, &mute, &context)
    };
    let muted = at("2026-11-23T07:59:59Z");
    assert_eq!((muted.cause, muted.severity), (Cause::ApplicationExit, Severity::Info));
    assert!(muted.evidence.last().expect("a reason").contains("migration"), "silence has a reason");
    assert_eq!(at("2026-11-23T08:00:00Z").severity, Severity::Medium);
}

/// Any JSON value, nested a little.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(field(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Words that matter to the rules, and some that do not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "STOPPED",
            "RUNNING",
            "EssentialContainerExited",
            "UserInitiated",
            "ServiceSchedulerInitiated",
            "SpotInterruption",
            "TaskFailedToStart",
            "NewCode",
            "service:web",
            "family:job",
            "ecs-svc/1",
            "Scaling activity initiated by (deployment ecs-svc/1)",
            "Essential container in task exited",
            "OutOfMemoryError: x",
            "CannotPullContainerError: x",
            "autoscaling:EC2_INSTANCE_TERMINATING",
            "autoscaling:TEST_NOTIFICATION",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b",
            "arn:aws:ecs:eu-west-1:111122223333:service/harbor/web",
            "SERVICE_TASK_PLACEMENT_FAILURE",
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "RESOURCE:CPU",
            "INFO",
            "2026-05-01T10:00:00Z",
            "137",
            "0",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

/// Names of fields, known and unknown.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "detail",
            "detail-type",
            "Records",
            "Messages",
            "body",
            "Body",
            "Sns",
            "Message",
            "tasks",
            "lastStatus",
            "stopCode",
            "stoppedReason",
            "containers",
            "exitCode",
            "reason",
            "name",
            "group",
            "startedBy",
            "version",
            "taskArn",
            "stoppingAt",
            "executionStoppedAt",
            "LifecycleTransition",
            "Event",
            "EC2InstanceId",
            "NotificationMetadata",
            "resources",
            "instance-id",
            "agentConnected",
            "runningTasksCount",
            "eventName",
            "eventType",
            "createdAt",
            "containerInstanceArns",
            "serviceArn",
            "eventSource",
            "messageId",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,6}",
    ]
}

/// A stopped task of arbitrary codes and texts.
fn stopped_task() -> impl Strategy<Value = Value> {
    let container = (prop::option::of(-3i64..300), text(), text())
        .prop_map(|(code, name, reason)| json!({"name": name, "exitCode": code, "reason": reason}));
    (text(), text(), text(), prop::collection::vec(container, 0..4)).prop_map(|(group, code, reason, containers)| {
        json!({"lastStatus": "STOPPED", "group": group, "stopCode": code, "stoppedReason": reason, "containers": containers})
    })
}

/// Keys of every object in reverse, with a field of the future in each.
fn shuffled(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut parts: Vec<_> = map
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), shuffled(value)))
                .collect();
            parts.insert(parts.len() / 2, r#""ofTheFuture":{"stopCode":[1],"exitCode":0}"#.to_owned());
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(shuffled).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Intake and judge over a text, as the functions do it.
fn judge_text(text: &str) -> Vec<super::Verdict> {
    let records = crate::intake::read(text.as_bytes()).records;
    records
        .iter()
        .map(|record| match &record.content {
            Ok(event) => match &event.detail {
                Detail::Task(task) => judge(task, &Policy::default(), &fresh()),
                Detail::Service(event) => {
                    let context = super::service::Context { now: fresh().now, was_seen: false };
                    super::service::judge(event, &Policy::default(), context)
                }
                Detail::Lifecycle(_)
                | Detail::TestNotification
                | Detail::SpotWarning(_)
                | Detail::ContainerInstance(_)
                | Detail::InstanceHealth(_)
                | Detail::InstanceState(_)
                | Detail::Rebalance(_)
                | Detail::HealthNotice(_)
                | Detail::Tick
                | Detail::Other { .. } => super::unknown_event(event),
            },
            Err(unreadable) => super::unreadable_event(unreadable),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(768) })]

    #[test]
    fn no_json_value_makes_intake_or_judge_panic(value in any_json()) {
        judge_text(&value.to_string());
        for kind in [
            "ECS Task State Change",
            "EC2 Instance-terminate Lifecycle Action",
            "EC2 Spot Instance Interruption Warning",
            "ECS Container Instance State Change",
            "ECS Service Action",
            "ECS Deployment State Change",
            "ECS Daemon Service Action",
            "ECS Hook State Change",
            "Scheduled Event",
        ] {
            let event = json!({"detail-type": kind, "detail": value, "resources": value});
            prop_assert_eq!(judge_text(&event.to_string()).len(), 1);
        }
        let raw = json!({"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                         "NotificationMetadata": value, "EC2InstanceId": value});
        prop_assert_eq!(judge_text(&raw.to_string()).len(), 1);
    }

    #[test]
    fn no_bytes_make_intake_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = crate::intake::read(&bytes);
    }

    #[test]
    fn a_missing_exit_code_is_never_success(mut value in stopped_task(), code in prop::sample::select(vec!["EssentialContainerExited", "", "TaskFailedToStart"])) {
        value["stopCode"] = json!(code);
        value["stoppedReason"] = json!("");
        for container in value["containers"].as_array_mut().expect("a list") {
            container["exitCode"] = Value::Null;
        }
        let task: TaskStateChange = serde_json::from_value(value).expect("lenient");
        prop_assert!(verdict(&task).is_alert());
    }

    #[test]
    fn an_unknown_stop_code_is_never_quiet(mut value in stopped_task(), code in "[A-Z][a-z]{3,9}Of20[3-9][0-9]") {
        value["stopCode"] = json!(code);
        let task: TaskStateChange = serde_json::from_value(value).expect("lenient");
        prop_assert!(verdict(&task).is_alert());
    }

    #[test]
    fn order_of_fields_and_unknown_fields_change_nothing(value in stopped_task()) {
        let event = json!({"detail-type": "ECS Task State Change", "detail": value});
        prop_assert_eq!(judge_text(&event.to_string()), judge_text(&shuffled(&event)));
    }

    #[test]
    fn quiet_is_info_and_info_is_quiet(value in stopped_task()) {
        let task: TaskStateChange = serde_json::from_value(value).expect("lenient");
        let verdict = verdict(&task);
        prop_assert_eq!(verdict.severity == Severity::Info, verdict.verdict == Decision::Quiet);
        prop_assert!(!verdict.summary.is_empty() && !verdict.evidence.is_empty() && !verdict.next_step.is_empty());
    }
}
