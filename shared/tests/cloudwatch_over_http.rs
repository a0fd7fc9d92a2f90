//! `PutMetricData` with the real SDK against a `CloudWatch` on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::time::Duration;

use calls::{aws, run};
use loopback::{Reply, Server};
use shared::alert::Subject;
use shared::aws::cloudwatch::CloudWatch;
use shared::event::{TaskStateChange, Timestamp};
use shared::judge::{Context, judge};
use shared::metrics::{Drains, Tally};
use shared::policy::Policy;
use shared::ports::MetricSink as _;

fn cloudwatch(server: &Server) -> CloudWatch {
    CloudWatch::new(&aws(&server.url()), "ns-of-test", "task-monitor")
}

/// A tally over this many services.
fn tally(services: usize) -> Tally {
    let task: TaskStateChange =
        serde_json::from_str(r#"{"lastStatus":"STOPPED","stopCode":"New"}"#).expect("a task");
    let context =
        Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] };
    let verdict = judge(&task, &Policy::default(), &context);
    let mut tally = Tally { publish_failures: 1, ..Tally::default() };
    for service in 0..services {
        tally.add(&verdict, &Subject { service: Some(format!("service-{service}")), ..Subject::default() });
    }
    tally
}

fn emit(cloudwatch: &CloudWatch, tally: &Tally, within: Duration) {
    run(cloudwatch.emit(tally, Timestamp::from_millis(1_795_417_500_000), within));
}

/// CloudWatch's answer in its protocol, RPC v2 over CBOR: an empty map.
fn accepted() -> Reply {
    let headers = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    Reply::Answer(200, headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), vec![0xa0])
}

/// The body of a request as text, uncompressed where it was compressed: names stand in CBOR as they are.
fn holds(body: &[u8], word: &str) -> bool {
    body.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn every_count_arrives_under_each_set_of_dimensions() {
    let server = Server::start(|_| accepted()).expect("a port");
    emit(&cloudwatch(&server), &tally(1), Duration::from_secs(5));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/service/GraniteServiceVersion20100801/operation/PutMetricData");
    for word in
        ["ns-of-test", "Verdicts", "Alerts", "PublishFailures", "Cause", "unknown-stop-code", "service-0"]
    {
        assert!(holds(&requests[0].body, word), "{word}");
    }
}

#[test]
fn what_a_tick_measured_arrives_at_zero_too_with_its_unit() {
    let server = Server::start(|_| accepted()).expect("a port");
    let tally = Tally { ticks: 1, drains: Some(Drains::default()), ..Tally::default() };
    emit(&cloudwatch(&server), &tally, Duration::from_secs(5));
    let requests = server.requests();
    for word in ["Ticks", "DrainsInFlight", "OldestDrainSeconds", "Count", "Seconds", "Function"] {
        assert!(holds(&requests[0].body, word), "{word}");
    }
}

#[test]
fn a_call_holds_a_thousand_metrics_at_most() {
    let server = Server::start(|_| accepted()).expect("a port");
    // Each service gives two metrics under three sets of dimensions; one more counts the failures.
    emit(&cloudwatch(&server), &tally(400), Duration::from_secs(20));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn metrics_that_are_lost_do_not_hold_anything_up() {
    let server =
        Server::start(|_| Reply::Late(Duration::from_secs(20), Box::new(Reply::Hang))).expect("a port");
    let begun = std::time::Instant::now();
    emit(&cloudwatch(&server), &tally(1), Duration::from_millis(200));
    assert!(begun.elapsed() < Duration::from_secs(15));
}
