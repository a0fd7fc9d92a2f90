//! `task-monitor`: judges every task state change of a payload and publishes the alerts.
//!
//! A record is done only when its alert was accepted. What fails is delivered again; what went through is
//! remembered, so that a redelivery of the whole is quiet about it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use super::publish::publish;
use super::seen::{self, Seen};
use super::{HandlerError, Outcome};
use crate::alert::{Alert, HttpsBody, Message, Subject, limits};
use crate::event::{Detail, Event, TaskStateChange, Timestamp};
use crate::intake::{Record, Unreadable};
use crate::judge::{self, Context, Verdict};
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{Clock, MetricSink, PublishError, Publisher};

/// How long metrics may take; they are not worth an alert.
const METRICS_TIME: Duration = Duration::from_secs(1);

/// The function: a policy, ports and what it remembers between invocations.
#[derive(Debug)]
pub struct TaskMonitor<P, M, C> {
    /// What the team knows.
    pub policy: Policy,
    /// Where alerts go.
    pub publisher: P,
    /// Where counts go.
    pub metrics: M,
    /// The time.
    pub clock: C,
    /// What HTTPS subscribers get.
    pub https: HttpsBody,
    /// What was dealt with.
    seen: Mutex<Seen>,
}

/// A judged record: what is to be told, counted and remembered.
#[derive(Debug)]
struct Judged {
    /// The verdict and what it is about.
    alert: Alert,
    /// What is to be published; nothing where the verdict is quiet.
    message: Option<Message>,
    /// What to remember once it is done.
    memory: Memory,
}

impl Judged {
    /// A verdict with its message.
    fn new(verdict: Verdict, subject: Subject, memory: Memory, https: HttpsBody) -> Self {
        let alert = Alert::new(verdict, subject);
        let message = alert.verdict.is_alert().then(|| Message::of(&alert, https));
        Self { alert, message, memory }
    }

    /// A record that was not read.
    fn unreadable(unreadable: Unreadable, https: HttpsBody) -> Self {
        let verdict = judge::unreadable_event(&unreadable);
        Self::new(verdict, Subject::default(), Memory::Unreadable(unreadable), https)
    }
}

/// What to remember of a record once it is done.
#[derive(Debug)]
enum Memory {
    /// The version of a stopped task.
    Task(Box<str>, i64),
    /// A record nobody could read: it fails whatever becomes of its alert.
    Unreadable(Unreadable),
    /// Nothing.
    Nothing,
}

impl<P: Publisher, M: MetricSink, C: Clock> TaskMonitor<P, M, C> {
    /// A function that has seen nothing yet.
    pub fn new(policy: Policy, publisher: P, metrics: M, clock: C, https: HttpsBody) -> Self {
        Self { policy, publisher, metrics, clock, https, seen: Mutex::default() }
    }

