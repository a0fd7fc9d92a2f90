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

fn event(kind: &str, name: &str, reason: &str) -> String {
    json!({"detail-type": kind, "source": "aws.ecs", "id": name,
        "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"],
        "detail": {"eventType": "INFO", "eventName": name, "reason": reason,
            "createdAt": "2026-05-01T10:00:00Z"}})
    .to_string()
}

fn in_sqs(bodies: &[String]) -> Vec<u8> {
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string().into_bytes()
}

#[test]
fn a_batch_is_judged_told_counted_and_what_cannot_be_read_comes_again() {
    let rollback = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
    let (action, deployment) = ("ECS Service Action", "ECS Deployment State Change");
    let task = json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited", "containers": [{"name": "app", "exitCode": 1}]}});
    let bodies = [
        event(action, "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:CPU"),
        event(deployment, "SERVICE_DEPLOYMENT_IN_PROGRESS", rollback),
        event(deployment, "SERVICE_DEPLOYMENT_COMPLETED", ""),
        event(action, "SERVICE_STEADY_STATE", ""),
        "no json".to_owned(),
        task.to_string(),
    ];
    let (payload, sns) = (in_sqs(&bodies), sns());
    let lambda = runtime_api(&[&payload, &payload]).expect("a port");
    let url = sns.url();
    let binary = Path::new(env!("CARGO_BIN_EXE_service-monitor"));
    let command = function(binary, &lambda, &[("AWS_ENDPOINT_URL_SNS", url.as_str())]);
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
        .map(|request| request.form()["Subject"].clone())
        .collect();
    let want = [
        "[high] placement-failed: web on harbor",
        "[high] deployment-rolled-back: web on harbor",
        "[medium] unreadable-event: ecs-steward",
    ];
    assert_eq!(subjects, want, "each once, and nothing of a task: that is another function's beat");
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    let judged: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["message"] == "judged")
        .collect();
    let causes: Vec<_> = judged.iter().filter_map(|line| line["cause"].as_str()).collect();
    let first = [
        "placement-failed",
        "deployment-rolled-back",
        "steady",
        "steady",
        "unreadable-event",
        "unknown-event",
    ];
    let again = ["duplicate", "duplicate", "duplicate", "duplicate", "unreadable-event", "unknown-event"];
    assert_eq!(causes, [first, again].concat());
}
