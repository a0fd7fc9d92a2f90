//! From a record to its verdict: by the event alone, and once more where more is known.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::judged::{Judged, Memory};
use super::{Monitor, Round};
use crate::alert::Subject;
use crate::event::{Detail, Event, ServiceEvent, TaskStateChange, Timestamp};
use crate::handler::publish::RESERVE;
use crate::handler::seen;
use crate::intake::Unreadable;
use crate::judge::background::Background;
use crate::judge::host::{Happening, KnownHosts};
use crate::judge::{self, Context, Verdict, service};
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus};

/// Kept for publishing, of the time there is to look up what an alert lacks.
const KEPT_TO_PUBLISH: Duration = Duration::from_secs(2);

/// What is known of a record beyond its verdict.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Its task.
    pub(super) task: Option<&'a TaskStateChange>,
    /// What was looked up before judging.
    pub(super) background: Background,
    /// Until when more may be.
    pub(super) until: Timestamp,
}

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Judges a record, and once more where something is known that the event does not say.
    pub(super) async fn judge_with_background<'a>(
        &self,
        content: &Result<Event, Unreadable>,
        task: Option<&'a TaskStateChange>,
        round: &Round,
    ) -> (Judged, Known<'a>) {
        let judged = self.judge(content, None, &round.known_hosts);
        let mut known = Known { task, background: Background::default(), until: round.deadline };
        let (Some(enriching), Some(task)) = (&self.enriching, task) else { return (judged, known) };
        known.until = enriching.until(round.deadline.minus(RESERVE + KEPT_TO_PUBLISH));
        known.background = enriching.background(task, &judged.alert.verdict, known.until).await;
        if known.background == Background::default() {
            return (judged, known);
        }
        (self.judge(content, Some(&known.background), &round.known_hosts), known)
    }

    /// Judges one record. A panic is a bug; it makes the record an unreadable one and spares the rest.
    pub(super) fn judge(
        &self,
        content: &Result<Event, Unreadable>,
        background: Option<&Background>,
        known: &KnownHosts,
    ) -> Judged {
        let event = match content {
            Ok(event) => event,
            Err(unreadable) => return Judged::unreadable(unreadable.clone()),
        };
        catch_unwind(AssertUnwindSafe(|| self.judge_event(event, background, known))).unwrap_or_else(|_| {
            let id = event.envelope.id.as_deref().unwrap_or("-");
            let problem = format!("judging the event {id} failed by a bug of ours");
            Judged::unreadable(Unreadable::of_bug(problem, &format!("{event:?}")))
        })
    }

    /// Judges one event.
    fn judge_event(&self, event: &Event, background: Option<&Background>, known: &KnownHosts) -> Judged {
        if !self.beat.judges(&event.detail) {
            return Judged::new(judge::unknown_event(event), Subject::of(event), Memory::Nothing);
        }
        // A mute is about when something happened, not about when its event arrives.
        let now = event.at().unwrap_or_else(|| self.clock.now());
        if let Some(happening) = Happening::of(&event.detail) {
            return self.judge_host(happening, event, now, known);
        }
        let (verdict, memory) = match &event.detail {
            Detail::Task(task) => self.judge_task(task, now, background),
            Detail::Service(service) => self.judge_service(service, event, now),
            Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::SpotWarning(_)
            | Detail::ContainerInstance(_)
            | Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Tick
            | Detail::Other { .. } => (judge::unknown_event(event), Memory::Nothing),
        };
        Judged::new(verdict, Subject::of(event), memory)
    }

    /// Judges a task state change.
    fn judge_task(
        &self,
        task: &TaskStateChange,
        now: Timestamp,
        background: Option<&Background>,
    ) -> (Verdict, Memory) {
        // A stop is judged as a whole, whatever people were told of its containers before.
        let has_stopped = task.last_status.as_deref() == Some("STOPPED");
        let known_ends = if has_stopped { Vec::new() } else { self.seen().known_ends(task) };
        let last_version = self.last_version(task);
        let context = Context { now, last_version, background, known_ends: &known_ends };
        let verdict = judge::judge(task, &self.policy, &context);
        let memory = if let (Some(key), Some(arn)) = (seen::end_of(task, &verdict), &task.task_arn) {
            Memory::ContainerEnd { key: key.into(), task: arn.clone(), version: task.version }
        } else {
            seen::done(task, &verdict)
                .map_or(Memory::Nothing, |(arn, version)| Memory::Task(arn.into(), version))
        };
        (verdict, memory)
    }

    /// Judges what ECS says of a service.
    fn judge_service(&self, service: &ServiceEvent, event: &Event, now: Timestamp) -> (Verdict, Memory) {
        let key = service.key(event.envelope.id.as_deref());
        let was_seen = key.as_deref().is_some_and(|key| self.seen().was_seen(key));
        let verdict = judge::service::judge(service, &self.policy, service::Context { now, was_seen });
        (verdict, key.map_or(Memory::Nothing, |key| Memory::Occurrence(key.into())))
    }

    /// The highest version of the task that was dealt with.
    fn last_version(&self, task: &TaskStateChange) -> Option<i64> {
        self.seen().last_version(task.task_arn.as_deref()?)
    }
}
