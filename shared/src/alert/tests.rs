//! What subscribers get, word by word, and the limits of every form for any input.

mod secrets;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::deployment::Relation;
use super::details::{DeploymentNote, Memory};
use super::limits::{LINE_CHARS, MESSAGE_BYTES, SUBJECT_CHARS};
use super::{
    Alert, Archive, Details, HttpsBody, LogLine, LogStream, Message, Subject, chat, structured, text,
};
use crate::event::{Detail, Timestamp};
use crate::judge::{Context, judge};
use crate::policy::Policy;

fn alert_of(event: &Value) -> Alert {
    let record = crate::intake::read(event.to_string().as_bytes()).records.remove(0);
    let event = record.content.expect("an event");
    let Detail::Task(task) = &event.detail else { panic!("a task") };
    let context =
        Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] };
    Alert::new(judge(task, &Policy::default(), &context), Subject::of(&event))
}

fn event() -> Value {
    json!({"id": "6f1c", "detail-type": "ECS Task State Change", "account": "111122223333", "region": "eu-west-1",
        "detail": {
            "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "lastStatus": "STOPPED",
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor", "group": "service:web",
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:42",
            "launchType": "FARGATE", "availabilityZone": "eu-west-1b", "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "startedAt": "2026-05-01T06:55:00Z", "executionStoppedAt": "2026-05-01T10:00:00Z",
            "stoppingAt": "2026-05-01T10:00:04Z", "stoppedAt": "2026-05-01T10:00:20Z",
            "containers": [{"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
                           {"name": "envoy", "exitCode": 143}]}})
}

/// Details with every part.
fn details() -> Details {
    let at = Timestamp::parse("2026-05-01T09:59:58Z");
    Details {
        log_lines: vec![LogLine::new(at, "render: 480 MiB of tiles"), LogLine::new(None, "a `tick` <!here>")],
        log_stream: Some(LogStream {
            group: "/ecs/web".into(),
            stream: "web/app/0a1b".into(),
            region: Some("eu-west-1".into()),
        }),
        image: Some("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4".into()),
        image_digest: Some("sha256:0a1b2c".into()),
        revision: Some("web:42".into()),
        deployment: Some(DeploymentNote {
            relation: Relation::NewTask,
            since: Timestamp::parse("2026-05-01T09:50:00Z"),
            failed_tasks: Some(3),
        }),
        memory: Memory {
            container_limit_mib: Some(512),
            task_limit_mib: Some(1024),
            peak_mib: None,
            peak_percent: Some(97),
        },
        archives: Vec::new(),
        missing: vec!["memory peak: throttled".into()],
    }
}

/// Logs of a host, with a text in every field.
fn archive(text: &str) -> Archive {
    let text = || text.to_owned();
    Archive { instance: text(), bucket: text(), key: text(), state: text() }
}

#[test]
fn every_form_says_where_the_logs_of_a_host_are() {
    let archives = vec![Archive {
        instance: "i-0a".into(),
        bucket: "harbor-logs".into(),
        key: "harbor/i-0a/1.tgz".into(),
        state: "being collected until 10:20".into(),
    }];
    let alert = alert_of(&event()).with_details(Details { archives, ..Details::default() });
    let line = "i-0a being collected until 10:20: s3://harbor-logs/harbor/i-0a/1.tgz";
    let url = "https://eu-west-1.console.aws.amazon.com/s3/object/harbor-logs?prefix=harbor%2Fi-0a%2F1.tgz";
    let body = text::body(&alert);
    assert!(body.contains(&format!("\nLogs of the host\n  - {line}\n")), "{body}");
    assert!(body.contains(&format!("  archive  {url}\n")), "{body}");
    let data: Value = serde_json::from_str(&structured::json(&alert)).expect("JSON");
    assert_eq!(data["links"]["archive"], url);
    assert_eq!(
        data["details"]["archives"],
        json!([{"instance": "i-0a", "uri": "s3://harbor-logs/harbor/i-0a/1.tgz", "state": "being collected until 10:20"}])
    );
    let chat = chat::json(&alert);
    assert!(
        chat.contains(line) && chat.contains(&format!("<{url}|Open the archive in the console>")),
        "{chat}"
    );
}

#[test]
fn the_mail_tells_what_is_known_beyond_the_event() {
    let body = text::body(&alert_of(&event()).with_details(details()));
    let from = body.find("Revision").expect("the rows");
    let to = body.find("Links").expect("the links");
    assert_eq!(
        &body[from..to],
        "\
Revision   web:42
Image      111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4 (sha256:0a1b2c)
Deployment new task of the deployment in progress, deployed 2026-05-01T09:50:00Z, 3 failed tasks
Memory     container limit 512 MiB, task limit 1024 MiB; peak in the hour before: 97 % of the service's reservation

Why we think so
  - stopCode EssentialContainerExited
  - stoppedReason: Essential container in task exited
  - container app: exit code 137 (SIGKILL), reason: OutOfMemoryError: Container killed due to memory usage
  - container envoy: exit code 143 (SIGTERM)

Last log lines of app
  2026-05-01T09:59:58Z render: 480 MiB of tiles
  a `tick` <!here>

Not to be had
  - memory peak: throttled

Look first
  Compare the container's memory limit with its use before the kill; raise the limit or find the leak.

"
    );
    let logs = "#logsV2:log-groups/log-group/$252Fecs$252Fweb/log-events/web$252Fapp$252F0a1b\n";
    assert!(
        body.contains("  logs     https://eu-west-1.console.aws.amazon.com/cloudwatch/home")
            && body.contains(logs)
    );
}

#[test]
fn machines_and_chats_get_the_details_too() {
    let alert = alert_of(&event()).with_details(details());
    let data: Value = serde_json::from_str(&structured::json(&alert)).expect("JSON");
    let logs = &data["links"]["logs"];
    assert!(logs.as_str().is_some_and(|url| url.contains("logsV2")), "{logs}");
    assert_eq!(
        data["details"],
        json!({
            "logLines": [{"at": "2026-05-01T09:59:58Z", "text": "render: 480 MiB of tiles"},
                         {"at": null, "text": "a `tick` <!here>"}],
            "logGroup": "/ecs/web", "logStream": "web/app/0a1b",
            "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4", "imageDigest": "sha256:0a1b2c",
            "revision": "web:42", "deployment": "new-task", "deploymentSince": "2026-05-01T09:50:00Z",
            "deploymentFailedTasks": 3, "containerMemoryMib": 512, "taskMemoryMib": 1024,
            "memoryPeakMib": null, "memoryPeakPercent": 97, "archives": [], "missing": ["memory peak: throttled"],
        })
    );
    let chat: Value = serde_json::from_str(&chat::json(&alert)).expect("JSON");
    let description = chat["content"]["description"].as_str().expect("text");
    assert!(description.ends_with("```\nrender: 480 MiB of tiles\na 'tick' <!here>\n```"), "{description}");
    assert!(description.contains("• deployment: `new task of the deployment in progress"), "{description}");
    let many = Details {
        log_lines: (0..20).map(|n| LogLine::new(None, &format!("line {n}"))).collect(),
        ..details()
    };
    let chat = chat::json(&alert.with_details(many));
    assert!(
        chat.contains("line 15") && chat.contains("line 19") && !chat.contains("line 14"),
        "the last five"
    );
}

#[test]
fn a_subject_names_what_an_event_that_is_no_task_names() {
    let arn = "arn:aws-cn:ecs:cn-north-1:111122223333:container-instance/harbor/0a1b";
    for (payload, kind, want) in [
        (
            json!({"detail-type": "ECS Container Instance State Change", "detail": {"containerInstanceArn": arn}}),
            "ECS Container Instance State Change",
            [Some("aws-cn"), Some("cn-north-1"), Some("harbor"), Some("0a1b")],
        ),
        (
            json!({"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "EC2InstanceId": "i-1"}),
            "Auto Scaling notification",
            [None; 4],
        ),
    ] {
        let record = crate::intake::read(payload.to_string().as_bytes()).records.remove(0);
        let subject = Subject::of(&record.content.expect("an event"));
        let found = [&subject.partition, &subject.region, &subject.cluster, &subject.container_instance];
        assert_eq!(found.map(Option::as_deref), want, "{kind}");
        assert_eq!(subject.detail_type.as_deref(), Some(kind));
    }
}

#[test]
fn the_mail_says_what_where_when_why_and_what_next() {
    let alert = alert_of(&event());
    assert_eq!(text::subject(&alert), "[high] out-of-memory: web on harbor");
    assert_eq!(
        text::body(&alert),
        "\
Service web on harbor ran out of memory in container app.

What     service web, container app, exit code 137
Where    cluster harbor, eu-west-1, account 111122223333, FARGATE, eu-west-1b
When     stopped 2026-05-01T10:00:20Z, had run 3 h 5 min since 2026-05-01T06:55:00Z
Task     arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b
Revision web:42

Why we think so
  - stopCode EssentialContainerExited
  - stoppedReason: Essential container in task exited
  - container app: exit code 137 (SIGKILL), reason: OutOfMemoryError: Container killed due to memory usage
  - container envoy: exit code 143 (SIGTERM)

Look first
  Compare the container's memory limit with its use before the kill; raise the limit or find the leak.

Links
  task     https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/harbor/tasks/0a1b/configuration?region=eu-west-1
  service  https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/harbor/services/web/events?region=eu-west-1
  cluster  https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/harbor/tasks?region=eu-west-1

high / out-of-memory, same incident: harbor/web/out-of-memory/app/137
"
    );
    assert_eq!(
        text::line(&alert),
        "HIGH out-of-memory: Service web on harbor ran out of memory in container app."
    );
}

#[test]
fn machines_get_fields() {
    let structured: Value = serde_json::from_str(&structured::json(&alert_of(&event()))).expect("JSON");
    for (field, want) in [
        ("schema", json!("ecs-steward.alert.v1")),
        ("cause", json!("out-of-memory")),
        ("severity", json!("high")),
        ("container", json!("app")),
        ("exitCode", json!(137)),
        ("cluster", json!("harbor")),
        ("ranForSeconds", json!(11_100)),
        ("containerInstance", Value::Null),
    ] {
        assert_eq!(structured[field], want, "{field}");
    }
}

#[test]
fn chat_gets_a_thread_and_no_markup_of_others() {
    let mut event = event();
    event["detail"]["containers"][0]["reason"] = json!("OutOfMemoryError: <!channel> `rm`");
    let chat: Value = serde_json::from_str(&chat::json(&alert_of(&event))).expect("JSON");
    assert_eq!((&chat["version"], &chat["source"]), (&json!("1.0"), &json!("custom")));
    assert_eq!(chat["metadata"]["threadId"], json!("harbor/web/out-of-memory/app/137"));
    let description = chat["content"]["description"].as_str().expect("text");
    assert!(
        description.contains(
            "• `container app: exit code 137 (SIGKILL), reason: OutOfMemoryError: <!channel> 'rm'`"
        ),
        "{description}"
    );
}

#[test]
fn a_message_has_a_body_for_each_protocol_and_attributes_to_filter_by() {
    let message = Message::of(&alert_of(&event()), HttpsBody::Chat);
    let bodies: Value = serde_json::from_str(&message.body).expect("JSON");
    let keys: Vec<_> = bodies.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["default", "email", "https", "sms"]);
    assert!(bodies["default"].as_str().expect("text").starts_with('{'), "machines get JSON");
    let attributes: Vec<_> = message.attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let want = [
        ("severity", "high"),
        ("cause", "out-of-memory"),
        ("verdict", "alert"),
        ("notice", "alert"),
        ("cluster", "harbor"),
        ("service", "web"),
        ("family", "web"),
    ];
    assert_eq!(attributes, want);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_input_breaks_the_limits(
        seed in "\\PC{1,20}|[\u{0}-\u{20}\u{202e}\u{fffe}\"\\\\🚢漢]{1,20}",
        times in 1usize..3000,
        containers in 0usize..12,
    ) {
        let long = seed.repeat(times);
        let mut event = event();
        event["detail"]["stoppedReason"] = json!(long);
        event["detail"]["group"] = json!(format!("service:{long}"));
        event["detail"]["clusterArn"] = json!(long);
        event["detail"]["taskArn"] = json!(long);
        event["detail"]["containers"] = (0..containers).map(|_| json!({"name": long, "exitCode": 1, "reason": long})).collect();
        let details = Details {
            log_lines: vec![LogLine::new(Some(Timestamp::from_millis(0)), &long); 25],
            log_stream: Some(LogStream { group: long.clone(), stream: long.clone(), region: Some(long.clone()) }),
            image: Some(long.clone()),
            image_digest: Some(long.clone()),
            revision: Some(long.clone()),
            archives: vec![archive(&long); 6],
            missing: vec![long.clone(); 12],
            ..details()
        };
        let alert = alert_of(&event).with_details(details);
        for https in [HttpsBody::Json, HttpsBody::Chat] {
            for message in [Message::of(&alert, https), Message::plain(&alert)] {
                prop_assert!(message.bytes() <= MESSAGE_BYTES, "{}", message.bytes());
                prop_assert!(message.subject.is_ascii() && message.subject.len() <= SUBJECT_CHARS);
                prop_assert!(!message.subject.chars().any(char::is_control));
                prop_assert!(message.attributes.len() <= 10 && message.attributes.iter().all(|(_, value)| !value.is_empty()));
                let bad = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{fffe}';
                prop_assert!(!message.body.chars().any(bad));
            }
            prop_assert!(Message::of(&alert, https).by_protocol, "every form fits, so none falls back");
        }
        prop_assert!(text::line(&alert).chars().count() <= LINE_CHARS);
    }
}