    /// Deals with a payload until `deadline`, the end of the invocation.
    ///
    /// # Errors
    /// [`HandlerError`] where a record outside an SQS batch failed; inside one it is in the answer.
    pub async fn handle(
        &self,
        payload: &[u8],
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, HandlerError> {
        let records = super::records_of(payload);
        self.deal_with(records, deadline).await
    }

    /// Deals with records that were read.
    ///
    /// # Errors
    /// As [`Self::handle`].
    pub async fn deal_with(
        &self,
        records: Vec<Record>,
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, HandlerError> {
        let mut outcome = Outcome::default();
        let mut tally = Tally::default();
        for record in records {
            let message_id = record.message_id.clone();
            let judged = self.judge(record);
            let told = self.tell(&judged, deadline).await;
            log(&judged, message_id.as_deref(), &told);
            match told {
                Ok(_) => {
                    tally.add(&judged.alert.verdict, &judged.alert.subject);
                    self.remember(&judged.memory);
                    if let Memory::Unreadable(unreadable) = judged.memory {
                        outcome.fail(message_id.as_deref(), HandlerError::Unreadable(unreadable.to_string()));
                    }
                }
                Err(error) => {
                    tally.publish_failures += 1;
                    outcome.fail(message_id.as_deref(), HandlerError::Publish(error.to_string()));
                }
            }
        }
        if !tally.is_empty() {
            let now = self.clock.now();
            self.metrics.emit(&tally, now, METRICS_TIME.min(deadline.elapsed_since(now))).await;
        }
        outcome.answer()
    }

    /// Judges one record. A panic is a bug; it makes the record an unreadable one and spares the rest.
    fn judge(&self, record: Record) -> Judged {
        let event = match record.content {
            Ok(event) => event,
            Err(unreadable) => return Judged::unreadable(unreadable, self.https),
        };
        catch_unwind(AssertUnwindSafe(|| self.judge_event(&event))).unwrap_or_else(|_| {
            let id = event.envelope.id.as_deref().unwrap_or("-");
            let problem = format!("judging the event {id} failed by a bug of ours");
            Judged::unreadable(Unreadable::of_bug(problem, &format!("{event:?}")), self.https)
        })
    }

    /// Judges one event.
    fn judge_event(&self, event: &Event) -> Judged {
        let subject = Subject::of(event);
        let Detail::Task(task) = &event.detail else {
            return Judged::new(judge::unknown_event(event), subject, Memory::Nothing, self.https);
        };
        // A mute is about when a task stopped, not about when its event arrives.
        let now = event.at().unwrap_or_else(|| self.clock.now());
        let context = Context { now, last_version: self.last_version(task), background: None };
        let verdict = judge::judge(task, &self.policy, &context);
        let memory = seen::done(task, &verdict)
            .map_or(Memory::Nothing, |(arn, version)| Memory::Task(arn.into(), version));
        Judged::new(verdict, subject, memory, self.https)
    }

    /// Publishes where the verdict is an alert. `Ok(true)` where a message went out.
    async fn tell(&self, judged: &Judged, deadline: Timestamp) -> Result<bool, PublishError> {
        let alerted_before = match &judged.memory {
            Memory::Unreadable(unreadable) => self.seen().was_alerted(unreadable.key),
            Memory::Task(..) | Memory::Nothing => false,
        };
        let Some(message) = judged.message.as_ref().filter(|_| !alerted_before) else { return Ok(false) };
        publish(&self.publisher, &self.clock, &judged.alert, message, deadline).await.map(|()| true)
    }

    /// The highest version of the task that was dealt with.
    fn last_version(&self, task: &TaskStateChange) -> Option<i64> {
        self.seen().last_version(task.task_arn.as_deref()?)
    }

    /// Remembers a record that is done.
    fn remember(&self, memory: &Memory) {
        match memory {
            Memory::Task(arn, version) => self.seen().remember(arn, *version),
            Memory::Unreadable(unreadable) => {
                let mut seen = self.seen();
                if !seen.was_alerted(unreadable.key) {
                    seen.remember_unreadable(unreadable.key);
                }
            }
            Memory::Nothing => {}
        }
    }

    /// The memory; a panic elsewhere does not take it away.
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one wide line of each record.
fn log(judged: &Judged, message_id: Option<&str>, told: &Result<bool, PublishError>) {
    let Alert { verdict, subject, .. } = &judged.alert;
    let error = told.as_ref().err().map(ToString::to_string);
    tracing::info!(
        verdict = verdict.verdict.word(),
        cause = verdict.cause.word(),
        severity = verdict.severity.word(),
        container = verdict.container.as_deref(),
        exit_code = verdict.exit_code,
        summary = verdict.summary,
        evidence = limits::facts(&verdict.evidence).join("; "),
        fingerprint = verdict.fingerprint,
        cluster = subject.cluster.as_deref(),
        workload = subject.workload(),
        task_arn = subject.task_arn.as_deref(),
        event_id = subject.event_id.as_deref(),
        detail_type = subject.detail_type.as_deref(),
        message_id,
        published = matches!(told, Ok(true)),
        error,
        "judged"
    );
}

#[cfg(test)]
mod tests;
