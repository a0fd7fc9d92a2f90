//! The handler over ports in memory, with every kind of failure.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Beat, HandlerError, Monitor};
use crate::alert::bus::Entry;
use crate::alert::{HttpsBody, Message};
use crate::event::Timestamp;
use crate::in_memory::Absent;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{Clock, MetricSink, PublishError, Publisher, VerdictBus};

mod container_ends;
mod faults;
mod jobs;
mod logs;
mod scenarios;
mod services;
mod states;
mod world;

/// What SNS does with the next message.
#[derive(Clone, Debug)]
enum Reply {
    Accept,
    Refuse,
    Fail,
    /// Accepts, and the answer is lost: the caller sees a failure.
    AcceptUnseen,
}

#[derive(Default)]
struct FakeSns {
    replies: Mutex<VecDeque<Reply>>,
    accepted: Mutex<Vec<Message>>,
    calls: Mutex<usize>,
}

impl FakeSns {
    /// The subjects of what was accepted, in order.
    fn subjects(&self) -> Vec<String> {
        self.accepted.lock().unwrap().iter().map(|message| message.subject.clone()).collect()
    }
}

impl Publisher for &FakeSns {
    async fn publish(
        &self,
        _topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
        *self.calls.lock().unwrap() += 1;
        let reply = self.replies.lock().unwrap().pop_front().unwrap_or(Reply::Accept);
        if matches!(reply, Reply::Accept | Reply::AcceptUnseen) {
            self.accepted.lock().unwrap().push(message.clone());
        }
        match reply {
            Reply::Accept => Ok(()),
            Reply::Refuse => Err(PublishError::Refused("InvalidParameter".into())),
            Reply::Fail | Reply::AcceptUnseen => Err(PublishError::Unavailable("500".into())),
        }
    }
}

#[derive(Default)]
struct FakeMetrics(Mutex<Vec<Tally>>);

impl MetricSink for &FakeMetrics {
    async fn emit(&self, tally: &Tally, _now: Timestamp, _within: Duration) {
        self.0.lock().unwrap().push(tally.clone());
    }
}

struct FixedClock(i64);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }
}

const DEADLINE: Timestamp = Timestamp::from_millis(30_000);

/// Runs a future whose ports never wait.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a port in memory never waits"),
    }
}

fn monitor<'a>(
    sns: &'a FakeSns,
    metrics: &'a FakeMetrics,
) -> Monitor<&'a FakeSns, &'a FakeMetrics, FixedClock, Absent, Absent, Absent> {
    Monitor::new(Beat::Tasks, Policy::default(), sns, metrics, FixedClock(0), HttpsBody::Json)
}

fn stop(task: u32, version: i64, exit_code: i64) -> Value {
    json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "version": version,
        "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{task}"), "group": "family:job",
        "stopCode": "EssentialContainerExited", "containers": [{"name": "app", "exitCode": exit_code}]}})
}

fn batch(bodies: &[(&str, String)]) -> Vec<u8> {
    let records: Vec<_> = bodies
        .iter()
        .map(|(id, body)| json!({"messageId": id, "eventSource": "aws:sqs", "body": body}))
        .collect();
    json!({ "Records": records }).to_string().into_bytes()
}

fn failed(answer: Result<aws_lambda_events::event::sqs::SqsBatchResponse, HandlerError>) -> Vec<String> {
    let response = answer.expect("a batch is answered, not failed");
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[test]
fn radio_silence_for_what_is_quiet() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let payload = batch(&[
        ("a", stop(1, 5, 0).to_string()),
        ("b", r#"{"detail-type":"ECS Service Action","detail":{}}"#.into()),
    ]);
    assert!(failed(run(monitor(&sns, &metrics).handle(&payload, DEADLINE))).is_empty());
    assert_eq!(*sns.calls.lock().unwrap(), 0);
    let tally = &metrics.0.lock().unwrap()[0];
    assert_eq!(
        tally.counts.values().map(|count| (count.verdicts, count.alerts)).collect::<Vec<_>>(),
        [(1, 0), (1, 0)]
    );
}

#[test]
fn only_what_failed_comes_again_and_only_that_is_sent_again() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let monitor = monitor(&sns, &metrics);
    *sns.replies.lock().unwrap() = [Reply::Accept, Reply::Fail, Reply::Accept].into();
    let messages = [
        ("a", stop(1, 5, 1).to_string()),
        ("b", stop(2, 5, 1).to_string()),
        ("c", stop(3, 5, 1).to_string()),
    ];
    assert_eq!(failed(run(monitor.handle(&batch(&messages), DEADLINE))), ["b"]);
    assert_eq!(metrics.0.lock().unwrap()[0].publish_failures, 1);
    assert!(failed(run(monitor.handle(&batch(&messages[1..2]), DEADLINE))).is_empty());
    assert_eq!(sns.accepted.lock().unwrap().len(), 3);
    // Even where everything is delivered again, nothing is sent twice.
    assert!(failed(run(monitor.handle(&batch(&messages), DEADLINE))).is_empty());
    assert_eq!(sns.accepted.lock().unwrap().len(), 3);
}

