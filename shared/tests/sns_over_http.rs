//! The handler with the real SDK against an SNS on loopback that fails in every way there is.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::time::{Duration, Instant};

use calls::{aws, run};
use loopback::{Reply, Request, Server};
use serde_json::json;
use shared::alert::{HttpsBody, Message};
use shared::aws::sns::Topic;
use shared::event::Timestamp;
use shared::handler::HandlerError;
use shared::handler::monitor::{self, Beat};
use shared::in_memory::Absent;
use shared::metrics::Tally;
use shared::policy::Policy;
use shared::ports::{Clock as _, MetricSink, PublishError, Publisher as _};
use shared::runtime::SystemClock;

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

struct NoMetrics;

impl MetricSink for NoMetrics {
    async fn emit(&self, _tally: &Tally, _now: Timestamp, _within: Duration) {}
}

fn topic(endpoint: &str) -> Topic {
    Topic::new(&aws(endpoint), TOPIC)
}

/// An SNS that gives these replies in turn, then accepts everything.
fn sns(replies: impl IntoIterator<Item = Reply>) -> Server {
    Server::in_turn(replies.into_iter().chain([Reply::sns_accepted()])).expect("a port")
}

fn message() -> Message {
    Message {
        subject: "s".into(),
        body: "b".into(),
        by_protocol: false,
        attributes: vec![("severity", "high".into())],
    }
}

fn publish(server: &Server, within: Duration) -> Result<(), PublishError> {
    run(topic(&server.url()).publish(None, &message(), within))
}

/// Which tasks the messages that reached SNS are about, in order.
fn tasks(requests: &[Request]) -> Vec<String> {
    let body = |request: &Request| request.form().get("Message").cloned().unwrap_or_default();
    requests
        .iter()
        .map(body)
        .map(|body| body.split("task/harbor/").nth(1).unwrap_or("?").chars().take(1).collect())
        .collect()
}

fn batch(tasks: &[&str]) -> Vec<u8> {
    let records: Vec<_> = tasks
        .iter()
        .map(|task| {
            let event = json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "version": 3,
                "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{task}"), "group": "service:web",
                "stopCode": "EssentialContainerExited", "containers": [{"name": "app", "exitCode": 1}]}});
            json!({"messageId": task, "eventSource": "aws:sqs", "body": event.to_string()})
        })
        .collect();
    json!({ "Records": records }).to_string().into_bytes()
}

fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_millis(SystemClock.now().as_millis() + seconds * 1000)
}

type Monitor = monitor::Monitor<Topic, NoMetrics, SystemClock, Absent, Absent, Absent>;

fn monitor(endpoint: &str) -> Monitor {
    Monitor::new(Beat::Tasks, Policy::default(), topic(endpoint), NoMetrics, SystemClock, HttpsBody::Json)
}

