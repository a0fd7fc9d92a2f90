//! A queue, a table, a topic and ticks on a virtual clock, with faults at every effect.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Beat, Monitor};
use crate::alert::bus::Entry;
use crate::alert::deployment::Deployment;
use crate::alert::log_lines::LogStream;
use crate::alert::{HttpsBody, Message};
use crate::drain::container_instance::ContainerInstance;
use crate::event::Timestamp;
use crate::handler::enriching::Enriching;
use crate::handler::monitor::Round;
use crate::in_memory::TableInMemory;
use crate::judge::background::TaskDefinition;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::alert_table::{AlertTable, Change, Stored, TableError};
use crate::ports::facts::{LogTail, MemoryOf, MemoryPeak};
use crate::ports::{ApiError, Clock, MetricSink, PublishError, Publisher, TaskFacts, VerdictBus};

/// What goes wrong with an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It does not happen, and the caller is told so.
    Before,
    /// It happens, and the caller is told that it did not.
    After,
    /// Another process is at work just before it happens.
    Meanwhile,
    /// The process dies before it happens.
    DiesBefore,
    /// The process dies after it happened.
    DiesAfter,
}

/// Milliseconds.
const INVOCATION: i64 = 15_000;
const VISIBILITY: i64 = 90_000;
const TICK: i64 = 60_000;
/// Processes inside one another's effects: each is on the stack of the test.
const OTHERS: usize = 2;

/// A message that subscribers got.
#[derive(Clone, Debug)]
pub struct Got {
    pub at: i64,
    pub topic: Option<String>,
    pub json: Value,
}

impl Got {
    pub fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }

    pub fn notice(&self) -> &str {
        self.text("notice")
    }

    pub fn stops(&self) -> u64 {
        self.json["incident"]["stops"].as_u64().unwrap_or(1)
    }

    /// The fingerprints it tells of, with their stops.
    pub fn tells_of(&self) -> Vec<(String, u64)> {
        let members = self.json["incident"]["members"].as_array().cloned().unwrap_or_default();
        let mut told: Vec<_> = members
            .iter()
            .map(|member| {
                (member["fingerprint"].as_str().unwrap().to_owned(), member["stops"].as_u64().unwrap())
            })
            .collect();
        told.push((self.text("fingerprint").to_owned(), self.stops()));
        told
    }
}

pub type Process<'a> = Monitor<&'a World, &'a World, &'a World, &'a World, &'a World, &'a World>;

/// Everything outside the process.
#[derive(Default)]
pub struct World {
    pub policy: Policy,
    pub now: AtomicI64,
    pub table: TableInMemory,
    pub got: Mutex<Vec<Got>>,
    pub tally: Mutex<Tally>,
    faults: Mutex<VecDeque<Fault>>,
    /// Processes that are at work while another waits for an effect.
    others: AtomicUsize,
    /// All effects.
    pub effects: AtomicUsize,
    /// Faults that did happen.
    pub faulted: AtomicUsize,
    /// The table answers nothing.
    pub table_is_down: bool,
    queue: Mutex<Vec<Queued>>,
}

#[derive(Clone)]
struct Queued {
    id: usize,
    visible: i64,
    body: String,
}

