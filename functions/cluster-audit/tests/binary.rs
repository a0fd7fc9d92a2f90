//! The real binary: Lambda's runtime API, the simulated fleet and SNS, all on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use fleet_sim::ecs::ServicePlan;
use fleet_sim::http::serve;
use fleet_sim::{Fleet, GroupPlan};
use loopback::lambda::{Running, answers, function, runtime_api};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

#[test]
fn ticks_of_one_batch_are_one_look_and_only_what_cannot_be_read_comes_again() {
    let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    let bodies = [tick.as_str(), "no json", tick.as_str()];
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    let payload = json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string();
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("web-group", 2).in_cluster("harbor"))
        .service(ServicePlan::replica("web", "harbor", 50))
        .simulate();
    let (aws, sns) = (serve(sim.clone(), None).expect("a port"), sns());
    let (aws_url, sns_url) = (aws.url(), sns.url());
    let lambda = runtime_api(&[payload.as_bytes()]).expect("a port");
    let variables = [
        ("AWS_ENDPOINT_URL_ECS", aws_url.as_str()),
        ("AWS_ENDPOINT_URL_AUTO_SCALING", aws_url.as_str()),
        ("AWS_ENDPOINT_URL_SNS", sns_url.as_str()),
    ];
    let binary = Path::new(env!("CARGO_BIN_EXE_cluster-audit"));
    let running = Running::start(function(binary, &lambda, &variables)).expect("it starts");
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
    let audited: Vec<_> = lines.iter().filter(|line| line["message"] == "audited").collect();
    assert_eq!(audited.len(), 1, "{log}");
    let numbers = ["clusters", "unread", "calls"].map(|name| audited[0][name].as_u64());
    assert_eq!(numbers, [Some(1), Some(0), Some(7)], "{log}");
    let metrics = lines.iter().find(|line| line.get("_aws").is_some() && line.get("Ticks").is_some());
    let metrics = metrics.expect("its metrics");
    assert_eq!(metrics["TableFailures"], json!(1), "without a table nothing can be followed up: {log}");
    let posts = sns.requests().into_iter().filter(|request| request.method == "POST");
    let subjects: Vec<_> = posts.map(|request| request.form()["Subject"].clone()).collect();
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward"]);
}
