//! `PutEvents` with the real SDK against an `EventBridge` on loopback that fails in every way there is.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::time::{Duration, Instant};

use calls::{aws, run};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use shared::alert::bus::Entry;
use shared::aws::eventbridge::EventBus;
use shared::event::Timestamp;
use shared::ports::VerdictBus as _;

fn entry(name: &str) -> Entry {
    Entry {
        detail: json!({ "name": name }).to_string(),
        resources: vec!["arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b".into()],
        time: Some(Timestamp::from_millis(1_777_629_620_000)),
    }
}

fn entries(count: usize) -> Vec<Entry> {
    (0..count).map(|index| entry(&index.to_string())).collect()
}

/// How many were lost.
fn put(server: &Server, entries: &[Entry], within: Duration) -> usize {
    run(EventBus::new(&aws(&server.url()), "verdicts").put(entries, within))
}

fn sent(request: &Request) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    body["Entries"].as_array().expect("entries").clone()
}

/// The names inside the entries of each call.
fn names(server: &Server) -> Vec<Vec<String>> {
    let name = |entry: &Value| {
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().expect("text")).expect("JSON");
        detail["name"].as_str().expect("a name").to_owned()
    };
    server.requests().iter().map(|request| sent(request).iter().map(name).collect()).collect()
}

/// The bus's answer to a request: entries at these places fail.
fn answer(request: &Request, failed: &[usize]) -> Reply {
    let one = |index: usize| {
        if failed.contains(&index) {
            json!({"ErrorCode": "InternalFailure", "ErrorMessage": "scripted"})
        } else {
            json!({"EventId": format!("e-{index}")})
        }
    };
    let results: Vec<_> = (0..sent(request).len()).map(one).collect();
    Reply::body(200, &json!({"FailedEntryCount": failed.len(), "Entries": results}).to_string())
}

#[test]
fn an_entry_arrives_as_it_was_made() {
    let server = Server::start(|request| answer(request, &[])).expect("a port");
    assert_eq!(put(&server, &[entry("a")], Duration::from_secs(5)), 0);
    let requests = server.requests();
    assert_eq!(requests[0].headers["x-amz-target"], "AWSEvents.PutEvents");
    assert!(requests[0].headers["authorization"].contains("eu-west-1/events/aws4_request"));
    let want = json!({"EventBusName": "verdicts", "Source": "ecs-steward", "DetailType": "ECS Steward Verdict",
        "Detail": r#"{"name":"a"}"#, "Time": 1_777_629_620,
        "Resources": ["arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b"]});
    assert_eq!(sent(&requests[0]), [want]);
}

#[test]
fn a_call_holds_ten_entries() {
    let server = Server::start(|request| answer(request, &[])).expect("a port");
    assert_eq!(put(&server, &entries(23), Duration::from_secs(10)), 0);
    assert_eq!(names(&server).iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn only_what_failed_is_tried_once_more() {
    let server =
        Server::start(|request| answer(request, if sent(request).len() == 3 { &[1, 2] } else { &[0] }))
            .expect("a port");
    assert_eq!(put(&server, &entries(3), Duration::from_secs(5)), 1, "one failed again");
    assert_eq!(names(&server), [vec!["0", "1", "2"], vec!["1", "2"]]);
}

#[test]
fn an_answer_without_its_entries_is_no_acceptance() {
    for body in ["{}", r#"{"FailedEntryCount":0,"Entries":[{}]}"#, r#"{"FailedEntryCount":0,"Entries":null}"#]
    {
        let server = Server::start(move |_| Reply::body(200, body)).expect("a port");
        assert_eq!(put(&server, &entries(2), Duration::from_secs(5)), 2, "{body}");
    }
}

#[test]
fn throttling_passes() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
            Reply::json_error(400, "ThrottlingException", "Rate exceeded")
        } else {
            answer(request, &[])
        }
    })
    .expect("a port");
    assert_eq!(put(&server, &entries(2), Duration::from_secs(15)), 0);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn what_is_refused_is_lost_and_counted() {
    let server = Server::start(|_| Reply::json_error(400, "AccessDeniedException", "no")).expect("a port");
    assert_eq!(put(&server, &entries(2), Duration::from_secs(5)), 2);
    assert_eq!(server.requests().len(), 2, "once, and once more");
}

#[test]
fn a_slow_bus_ends_with_its_time_and_keeps_what_it_took() {
    let server = Server::start(|request| {
        let reply = answer(request, &[]);
        if sent(request).len() == 10 { reply } else { Reply::Late(Duration::from_secs(30), Box::new(reply)) }
    })
    .expect("a port");
    let begun = Instant::now();
    assert_eq!(put(&server, &entries(12), Duration::from_millis(800)), 2);
    assert!(begun.elapsed() < Duration::from_secs(10), "well before the answer");
}
