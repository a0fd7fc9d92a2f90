//! The kinds `instance-drain` and `service-monitor` are fed with: alone, wrapped, and of every odd shape.

use serde_json::{Value, json};

use crate::event::{Detail, Event, Timestamp};
use crate::intake::tests::{notification, read_json, sqs_event, sqs_message};
use crate::intake::{AUTO_SCALING_NOTIFICATION, Unreadable};

const TERMINATE: &str = "EC2 Instance-terminate Lifecycle Action";
const LAUNCH: &str = "EC2 Instance-launch Lifecycle Action";
const SPOT: &str = "EC2 Spot Instance Interruption Warning";
const CONTAINER_INSTANCE: &str = "ECS Container Instance State Change";

fn event(kind: &str, source: &str, detail: &Value) -> Value {
    json!({"version": "0", "id": "e", "detail-type": kind, "source": source, "account": "111122223333",
           "time": "2026-05-01T10:00:00Z", "region": "eu-west-1", "resources": [], "detail": detail})
}

fn action(transition: &str) -> Value {
    json!({"LifecycleActionToken": "t", "AutoScalingGroupName": "g", "LifecycleHookName": "h",
           "EC2InstanceId": "i-1", "LifecycleTransition": format!("autoscaling:{transition}")})
}

fn raw(transition: &str) -> Value {
    let mut raw = action(transition);
    for (key, value) in [
        ("Time", "2026-05-01T10:00:00.123Z"),
        ("AccountId", "111122223333"),
        ("RequestId", "r"),
        ("Service", "AWS Auto Scaling"),
    ] {
        raw[key] = json!(value);
    }
    raw
}

/// What ECS says of a service, which only the resources name.
fn of_service(kind: &str, resources: &[&str]) -> Value {
    let mut event = event(kind, "aws.ecs", &json!({"eventName": "A", "eventType": "INFO"}));
    let arn = |resource: &&str| format!("arn:aws:ecs:eu-west-1:111122223333:{resource}");
    event["resources"] = resources.iter().map(arn).collect();
    event
}

/// One of each kind.
fn one_of_each() -> Vec<Value> {
    let instance = json!({"ec2InstanceId": "i-1", "status": "DRAINING"});
    vec![
        event(TERMINATE, "aws.autoscaling", &action("EC2_INSTANCE_TERMINATING")),
        event(LAUNCH, "aws.autoscaling", &action("EC2_INSTANCE_LAUNCHING")),
        raw("EC2_INSTANCE_TERMINATING"),
        json!({"Event": "autoscaling:TEST_NOTIFICATION", "Time": "2026-05-01T10:00:00Z"}),
        event(SPOT, "aws.ec2", &json!({"instance-id": "i-1", "instance-action": "terminate"})),
        event(CONTAINER_INSTANCE, "aws.ecs", &instance),
        event("Scheduled Event", "aws.events", &json!({})),
        of_service("ECS Service Action", &["service/harbor/web"]),
        of_service("ECS Deployment State Change", &["service/web"]),
        of_service("ECS Hook State Change", &["cluster/x", "service-deployment/harbor/web/0a1b"]),
        of_service("ECS Daemon Deployment State Change", &["daemon/harbor/agent"]),
        of_service("ECS Daemon Service Action", &["task/harbor/0a1b"]),
        event("Of The Future", "aws.ecs", &json!({"status": "DRAINING"})),
    ]
}

const NAMES: [&str; 13] = [
    "lifecycle i-1 ends",
    "lifecycle i-1",
    "lifecycle i-1 ends",
    "test",
    "spot i-1",
    "instance i-1",
    "tick",
    "service web",
    "service web",
    "service web",
    "service agent",
    "service -",
    "other",
];

