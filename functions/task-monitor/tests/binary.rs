//! The real binary against Lambda's runtime API and SNS, both on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod lambda;

use std::time::{Duration, Instant};

use lambda::{Running, answers, event, function, lambda, lines};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

#[test]
fn an_abnormal_exit_is_judged_told_counted_and_logged() {
    let (lambda, sns) = (lambda(&[&event(1), &event(1)]), sns());
    let running = Running::start(function(&lambda, &sns, &[]));
    let answers = answers(&lambda, 2);
    assert_eq!(answers, vec![("response".to_owned(), json!({"batchItemFailures": []})); 2]);
    let published: Vec<_> = sns.requests().into_iter().filter(|request| request.method == "POST").collect();
    assert_eq!(published.len(), 1, "the second delivery is a duplicate");
    assert_eq!(sns.connections(), 1, "over the connection of the init");
    let lines = lines(&running.stop());
    let judged: Vec<_> = lines.iter().filter(|line| line["message"] == "judged").collect();
    assert_eq!(judged.len(), 2);
    assert_eq!((&judged[0]["cause"], &judged[0]["published"]), (&json!("application-exit"), &json!(true)));
    assert_eq!((&judged[1]["cause"], &judged[1]["published"]), (&json!("duplicate"), &json!(false)));
    let metrics: Vec<_> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(
        (metrics.len(), &metrics[0]["Cause"], &metrics[0]["Alerts"]),
        (3, &json!("application-exit"), &json!(1))
    );
    let messages: Vec<_> = metrics.iter().filter_map(|line| line.get("Messages")).collect();
    assert_eq!(messages, [&json!(1)]);
}

#[test]
fn a_payload_that_is_no_json_reaches_our_code_and_is_told() {
    let (lambda, sns) = (lambda(&[b"\xff{not json", b"", &event(0)]), sns());
    let _running = Running::start(function(&lambda, &sns, &[]));
    let answers = answers(&lambda, 3);
    for (word, body) in &answers[..2] {
        assert_eq!((word.as_str(), &body["errorType"]), ("error", &json!("Permanent.Unreadable")), "{body}");
    }
    assert_eq!(answers[2].0, "response", "and the function lives on");
    let subjects: Vec<_> = sns
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.form()["Subject"].clone())
        .collect();
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward"; 2]);
}

#[test]
fn a_bad_environment_fails_the_start_with_every_error() {
    let (lambda, sns) = (lambda(&[]), sns());
    let mut command =
        function(&lambda, &sns, &[("ALERT_TOPIC_ARN", "x"), ("METRICS", "y"), ("AWS_REGION", "")]);
    let output = command.output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let errors: Vec<_> =
        lines(&output).iter().map(|line| line["error"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(lambda.requests().is_empty(), "no event was taken");
}

#[test]
fn a_bad_policy_fails_the_start_with_every_error() {
    let (lambda, sns) = (lambda(&[]), sns());
    let policy = "[[rule]]\nservce = 'x'\n[[mute]]\nservice = 'x'\nreason = 'y'";
    let output = function(&lambda, &sns, &[("POLICY", policy)]).output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(log.contains("unknown field `servce`") && log.contains("needs `until`"), "{log}");
}

#[test]
fn the_policy_of_the_environment_holds() {
    let (lambda, sns) = (lambda(&[&event(3)]), sns());
    let policy = "[[rule]]\nfamily = 'job'\nexpected-exit-codes = [3]";
    let _running = Running::start(function(
        &lambda,
        &sns,
        &[("POLICY", policy), ("METRICS", "off"), ("LOG_LEVEL", "warn")],
    ));
    assert_eq!(answers(&lambda, 1)[0].0, "response");
    assert!(sns.requests().iter().all(|request| request.method == "GET"), "nothing was published");
}

#[test]
fn a_context_that_is_ten_seconds_late_does_not_hold_the_alert_up() {
    let (lambda, sns) = (lambda(&[&service_event()]), sns());
    let late = Reply::Late(Duration::from_secs(10), Box::new(Reply::body(200, "{}")));
    let context = Server::start(move |_| late.clone()).expect("a port");
    let url = context.url();
    let more = [
        ("AWS_ENDPOINT_URL_ECS", url.as_str()),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", url.as_str()),
        ("AWS_ENDPOINT_URL_CLOUDWATCH", url.as_str()),
        ("ENRICH_TIME", "1s"),
    ];
    let began = Instant::now();
    let _running = Running::start(function(&lambda, &sns, &more));
    let answers = answers(&lambda, 1);
    assert!(began.elapsed() < Duration::from_secs(8), "it waited for its context: {:?}", began.elapsed());
    assert_eq!(answers[0].0, "response");
    assert!(!context.requests().is_empty(), "it did ask");
    let published: Vec<_> = sns.requests().into_iter().filter(|request| request.method == "POST").collect();
    let message: Value = serde_json::from_str(&published[0].form()["Message"]).expect("JSON");
    let alert: Value = serde_json::from_str(message["default"].as_str().expect("text")).expect("JSON");
    let missing = alert["details"]["missing"].as_array().expect("a list");
    assert!(
        missing.iter().any(|why| why.as_str().is_some_and(|why| why.contains("task definition"))),
        "{missing:?}"
    );
}

/// A task of a service with two containers, of a revision.
fn service_event() -> Vec<u8> {
    let arn = |kind: &str| format!("arn:aws:ecs:eu-west-1:111122223333:{kind}");
    json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "version": 3,
        "taskArn": arn("task/harbor/0a1b"), "clusterArn": arn("cluster/harbor"), "group": "service:web",
        "taskDefinitionArn": arn("task-definition/web:7"), "startedBy": "ecs-svc/1234567890123456789",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "app", "exitCode": 137}, {"name": "envoy", "exitCode": 143}]}})
    .to_string()
    .into_bytes()
}
