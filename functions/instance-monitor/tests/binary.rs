//! The real binary against Lambda's runtime API and SNS, both on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use loopback::lambda::{Running, answers, function, runtime_api};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

fn event(kind: &str, detail: &Value) -> String {
    json!({"detail-type": kind, "source": "aws.ecs", "id": kind, "region": "eu-west-1", "detail": detail})
        .to_string()
}

fn in_sqs(bodies: &[String]) -> Vec<u8> {
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string().into_bytes()
}

#[test]
fn a_batch_is_judged_told_counted_and_what_cannot_be_read_comes_again() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b";
    let health = json!({"containerInstanceArn": arn, "ec2InstanceId": "i-1", "overallStatus": "IMPAIRED",
        "healthChecks": [{"type": "CONTAINER_RUNTIME", "status": "IMPAIRED"}]});
    let active =
        json!({"containerInstanceArn": arn, "status": "ACTIVE", "agentConnected": true, "version": 3});
    let task = json!({"lastStatus": "STOPPED", "containers": [{"name": "app", "exitCode": 1}]});
    let bodies = [
        event("ECS Container Instance Health Change", &health),
        event("ECS Container Instance State Change", &active),
        event("EC2 Instance Rebalance Recommendation", &json!({"instance-id": "i-1"})),
        event(
            "EC2 Instance State-change Notification",
            &json!({"instance-id": "i-1", "state": "terminated"}),
        ),
        "no json".to_owned(),
        event("ECS Task State Change", &task),
    ];
    let (payload, sns) = (in_sqs(&bodies), sns());
    let lambda = runtime_api(&[&payload, &payload]).expect("a port");
    let url = sns.url();
    let variables = ["SNS", "ECS", "AUTO_SCALING"].map(|service| format!("AWS_ENDPOINT_URL_{service}"));
    let variables: Vec<_> = variables.iter().map(|name| (name.as_str(), url.as_str())).collect();
    let command = function(Path::new(env!("CARGO_BIN_EXE_instance-monitor")), &lambda, &variables);
    let running = Running::start(command).expect("it starts");
    let answers = answers(&lambda, 2);
    let output = running.stop().expect("its output");
    for (word, body) in &answers {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-4"}]});
        assert_eq!((word.as_str(), &body), ("response", &failed));
    }
    let subjects: Vec<_> = sns
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .filter_map(|request| request.form().get("Subject").cloned())
        .collect();
    let want = ["[medium] host-impaired: i-1 on harbor", "[medium] unreadable-event: ecs-steward"];
    assert_eq!(subjects, want, "each once, and nothing of a task: that is another function's beat");
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let judged: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["message"] == "judged")
        .collect();
    let causes: Vec<_> = judged.iter().filter_map(|line| line["cause"].as_str()).collect();
    let first = [
        "host-impaired",
        "steady",
        "rebalance-recommended",
        "host-terminated",
        "unreadable-event",
        "unknown-event",
    ];
    let again = ["duplicate", "duplicate", "duplicate", "duplicate", "unreadable-event", "unknown-event"];
    assert_eq!(causes, [first, again].concat());
}