/// What an event was read as.
fn name(content: &Result<Event, Unreadable>) -> String {
    let id = |id: &Option<Box<str>>| id.as_deref().unwrap_or("-").to_owned();
    match content {
        Err(unreadable) => format!("!{unreadable}"),
        Ok(event) => match &event.detail {
            Detail::Task(_) => "task".to_owned(),
            Detail::Lifecycle(action) => {
                let ends = if action.is_terminating() { " ends" } else { "" };
                format!("lifecycle {}{ends}", id(&action.ec2_instance_id))
            }
            Detail::TestNotification => "test".to_owned(),
            Detail::SpotWarning(warning) => format!("spot {}", id(&warning.instance_id)),
            Detail::InstanceHealth(health) => format!("health {}", id(&health.ec2_instance_id)),
            Detail::InstanceState(state) => format!("state {}", id(&state.instance_id)),
            Detail::Rebalance(state) => format!("rebalance {}", id(&state.instance_id)),
            Detail::HealthNotice(notice) => format!("notice {}", id(&notice.service)),
            Detail::ContainerInstance(change) => format!("instance {}", id(&change.ec2_instance_id)),
            Detail::Tick => "tick".to_owned(),
            Detail::Service(event) => format!("service {}", event.service().unwrap_or("-")),
            Detail::Other { .. } => "other".to_owned(),
        },
    }
}

/// What the only event of a payload was read as.
fn read_as(payload: &Value) -> String {
    let records = read_json(payload).records;
    assert_eq!(records.len(), 1, "{payload}");
    name(&records[0].content)
}

fn only_event(payload: &Value) -> Event {
    let mut records = read_json(payload).records;
    records.pop().expect("a record").content.expect("an event")
}

#[test]
fn each_kind_is_read_alone_and_in_every_wrapper() {
    let events = one_of_each();
    let to_lambda = |event: &Value| json!({"EventSource": "aws:sns", "Sns": {"Message": event.to_string()}});
    let batch =
        |body: fn(&Value) -> String| sqs_event(events.iter().map(|e| sqs_message("m", body(e))).collect());
    for (wrapper, payload) in [
        ("a list", json!(events)),
        ("SQS", batch(Value::to_string)),
        ("SNS in SQS", batch(|event| notification(event).to_string())),
        ("a list in SQS", batch(|event| json!([event]).to_string())),
        ("text in SNS in SQS", batch(|event| notification(&json!(event.to_string())).to_string())),
        ("SNS", json!({"Records": events.iter().map(to_lambda).collect::<Vec<_>>()})),
    ] {
        let found: Vec<_> = read_json(&payload).records.iter().map(|record| name(&record.content)).collect();
        assert_eq!(found, NAMES, "{wrapper}");
    }
    for (event, want) in events.iter().zip(NAMES) {
        assert_eq!(read_as(event), want);
    }
}

#[test]
fn a_detail_type_is_known_in_any_case_and_kept_as_it_was_sent() {
    for (event, want) in one_of_each().into_iter().zip(NAMES) {
        let Some(kind) = event["detail-type"].as_str() else { continue };
        for sent in [format!(" {kind} "), kind.to_uppercase(), kind.to_lowercase()] {
            let mut renamed = event.clone();
            renamed["detail-type"] = json!(sent);
            assert_eq!(read_as(&renamed), want, "{sent}");
            assert_eq!(only_event(&renamed).kind(), sent);
        }
    }
}

#[test]
fn a_lifecycle_action_or_a_service_event_without_an_object_for_its_detail_is_told() {
    for (detail, want) in [
        (json!(null), "!has no detail"),
        (json!("{}"), "!its detail is text, not an object"),
        (json!([action("EC2_INSTANCE_TERMINATING")]), "!its detail is a list, not an object"),
        (json!(7), "!its detail is a number, not an object"),
        (json!({}), "lifecycle -"),
    ] {
        for kind in [TERMINATE, LAUNCH] {
            assert_eq!(read_as(&event(kind, "aws.autoscaling", &detail)), want, "{kind}");
        }
        let want = want.replace("lifecycle", "service");
        assert_eq!(read_as(&event("ECS Service Action", "aws.ecs", &detail)), want);
    }
    assert_eq!(read_as(&json!({"detail-type": TERMINATE})), "!has no detail");
    let twice = r#"{"detail-type":"EC2 Instance-terminate Lifecycle Action","detail":{"EC2InstanceId":"i-1","EC2InstanceId":"i-2"}}"#;
    let records = crate::intake::read(twice.as_bytes()).records;
    let told = name(&records[0].content);
    assert!(told.starts_with("!is not JSON we can read: duplicate field `EC2InstanceId`"), "{told}");
}

