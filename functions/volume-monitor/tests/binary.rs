//! The real binary against Lambda's runtime API, ECS, EC2, `CloudWatch` and SNS, all on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use loopback::lambda::{Running, answers, function, runtime_api};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

/// ECS with one cluster and one instance, an EC2 with a volume on it, and SNS; the answer of `CloudWatch` is none.
fn aws() -> Server {
    let reply = |request: &Request| match request.headers.get("x-amz-target").map(String::as_str) {
        Some(target) => of_ecs(target),
        None if request.path.contains("/operation/") => Reply::body(503, "busy"),
        None => of_form(request),
    };
    Server::start(reply).expect("a port")
}

fn of_ecs(target: &str) -> Reply {
    let host = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a";
    let body = match target.rsplit('.').next() {
        Some("ListClusters") => json!({"clusterArns": ["arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"]}),
        Some("ListContainerInstances") => json!({"containerInstanceArns": [host]}),
        Some("DescribeContainerInstances") => {
            json!({"containerInstances": [{"containerInstanceArn": host, "ec2InstanceId": "i-1"}]})
        }
        other => panic!("{other:?}"),
    };
    Reply::body(200, &body.to_string())
}

fn of_form(request: &Request) -> Reply {
    if request.method == "GET" {
        return Reply::query_error(400, "MissingAction");
    }
    match request.form().get("Action").map(String::as_str) {
        Some("DescribeVolumes") => Reply::body(
            200,
            "<R><volumeSet><item><volumeId>vol-1</volumeId><volumeType>gp2</volumeType><size>100</size>\
             <attachmentSet><item><instanceId>i-1</instanceId></item></attachmentSet></item></volumeSet></R>",
        ),
        _ => Reply::sns_accepted(),
    }
}

#[test]
fn a_tick_looks_at_volumes_and_what_is_not_read_is_said_so() {
    let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    let bodies = [tick.as_str(), "no json", tick.as_str()];
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    let payload = json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string();
    let aws = aws();
    let lambda = runtime_api(&[payload.as_bytes()]).expect("a port");
    let url = aws.url();
    let binary = Path::new(env!("CARGO_BIN_EXE_volume-monitor"));
    let running =
        Running::start(function(binary, &lambda, &[("AWS_ENDPOINT_URL", url.as_str())])).expect("it starts");
    let answers = answers(&lambda, 1);
    let output = running.stop().expect("its output");
    let (word, body) = &answers[0];
    let body: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(
        (word.as_str(), body),
        ("response", json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]}))
    );
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let looked: Vec<_> = lines.iter().filter(|line| line["message"] == "volumes looked at").collect();
    assert_eq!(looked.len(), 1, "two ticks of one batch are one look: {log}");
    assert_eq!((&looked[0]["unread"], &looked[0]["measured"]), (&json!(1), &json!(0)), "{log}");
    let metrics = lines.iter().find(|line| line.get("_aws").is_some() && line.get("Ticks").is_some());
    let metrics = metrics.expect("its metrics");
    assert_eq!((&metrics["Ticks"], &metrics["VolumesUnread"]), (&json!(2), &json!(1)), "{log}");
    assert_eq!(
        metrics["TableFailures"],
        json!(1),
        "without a table nothing can be followed up, which is counted"
    );
    let subjects: Vec<_> = aws
        .requests()
        .iter()
        .filter(|request| request.method == "POST" && !request.headers.contains_key("x-amz-target"))
        .filter_map(|request| request.form().get("Subject").cloned())
        .collect();
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward"]);
}