impl World {
    pub fn with_faults(faults: Vec<Fault>) -> Self {
        Self { faults: Mutex::new(faults.into()), ..Self::default() }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Puts an event into the queue, to be seen at a time.
    pub fn send(&self, at: i64, body: &Value) {
        let mut queue = self.queue.lock().unwrap();
        let id = queue.len();
        queue.push(Queued { id, visible: at, body: body.to_string() });
    }

    fn millis(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Runs the function on the queue and on ticks until nothing is left and nothing is due, at most until
    /// `end`.
    pub fn run(&self, end: i64) {
        let mut monitor = self.process();
        let mut tick = self.millis() + TICK;
        loop {
            let next = self.queue.lock().unwrap().iter().map(|queued| queued.visible).min();
            if (next.is_none() && self.table.next_due().is_none()) || self.millis() >= end {
                return;
            }
            let lives = match next {
                Some(visible) if visible < tick => {
                    self.now.fetch_max(visible, Ordering::Relaxed);
                    self.serve(&monitor, 10)
                }
                _ => {
                    self.now.fetch_max(tick, Ordering::Relaxed);
                    tick += TICK;
                    self.tick(&monitor)
                }
            };
            if !lives {
                monitor = self.process();
            }
        }
    }

    /// Lets a new process do something at a time and end its invocation; none where it died over it.
    pub fn at<R>(&self, at: i64, act: impl AsyncFnOnce(&Process<'_>, &mut Round) -> R) -> Option<R> {
        self.now.fetch_max(at, Ordering::Relaxed);
        let monitor = self.process();
        let mut round = Round::until(Timestamp::from_millis(self.millis() + INVOCATION));
        let mut invocation = pin!(async {
            let result = act(&monitor, &mut round).await;
            monitor.end(round).await;
            result
        });
        match invocation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    fn process(&self) -> Process<'_> {
        let facts = Enriching::new(self, self, Duration::from_secs(2));
        Monitor::new(Beat::Everything, self.policy.clone(), self, self, self, HttpsBody::Json)
            .with_table(Some(self))
            .with_facts(Some(facts))
            .with_bus(Some(self))
    }

    /// Gives a process what is in the queue now; whether it lives on. What is received is hidden from others,
    /// and comes again where it is not deleted.
    fn serve(&self, monitor: &Process<'_>, at_most: usize) -> bool {
        let now = self.millis();
        let mut batch = Vec::new();
        for queued in
            self.queue.lock().unwrap().iter_mut().filter(|queued| queued.visible <= now).take(at_most)
        {
            queued.visible = now + VISIBILITY;
            batch.push(queued.clone());
        }
        if batch.is_empty() {
            return true;
        }
        let Some(failed) = self.invoke(monitor, &as_sqs(&batch)) else { return false };
        let done =
            |queued: &Queued| batch.iter().any(|sent| sent.id == queued.id) && !failed.contains(&queued.id);
        self.queue.lock().unwrap().retain(|queued| !done(queued));
        true
    }

    /// Gives a process a tick; whether it lives on.
    fn tick(&self, monitor: &Process<'_>) -> bool {
        let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
        self.invoke(monitor, &event).is_some()
    }

    /// The messages that come again; none where the process died.
    fn invoke(&self, monitor: &Process<'_>, payload: &Value) -> Option<Vec<usize>> {
        let payload = payload.to_string();
        let deadline = Timestamp::from_millis(self.millis() + INVOCATION);
        let mut invocation = pin!(monitor.handle(payload.as_bytes(), deadline));
        match invocation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => {
                let failed = answer.expect("nothing outside a batch fails").batch_item_failures;
                Some(failed.into_iter().map(|failure| failure.item_identifier.parse().unwrap()).collect())
            }
            Poll::Pending => None,
        }
    }

    /// Another process does something just now: it takes the next messages, or a tick.
    fn meanwhile(&self) {
        if self.others.fetch_add(1, Ordering::Relaxed) < OTHERS {
            let other = self.process();
            if self.serve(&other, 3) {
                self.tick(&other);
            }
        }
        self.others.fetch_sub(1, Ordering::Relaxed);
    }

    /// Lets an effect happen, or not.
    async fn effect<R>(&self, act: impl AsyncFnOnce() -> R, failed: impl FnOnce() -> R) -> R {
        self.effects.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.lock().unwrap().pop_front().unwrap_or(Fault::None);
        if !matches!(fault, Fault::None | Fault::Meanwhile) {
            self.faulted.fetch_add(1, Ordering::Relaxed);
        }
        match fault {
            Fault::None => act().await,
            Fault::Meanwhile => {
                self.meanwhile();
                act().await
            }
            Fault::Before => failed(),
            Fault::After => {
                act().await;
                failed()
            }
            Fault::DiesBefore => std::future::pending().await,
            Fault::DiesAfter => {
                act().await;
                std::future::pending().await
            }
        }
    }
}

fn as_sqs(batch: &[Queued]) -> Value {
    let records: Vec<_> = batch
        .iter()
        .map(|queued| json!({"messageId": queued.id.to_string(), "eventSource": "aws:sqs", "body": queued.body}))
        .collect();
    json!({ "Records": records })
}

fn down<R>() -> Result<R, TableError> {
    Err(TableError::Unavailable("down".into()))
}

impl AlertTable for &World {
    async fn read(&self, keys: &[String], within: Duration) -> Result<Vec<Option<Stored>>, TableError> {
        if self.table_is_down {
            return down();
        }
        self.effect(async || (&self.table).read(keys, within).await, down).await
    }

    async fn commit(&self, changes: &[Change], within: Duration) -> Result<(), TableError> {
        if self.table_is_down {
            return down();
        }
        self.effect(async || (&self.table).commit(changes, within).await, down).await
    }

    async fn due(&self, now: Timestamp, limit: usize, within: Duration) -> Result<Vec<String>, TableError> {
        if self.table_is_down {
            return down();
        }
        self.effect(async || (&self.table).due(now, limit, within).await, down).await
    }
}

impl Publisher for &World {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
        let accept = async || {
            let bodies: Value = serde_json::from_str(&message.body).expect("JSON by protocol");
            let json = serde_json::from_str(bodies["default"].as_str().unwrap()).unwrap();
            self.got.lock().unwrap().push(Got { at: self.millis(), topic: topic.map(str::to_owned), json });
            Ok(())
        };
        self.effect(accept, || Err(PublishError::Unavailable("down".into()))).await
    }
}

fn unknown<R>() -> Result<R, ApiError> {
    Err(ApiError::Unavailable("down".into()))
}

impl TaskFacts for &World {
    async fn task_definition(&self, _: &str, _: Duration) -> Result<TaskDefinition, ApiError> {
        self.effect(async || Ok(TaskDefinition::default()), unknown).await
    }