#[test]
fn the_other_kinds_may_say_nothing() {
    for (kind, source, want) in [
        (SPOT, "aws.ec2", "spot -"),
        (CONTAINER_INSTANCE, "aws.ecs", "instance -"),
        ("Scheduled Event", "aws.scheduler", "tick"),
    ] {
        for detail in [json!(null), json!("{}"), json!([]), json!(7), json!({})] {
            assert_eq!(read_as(&event(kind, source, &detail)), want, "{detail}");
        }
    }
}

#[test]
fn somebody_elses_scheduled_event_is_no_tick() {
    assert_eq!(read_as(&event("Scheduled Event", "shop.calendar", &json!({}))), "other");
    assert_eq!(read_as(&json!({"detail-type": "Scheduled Event"})), "tick");
}

#[test]
fn a_spot_warning_names_its_instance_in_the_detail_or_in_the_resources() {
    let arn = |id: &str| format!("arn:aws:ec2:eu-west-1:111122223333:instance/{id}");
    for (id, resources, want) in [
        (json!("i-1"), json!([arn("i-2")]), "spot i-1"),
        (json!(null), json!([arn("i-2"), arn("i-3")]), "spot i-2"),
        (json!(["i-1"]), json!([7, null, "x", arn("i-2")]), "spot i-2"),
        (json!(""), json!(arn("i-2")), "spot i-2"),
        (json!(null), json!(["arn:aws:ec2:eu-west-1:instance/i-2"]), "spot i-2"),
        (json!(null), json!([]), "spot -"),
        (json!(null), json!({"a": arn("i-2")}), "spot -"),
        (json!(null), json!(null), "spot -"),
    ] {
        let mut event = event(SPOT, "aws.ec2", &json!({"instance-id": id, "instance-action": "stop"}));
        event["resources"] = resources;
        assert_eq!(read_as(&event), want, "{event}");
    }
}

#[test]
fn what_auto_scaling_sends_itself() {
    let test = "autoscaling:TEST_NOTIFICATION";
    let hand_made = json!({"Event": test, "LifecycleTransition": test, "LifecycleActionToken": "t", "EC2InstanceID": "i-1"});
    for (payload, want) in [
        (raw("EC2_INSTANCE_TERMINATING"), "lifecycle i-1 ends"),
        (action("EC2_INSTANCE_TERMINATING"), "lifecycle i-1 ends"),
        (raw("EC2_INSTANCE_LAUNCHING"), "lifecycle i-1"),
        (raw("OF_THE_FUTURE"), "lifecycle i-1"),
        (json!({"LifecycleTransition": 7}), "lifecycle -"),
        (json!({"Event": test}), "test"),
        (json!({"LifecycleTransition": test}), "test"),
        (hand_made, "test"),
        (json!({"Event": "autoscaling:EC2_INSTANCE_LAUNCH", "EC2InstanceId": "i-1"}), "other"),
        (json!({"Event": "autoscaling:EC2_INSTANCE_TERMINATE", "EC2InstanceId": "i-1"}), "other"),
        (json!({"LifecycleTransition": ["autoscaling:EC2_INSTANCE_TERMINATING"]}), "other"),
    ] {
        assert_eq!(read_as(&payload), want, "{payload}");
        assert_eq!(only_event(&payload).kind(), AUTO_SCALING_NOTIFICATION, "{payload}");
    }
    let untold = json!({"LifecycleActionToken": "t", "EC2InstanceId": "i-1"});
    assert!(read_as(&untold).starts_with("!is no event"), "nothing says what it is");
}

#[test]
fn the_envelope_comes_from_whatever_says_it() {
    let event = only_event(&raw("EC2_INSTANCE_TERMINATING"));
    assert_eq!(event.envelope.account.as_deref(), Some("111122223333"));
    assert_eq!(event.at(), Timestamp::parse("2026-05-01T10:00:00.123Z"));
    let arn = "arn:aws:ecs:eu-north-1:111122223333:container-instance/harbor/0a";
    let bare = json!({"detail-type": CONTAINER_INSTANCE, "detail": {"containerInstanceArn": arn}});
    assert_eq!(only_event(&bare).envelope.region.as_deref(), Some("eu-north-1"));
}
