//! One record from its judgement to its end: judged, told, counted, remembered.

use super::jobs::Noted;
use super::judged::{Judged, Memory};
use super::{Dealt, Fate, Monitor, Round};
use crate::alert::{Alert, limits};
use crate::event::{Detail, Event, TaskStateChange};
use crate::handler::{HandlerError, Outcome};
use crate::intake::Record;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus};

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Deals with one record: judges it, tells people where they are to be told, and notes what has to come
    /// again. A task that runs on may have lost several containers: each is told of by itself, and what is
    /// answered is what became of the first.
    pub async fn deal(&self, record: Record, round: &mut Round, outcome: &mut Outcome) -> Dealt {
        let was_followed = self.follow(&record, round).await;
        let task = record.content.as_ref().ok().and_then(task_of);
        let (judged, known) = self.judge_with_background(&record.content, task, round).await;
        let fate = self.tell(&judged, &known, round).await;
        let fate = self.end_states(&judged, fate, round).await;
        if was_followed {
            // It was for us and is no verdict on anything: neither counted nor told on.
            return Dealt { alert: judged.alert, fate };
        }
        let noted = self.note_job(task, &judged, round).await;
        let mut may_have_more = self.done(&judged, &fate, &record, noted, round, outcome);
        for _ in 1..task.map_or(0, |task| task.containers.len()) {
            if !may_have_more {
                break;
            }
            let (next, known) = self.judge_with_background(&record.content, task, round).await;
            if !matches!(next.memory, Memory::ContainerEnd { .. }) {
                break;
            }
            let fate = self.tell(&next, &known, round).await;
            may_have_more = self.done(&next, &fate, &record, Noted::Yes, round, outcome);
        }
        Dealt { alert: judged.alert, fate }
    }

    /// Ends a verdict on a record: logged, counted and remembered, or to come again. Whether it was about one
    /// container of several there may be.
    fn done(
        &self,
        judged: &Judged,
        fate: &Fate,
        record: &Record,
        noted: Noted,
        round: &mut Round,
        outcome: &mut Outcome,
    ) -> bool {
        let message_id = record.message_id.as_deref();
        if self.bus.is_some() {
            let at = record.content.as_ref().ok().and_then(Event::at);
            round.verdicts.push((judged.alert.clone(), at));
        }
        log(judged, message_id, fate);
        match fate {
            Fate::Failed(error) => {
                outcome.fail(message_id, HandlerError::Publish(error.to_string()));
                false
            }
            Fate::Quiet | Fate::Told(_) | Fate::Suppressed(_) if noted == Noted::No => {
                let what = "the alert table did not remember how a job ended";
                outcome.fail(message_id, HandlerError::Aws(what.to_owned()));
                false
            }
            Fate::Quiet | Fate::Told(_) | Fate::Suppressed(_) => {
                round.tally.add(&judged.alert.verdict, &judged.alert.subject);
                self.remember(&judged.memory);
                if let Memory::Unreadable(unreadable) = &judged.memory {
                    outcome.fail(message_id, HandlerError::Unreadable(unreadable.to_string()));
                }
                matches!(judged.memory, Memory::ContainerEnd { .. })
            }
        }
    }

    /// Remembers a record that is done.
    fn remember(&self, memory: &Memory) {
        match memory {
            Memory::Task(arn, version) => self.seen().remember(arn, *version),
            Memory::Host { key, is_occurrence, version } => {
                let mut seen = self.seen();
                if *is_occurrence {
                    seen.remember_occurrence(key);
                }
                if let Some((arn, version)) = version {
                    seen.remember(arn, *version);
                }
            }
            Memory::ContainerEnd { key, .. } | Memory::Occurrence(key) => {
                self.seen().remember_occurrence(key);
            }
            Memory::Unreadable(unreadable) => {
                let mut seen = self.seen();
                if !seen.was_alerted(unreadable.key) {
                    seen.remember_unreadable(unreadable.key);
                }
            }
            Memory::Nothing => {}
        }
    }
}

/// The task an event is about.
fn task_of(event: &Event) -> Option<&TaskStateChange> {
    match &event.detail {
        Detail::Task(task) => Some(task),
        Detail::Lifecycle(_)
        | Detail::TestNotification
        | Detail::SpotWarning(_)
        | Detail::ContainerInstance(_)
        | Detail::InstanceHealth(_)
        | Detail::InstanceState(_)
        | Detail::Rebalance(_)
        | Detail::HealthNotice(_)
        | Detail::Service(_)
        | Detail::Tick
        | Detail::Other { .. } => None,
    }
}

/// The one wide line of each record.
fn log(judged: &Judged, message_id: Option<&str>, fate: &Fate) {
    let Alert { verdict, subject, .. } = &judged.alert;
    let error = match fate {
        Fate::Failed(error) => Some(error.to_string()),
        Fate::Quiet | Fate::Told(_) | Fate::Suppressed(_) => None,
    };
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
        published = matches!(fate, Fate::Told(_)),
        fate = fate.word(),
        error,
        "judged"
    );
}