    async fn host(&self, _: &str, _: &str, _: Duration) -> Result<Option<ContainerInstance>, ApiError> {
        self.effect(async || Ok(None), unknown).await
    }

    async fn deployments(&self, _: &str, _: &str, _: Duration) -> Result<Vec<Deployment>, ApiError> {
        self.effect(async || Ok(Vec::new()), unknown).await
    }

    async fn last_log_lines(&self, _: &LogStream, _: usize, _: Duration) -> Result<LogTail, ApiError> {
        self.effect(async || Ok(LogTail::NoStream), unknown).await
    }

    async fn memory_peak(&self, _: MemoryOf<'_>, _: Duration) -> Result<MemoryPeak, ApiError> {
        self.effect(async || Ok(MemoryPeak::default()), unknown).await
    }
}

impl VerdictBus for &World {
    async fn put(&self, entries: &[Entry], _: Duration) -> usize {
        self.effect(async || 0, || entries.len()).await
    }
}

impl MetricSink for &World {
    async fn emit(&self, tally: &Tally, _now: Timestamp, _within: Duration) {
        let mut sum = self.tally.lock().unwrap();
        sum.messages += tally.messages;
        sum.suppressed += tally.suppressed;
        sum.table_failures += tally.table_failures;
        sum.not_audited += tally.not_audited;
        sum.jobs.extend(tally.jobs.iter().cloned());
    }
}

impl Clock for &World {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis())
    }
}

/// A stopped task of a service.
pub fn stop(service: &str, task: usize, code: &str, reason: &str, exit_code: Option<i64>) -> Value {
    json!({"id": format!("{service}-{task}"), "detail-type": "ECS Task State Change", "detail": {
        "lastStatus": "STOPPED", "version": 5, "group": format!("service:{service}"), "launchType": "EC2",
        "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{service}{task:06}"),
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor",
        "taskDefinitionArn": format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/{service}:7"),
        "startedBy": "ecs-svc/1234567890123456789", "stopCode": code, "stoppedReason": reason,
        "containers": [{"name": "app", "exitCode": exit_code}]}})
}

/// What ECS says of a service, without a version.
pub fn of_service(kind: &str, service: &str, name: &str, reason: &str, at: i64) -> Value {
    let event_type = if reason.starts_with("RESOURCE") { "ERROR" } else { "INFO" };
    json!({"id": format!("{service}-{name}-{at}"), "detail-type": kind, "source": "aws.ecs",
        "resources": [format!("arn:aws:ecs:eu-west-1:111122223333:service/harbor/{service}")],
        "detail": {"eventName": name, "eventType": event_type, "reason": reason, "createdAt": at,
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"}})
}

/// A service found no place for a task.
pub fn no_place(service: &str, at: i64) -> Value {
    of_service("ECS Service Action", service, "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:CPU", at)
}

/// A task of a service that ended by itself.
pub fn crash(service: &str, task: usize, exit_code: i64) -> Value {
    stop(service, task, "EssentialContainerExited", "Essential container in task exited", Some(exit_code))
}

/// A task of a service that a deployment replaced.
pub fn replaced(service: &str, task: usize, exit_code: i64) -> Value {
    let reason = "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)";
    stop(service, task, "ServiceSchedulerInitiated", reason, Some(exit_code))
}