#[test]
fn an_unreadable_record_is_alerted_on_once_and_fails_every_time() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let monitor = monitor(&sns, &metrics);
    let payload = batch(&[("a", "{broken".into()), ("b", stop(1, 5, 1).to_string())]);
    for _ in 0..3 {
        assert_eq!(failed(run(monitor.handle(&payload, DEADLINE))), ["a"]);
    }
    assert_eq!(
        sns.subjects(),
        ["[medium] unreadable-event: ecs-steward", "[medium] application-exit: job on harbor"]
    );
    let error = run(monitor.handle(b"{broken", DEADLINE)).expect_err("outside a batch the invocation fails");
    assert_eq!(error.error_type(), "Permanent.Unreadable");
}

#[test]
fn a_single_event_fails_the_invocation_and_is_sent_when_it_comes_again() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let monitor = monitor(&sns, &metrics);
    *sns.replies.lock().unwrap() = [Reply::Fail].into();
    let payload = stop(1, 5, 1).to_string();
    let error = run(monitor.handle(payload.as_bytes(), DEADLINE)).expect_err("not published");
    assert_eq!(error.error_type(), "Retryable.Publish");
    run(monitor.handle(payload.as_bytes(), DEADLINE)).expect("published");
    assert_eq!(sns.accepted.lock().unwrap().len(), 1);
}

#[test]
fn what_sns_refuses_goes_out_as_plain_text() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    *sns.replies.lock().unwrap() = [Reply::Refuse, Reply::Accept].into();
    run(monitor(&sns, &metrics).handle(stop(1, 5, 1).to_string().as_bytes(), DEADLINE)).expect("published");
    let accepted = sns.accepted.lock().unwrap();
    assert_eq!(accepted[0].attributes[0], ("severity", "medium".to_owned()), "filters still let it through");
    assert!(
        !accepted[0].by_protocol && accepted[0].body.starts_with("MEDIUM application-exit: Job"),
        "{accepted:?}"
    );
}

#[test]
fn what_there_is_no_time_for_comes_again() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let payload = batch(&[("a", stop(1, 5, 1).to_string()), ("b", stop(2, 5, 0).to_string())]);
    let late = Timestamp::from_millis(1_400);
    assert_eq!(failed(run(monitor(&sns, &metrics).handle(&payload, late))), ["a"], "the quiet one is done");
    assert_eq!(*sns.calls.lock().unwrap(), 0);
}

#[test]
fn a_tick_and_a_steady_service_are_no_verdicts() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let tick = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    let steady = json!({"detail-type": "ECS Service Action", "detail": {"eventName": "SERVICE_STEADY_STATE"},
        "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"]});
    let payload = batch(&[("a", tick.to_string()), ("b", steady.to_string())]);
    assert!(failed(run(monitor(&sns, &metrics).handle(&payload, DEADLINE))).is_empty());
    let tick = Tally { ticks: 1, ..Tally::default() };
    assert_eq!(*metrics.0.lock().unwrap(), [tick], "that it was handled, and no more");
}

/// A bus that keeps what it gets, and loses the last entry of each call.
#[derive(Default)]
struct LeakyBus(Mutex<Vec<String>>);

impl VerdictBus for &LeakyBus {
    async fn put(&self, entries: &[Entry], _within: Duration) -> usize {
        self.0.lock().unwrap().extend(entries.iter().map(|entry| entry.detail.clone()));
        1
    }
}

