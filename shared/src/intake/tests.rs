//! Payloads of every shape, most of them written by `aws_lambda_events`, the types AWS users know.

use aws_lambda_events::event::{sns, sqs};
use serde_json::{Value, json};

use super::{AUTO_SCALING_NOTIFICATION, Payload, read};
use crate::event::{Detail, Event};

fn event(id: &str) -> Value {
    json!({"id": id, "detail-type": "ECS Task State Change", "source": "aws.ecs", "account": "111122223333",
           "region": "eu-west-1", "time": "2026-05-01T10:00:00Z", "resources": [],
           "detail": {"lastStatus": "STOPPED", "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/c/{id}")}})
}

pub(super) fn read_json(value: &Value) -> Payload {
    read(value.to_string().as_bytes())
}

/// Event ids (or `!problem`) with the message they came in.
fn summary(payload: &Payload) -> Vec<(String, Option<&str>)> {
    let name = |content: &Result<Event, super::Unreadable>| match content {
        Ok(event) => event.envelope.id.as_deref().unwrap_or(event.kind()).to_owned(),
        Err(unreadable) => format!("!{unreadable}"),
    };
    payload.records.iter().map(|record| (name(&record.content), record.message_id.as_deref())).collect()
}

pub(super) fn sqs_message(id: &str, body: String) -> sqs::SqsMessage {
    let mut message = sqs::SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.event_source = Some("aws:sqs".to_owned());
    message.body = Some(body);
    message
}

pub(super) fn sqs_event(messages: Vec<sqs::SqsMessage>) -> Value {
    let mut event = sqs::SqsEvent::default();
    event.records = messages;
    serde_json::to_value(event).expect("an SQS event serialises")
}

pub(super) fn notification(message: &Value) -> Value {
    json!({"Type": "Notification", "MessageId": "n", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
           "Message": message.to_string(), "Timestamp": "2026-05-01T10:00:00Z"})
}

#[test]
fn a_raw_event_a_list_and_a_stringified_event() {
    assert_eq!(summary(&read_json(&event("a"))), [("a".to_owned(), None)]);
    let list = read_json(&json!([event("a"), 7, event("b")]));
    let want = [("a", None), ("![1]: is a bare value, not an event", None), ("b", None)];
    assert_eq!(summary(&list), want.map(|(name, id)| (name.to_owned(), id)));
    assert_eq!(summary(&read_json(&Value::String(event("a").to_string()))), [("a".to_owned(), None)]);
}

#[test]
fn an_sqs_batch_keeps_the_message_of_each_record() {
    let batch = sqs_event(vec![
        sqs_message("m1", event("a").to_string()),
        sqs_message("m2", "{broken".to_owned()),
        sqs_message("m3", notification(&event("c")).to_string()),
        sqs_message("m4", json!([event("d"), event("e")]).to_string()),
    ]);
    let payload = read_json(&batch);
    let found = summary(&payload);
    let ids: Vec<_> =
        found.iter().map(|(name, id)| (name.split(" at ").next().expect("a name"), *id)).collect();
    let broken = "!Records[1].body: is not JSON we can read: key must be a string";
    assert_eq!(
        ids,
        [("a", Some("m1")), (broken, Some("m2")), ("c", Some("m3")), ("d", Some("m4")), ("e", Some("m4"))]
    );
}

#[test]
fn sns_to_lambda_in_the_words_of_aws_lambda_events_and_with_an_odd_timestamp() {
    let template = json!({"Records": [{"EventVersion": "1.0", "EventSource": "aws:sns", "EventSubscriptionArn": "arn",
        "Sns": {"Type": "Notification", "MessageId": "n", "TopicArn": "arn", "Message": event("a").to_string(),
                "Timestamp": "2026-05-01T10:00:00Z", "SignatureVersion": "1", "Signature": "s",
                "SigningCertUrl": "https://sns.example/x.pem", "UnsubscribeUrl": "https://sns.example/u",
                "MessageAttributes": {}}}]});
    let typed: sns::SnsEvent =
        serde_json::from_value(template.clone()).expect("their type reads the template");
    let payload = read_json(&serde_json::to_value(typed).expect("it serialises"));
    assert_eq!(summary(&payload), [("a".to_owned(), None)]);

    let mut odd = template;
    odd["Records"][0]["Sns"]["Timestamp"] = json!("yesterday");
    assert!(serde_json::from_value::<sns::SnsEvent>(odd.clone()).is_err(), "their type refuses it");
    assert_eq!(summary(&read_json(&odd)), [("a".to_owned(), None)], "ours reads it");
}

#[test]
fn an_envelope_their_type_refuses_is_read() {
    let trimmed = json!({"detail-type": "ECS Task State Change", "detail": {"stoppedReason": "x"}});
    let theirs = serde_json::from_value::<aws_lambda_events::event::eventbridge::EventBridgeEvent<Value>>(
        trimmed.clone(),
    );
    assert!(theirs.is_err(), "their type wants a source");
    assert_eq!(summary(&read_json(&trimmed)), [("ECS Task State Change".to_owned(), None)]);
}