fn failed(monitor: &Monitor, payload: &[u8], seconds: i64) -> Vec<String> {
    let answer = run(monitor.handle(payload, in_seconds(seconds))).expect("a batch is answered");
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[test]
fn a_message_arrives_as_it_was_written() {
    let server = sns([]);
    assert!(failed(&monitor(&server.url()), &batch(&["a"]), 20).is_empty());
    let form = server.requests()[0].form();
    for (field, want) in [
        ("Action", "Publish"),
        ("TopicArn", TOPIC),
        ("MessageStructure", "json"),
        ("Subject", "[medium] application-exit: web on harbor"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
    ] {
        assert_eq!(form.get(field).map(String::as_str), Some(want), "{field}");
    }
    let attributes: Vec<_> = form
        .iter()
        .filter(|(name, _)| name.ends_with(".Value.StringValue"))
        .map(|(_, value)| value)
        .collect();
    assert!(attributes.iter().any(|value| *value == "application-exit"), "{attributes:?}");
    assert!(server.requests()[0].headers["authorization"].contains("eu-west-1/sns/aws4_request"));
}

#[test]
fn a_routed_alert_goes_to_each_topic_over_one_connection() {
    let server = sns([]);
    let routed = "[[route]]\ntopic = \"arn:aws:sns:eu-west-1:111122223333:pages\"\n\
        [[route]]\ntopic = \"arn:aws:sns:eu-west-1:111122223333:team\"\nservice = \"web\"\n";
    let policy = Policy::parse(routed).expect("a policy");
    let monitor: Monitor =
        Monitor::new(Beat::Tasks, policy, topic(&server.url()), NoMetrics, SystemClock, HttpsBody::Json);
    assert!(failed(&monitor, &batch(&["a"]), 20).is_empty());
    let topics: Vec<_> = server.requests().iter().map(|request| request.form()["TopicArn"].clone()).collect();
    assert_eq!(topics, ["pages", "team"].map(|name| format!("arn:aws:sns:eu-west-1:111122223333:{name}")));
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_passes_by_itself_is_tried_again() {
    for trouble in
        [Reply::query_error(400, "Throttling"), Reply::body(500, "oops"), Reply::body(503, ""), Reply::Hang]
    {
        let server = sns([trouble.clone(), trouble.clone()]);
        assert_eq!(publish(&server, Duration::from_secs(10)), Ok(()), "{trouble:?}");
        assert_eq!(server.requests().len(), 3);
    }
}

#[test]
fn what_does_not_pass_is_told_and_ends() {
    let always_500 = Server::start(|_| Reply::body(500, "oops")).expect("a port");
    assert!(matches!(publish(&always_500, Duration::from_secs(10)), Err(PublishError::Unavailable(_))));
    assert_eq!(always_500.requests().len(), 3, "three attempts, no more");
    let refused = sns([Reply::query_error(400, "InvalidParameter")]);
    assert!(matches!(publish(&refused, Duration::from_secs(10)), Err(PublishError::Refused(_))));
    let denied = sns([Reply::query_error(403, "AuthorizationError")]);
    assert!(matches!(publish(&denied, Duration::from_secs(10)), Err(PublishError::Unavailable(_))));
}

#[test]
fn a_slow_sns_ends_with_the_time_it_was_given() {
    let slow = Server::start(|_| Reply::Late(Duration::from_secs(30), Box::new(Reply::sns_accepted())))
        .expect("a port");
    let begun = Instant::now();
    assert!(matches!(publish(&slow, Duration::from_millis(300)), Err(PublishError::Unavailable(_))));
    assert!(begun.elapsed() < Duration::from_secs(10), "well before the answer");
}

#[test]
fn nothing_listens() {
    let server = sns([]);
    let url = server.url();
    drop(server);
    assert_eq!(failed(&monitor(&url), &batch(&["a", "b"]), 20), ["a", "b"]);
}

#[test]
fn only_the_record_that_failed_comes_again_and_nothing_is_sent_twice() {
    let oops = || Reply::body(500, "oops");
    let server = sns([Reply::sns_accepted(), oops(), oops(), oops(), Reply::sns_accepted()]);
    let monitor = monitor(&server.url());
    assert_eq!(failed(&monitor, &batch(&["a", "b", "c"]), 30), ["b"]);
    assert_eq!(tasks(&server.requests()), ["a", "b", "b", "b", "c"]);
    assert!(failed(&monitor, &batch(&["b"]), 30).is_empty());
    assert!(failed(&monitor, &batch(&["a", "b", "c"]), 30).is_empty(), "delivered again as a whole");
    assert_eq!(tasks(&server.requests()), ["a", "b", "b", "b", "c", "b"]);
}

#[test]
fn a_batch_that_runs_out_of_time_reports_the_rest() {
    let slow = Server::start(|_| Reply::Late(Duration::from_secs(20), Box::new(Reply::sns_accepted())))
        .expect("a port");
    let begun = Instant::now();
    assert_eq!(failed(&monitor(&slow.url()), &batch(&["a", "b", "c"]), 3), ["a", "b", "c"]);
    assert!(begun.elapsed() < Duration::from_secs(15), "the answer leaves long before SNS's");
    assert_eq!(slow.requests().len(), 1, "no time was left for the others");
}

#[test]
fn a_single_event_fails_the_invocation() {
    let server = Server::start(|_| Reply::query_error(400, "Throttling")).expect("a port");
    let event = json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "stopCode": "New"}});
    let answer = run(monitor(&server.url()).handle(event.to_string().as_bytes(), in_seconds(30)));
    assert!(matches!(answer, Err(HandlerError::Publish(_))), "{answer:?}");
}

#[test]
fn what_sns_refuses_goes_out_as_plain_text() {
    let server = sns([Reply::query_error(400, "InvalidParameter")]);
    assert!(failed(&monitor(&server.url()), &batch(&["a"]), 20).is_empty());
    let form = server.requests()[1].form();
    assert_eq!(form.get("MessageStructure"), None);
    assert!(form["Message"].starts_with("MEDIUM application-exit: Service web on harbor failed"), "{form:?}");
}

#[test]
fn the_connection_is_open_before_the_first_alert_and_nothing_was_published() {
    let server = Server::start(|request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    })
    .expect("a port");
    let topic = topic(&server.url());
    run(async {
        topic.prewarm().await;
        assert_eq!(topic.publish(None, &message(), Duration::from_secs(5)).await, Ok(()));
    });
    let requests = server.requests();
    assert_eq!(
        (requests.len(), server.connections()),
        (2, 1),
        "the alert goes over the connection of the init"
    );
    assert_eq!((requests[0].method.as_str(), requests[0].body.len()), ("GET", 0));
    assert!(!requests[0].path.contains("Action"), "{}", requests[0].path);
}

#[test]
fn a_prewarm_that_gets_no_answer_does_not_hold_up_the_start() {
    let silent =
        Server::start(|_| Reply::Late(Duration::from_secs(20), Box::new(Reply::Hang))).expect("a port");
    let begun = Instant::now();
    run(topic(&silent.url()).prewarm());
    assert!(begun.elapsed() < Duration::from_secs(15));
}