#[test]
fn the_bus_gets_quiet_verdicts_too_and_what_it_loses_is_counted() {
    let (sns, metrics, bus) = (FakeSns::default(), FakeMetrics::default(), LeakyBus::default());
    let monitor: Monitor<_, _, _, Absent, Absent, _> =
        Monitor::new(Beat::Tasks, Policy::default(), &sns, &metrics, FixedClock(0), HttpsBody::Json)
            .with_bus(Some(&bus));
    let payload = batch(&[("a", stop(1, 5, 1).to_string()), ("b", stop(2, 5, 0).to_string())]);
    assert!(failed(run(monitor.handle(&payload, DEADLINE))).is_empty(), "a lost verdict fails no record");
    let details: Vec<Value> =
        bus.0.lock().unwrap().iter().map(|detail| serde_json::from_str(detail).expect("JSON")).collect();
    let words: Vec<_> = details.iter().map(|detail| (&detail["verdict"], &detail["cause"])).collect();
    assert_eq!(
        words,
        [(&json!("alert"), &json!("application-exit")), (&json!("quiet"), &json!("completed"))]
    );
    assert_eq!(metrics.0.lock().unwrap()[0].verdicts_lost, 1);
}

/// A clock that fails the first time it is asked, as a bug in judging would.
struct BrokenClock(Mutex<bool>);

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        assert!(
            std::mem::replace(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner), true),
            "a bug"
        );
        Timestamp::from_millis(0)
    }
}

#[test]
fn a_bug_costs_the_record_that_triggers_it_and_not_its_batch() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let monitor: Monitor<_, _, _, Absent, Absent, Absent> = Monitor::new(
        Beat::Tasks,
        Policy::default(),
        &sns,
        &metrics,
        BrokenClock(Mutex::new(false)),
        HttpsBody::Json,
    );
    let payload = batch(&[("a", stop(1, 5, 1).to_string()), ("b", stop(2, 5, 1).to_string())]);
    assert_eq!(failed(run(monitor.handle(&payload, DEADLINE))), ["a"]);
    assert_eq!(
        sns.subjects(),
        ["[medium] unreadable-event: ecs-steward", "[medium] application-exit: job on harbor"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// SQS redelivers what failed; whatever SNS does on the way, every abnormal stop is told, nothing quiet
    /// ever is, and nothing is told twice unless an answer was lost.
    #[test]
    fn nothing_is_lost(
        stops in prop::collection::vec((0u32..6, 1i64..3, prop::sample::select(vec![0i64, 1, 139])), 1..12),
        replies in prop::collection::vec(prop::sample::select(vec![Reply::Accept, Reply::Fail, Reply::AcceptUnseen]), 0..12),
    ) {
        let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
        let lost_answers = replies.iter().filter(|reply| matches!(reply, Reply::AcceptUnseen)).count();
        *sns.replies.lock().unwrap() = replies.into();
        let monitor = monitor(&sns, &metrics);
        // One final event per task: what a version says does not change between deliveries.
        let mut of_task = std::collections::BTreeMap::new();
        for (task, _, code) in &stops {
            of_task.entry(*task).or_insert(*code);
        }
        let ids: Vec<_> = (0..stops.len()).map(|index| index.to_string()).collect();
        let mut queue: Vec<_> = stops.iter().zip(&ids).map(|((task, _, _), id)| (id.as_str(), stop(*task, 1, of_task[task]).to_string())).collect();
        for _ in 0..20 {
            let left = failed(run(monitor.handle(&batch(&queue), DEADLINE)));
            queue.retain(|(id, _)| left.iter().any(|failed| failed == id));
        }
        prop_assert!(queue.is_empty(), "everything is done in the end");
        let told: Vec<_> = sns.accepted.lock().unwrap().iter().map(|message| message.body.clone()).collect();
        for (task, code) in &of_task {
            let count = told.iter().filter(|body| body.contains(&format!("task/harbor/{task}\\\""))).count();
            prop_assert_eq!(count > 0, *code != 0, "task {}", task);
            prop_assert!(count <= 1 + lost_answers);
        }
    }
}