#[test]
fn what_the_command_line_tools_print() {
    let received = json!({"Messages": [{"MessageId": "x", "Body": event("a").to_string()}]});
    assert_eq!(summary(&read_json(&received)), [("a".to_owned(), None)]);
    let described = json!({"tasks": [{"taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/c/1", "lastStatus": "STOPPED"}], "failures": []});
    let payload = read_json(&described);
    let event = payload.records[0].content.as_ref().expect("a task");
    assert_eq!(event.envelope.region.as_deref(), Some("eu-west-1"), "from the ARN");
    assert!(matches!(event.detail, Detail::Task(_)));
}

#[test]
fn other_detail_types_and_notifications_are_named() {
    let other = json!({"detail-type": "ECS Service Action", "detail": {"eventName": "SERVICE_STEADY_STATE"}});
    assert_eq!(summary(&read_json(&other)), [("ECS Service Action".to_owned(), None)]);
    let launched = json!({"Event": "autoscaling:EC2_INSTANCE_LAUNCH", "EC2InstanceId": "i-1"});
    assert_eq!(summary(&read_json(&launched)), [(AUTO_SCALING_NOTIFICATION.to_owned(), None)]);
}

#[test]
fn what_cannot_be_read_says_where_and_why() {
    for (payload, want) in [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("nonsense", "is not JSON we can read: expected ident at line 1 column 2"),
        ("42", "is a bare value, not an event"),
        ("null", "is a bare value, not an event"),
        (r#"{"a":1}"#, "is no event: it has no detail-type and nothing of a task or a message"),
        (r#"{"detail":"x"}"#, "has no detail-type, and its detail is text"),
        (r#"{"detail-type":"ECS Task State Change"}"#, "has no detail"),
        (r#"{"detail-type":"ECS Task State Change","detail":[1]}"#, "its detail is a list, not an object"),
        (
            r#"{"Records":[{"s3":{}}]}"#,
            "Records[0]: is no event: it has no detail-type and nothing of a task or a message",
        ),
        (
            r#"{"detail":{"version":1,"version":2}}"#,
            "is not JSON we can read: duplicate field `version` at line 1 column 32",
        ),
    ] {
        let found = read(payload.as_bytes());
        let unreadable = found.records[0].content.as_ref().expect_err(payload);
        assert_eq!(unreadable.to_string(), want, "{payload}");
    }
    assert!(read(b"\xff\xfe{}").records[0].content.is_err(), "bytes that are no text");
    assert!(read(br#"{"Records":[]}"#).records.is_empty(), "an empty batch holds nothing");
}

#[test]
fn wrapping_without_end_is_refused_not_followed() {
    let mut payload = event("a");
    for _ in 0..40 {
        payload = json!({ "Message": payload });
    }
    let found = read_json(&payload);
    assert_eq!(found.records.len(), 1);
    assert!(found.records[0].content.as_ref().expect_err("too deep").problem.contains("wrapped"));
}

#[test]
fn a_message_is_named_by_its_outermost_id_and_by_no_other() {
    let inner = json!({"messageId": "inner", "body": event("a").to_string()});
    let batch =
        json!({"Records": [{"messageId": "m1", "eventSource": "aws:sqs", "body": inner.to_string()}]});
    assert_eq!(summary(&read_json(&batch)), [("a".to_owned(), Some("m1"))]);
    let topic = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": inner.to_string()}}]});
    assert_eq!(summary(&read_json(&topic)), [("a".to_owned(), None)], "nobody could deliver `inner` again");
    assert_eq!(
        summary(&read_json(&json!([inner]))),
        [("a".to_owned(), Some("inner"))],
        "a pipe's list of messages"
    );
}

#[test]
fn a_message_without_a_usable_body_fails_alone() {
    for record in [
        r#"{"messageId":"m1","body":null}"#,
        r#"{"messageId":"m1"}"#,
        r#"{"messageId":"m1","body":"a","body":"b"}"#,
    ] {
        let payload = read(format!(r#"{{"Records":[{record}]}}"#).as_bytes());
        assert_eq!(payload.records.len(), 1);
        assert_eq!(
            (payload.records[0].message_id.as_deref(), payload.records[0].content.is_err()),
            (Some("m1"), true),
            "{record}"
        );
    }
}

#[test]
fn a_task_is_judged_under_any_name() {
    for name in ["ECS Task State Change ", "ecs task state change", "ECS Task State Change (forwarded)"] {
        let mut event = event("a");
        event["detail-type"] = json!(name);
        let payload = read_json(&event);
        assert!(
            matches!(payload.records[0].content.as_ref().expect("an event").detail, Detail::Task(_)),
            "{name}"
        );
    }
}
