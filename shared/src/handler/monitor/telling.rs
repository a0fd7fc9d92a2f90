//! From a verdict to a message: claimed, enriched, published, and the lease ended.

use super::judged::{Judged, Memory};
use super::judging::Known;
use super::{Fate, Monitor, Round};
use crate::alert::incident::claim::About;
use crate::alert::incident::{Answer, Notice, Suppressed, Ticket};
use crate::alert::{Alert, Message};
use crate::handler::Delivery;
use crate::handler::publish::publish;
use crate::ports::{AlertTable, Clock, MetricSink, PublishError, Publisher, TaskFacts, VerdictBus};
use crate::verdict::Verdict;

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Tells people where they are to be told of it now.
    pub(super) async fn tell(&self, judged: &Judged, known: &Known<'_>, round: &mut Round) -> Fate {
        if !judged.alert.verdict.is_alert() {
            return Fate::Quiet;
        }
        if let Memory::Unreadable(unreadable) = &judged.memory
            && self.seen().was_alerted(unreadable.key)
        {
            return Fate::Suppressed(Suppressed::Duplicate);
        }
        if let Some(fate) = self.wait_for(judged, round).await {
            return fate;
        }
        let answer = self.claimed(judged, round).await;
        match answer {
            Some(Answer::Suppressed(why)) => {
                round.tally.suppressed += 1;
                Fate::Suppressed(why)
            }
            Some(Answer::Tell(ticket)) => {
                let notice = ticket.standing.notice;
                let alert = self.alert_of(&ticket, judged, known).await;
                let sent = self.tell_ticket(&ticket, alert, round).await;
                sent.map_or_else(Fate::Failed, |()| Fate::Told(notice))
            }
            None => {
                let alert = self.enriched(judged.alert.clone(), known).await;
                self.tell_alone(&alert, &judged.alert.verdict, round).await
            }
        }
    }

    /// Tells of an alert that no incident holds: there is no table, or it did not answer.
    pub(super) async fn tell_alone(&self, alert: &Alert, verdict: &Verdict, round: &mut Round) -> Fate {
        let delivery = self.send(alert, verdict, &[], round).await;
        delivery.failed.map_or(Fate::Told(Notice::Alert), Fate::Failed)
    }

    /// What the table says to a stop; nothing where there is none, or it does not answer: then people are told.
    async fn claimed(&self, judged: &Judged, round: &mut Round) -> Option<Answer> {
        let incidents = self.incidents.as_ref().filter(|_| !round.table_failed)?;
        let (alert, now) = (&judged.alert, self.clock.now());
        if let Memory::ContainerEnd { task, version: Some(version), .. } = &judged.memory {
            // The event came after the task's own stop, which another process told of.
            match incidents.was_counted(task, *version).await {
                Ok(true) => return Some(Answer::Suppressed(Suppressed::Duplicate)),
                Ok(false) => {}
                Err(error) => {
                    round.table_failed(&error);
                    return None;
                }
            }
        }
        match incidents.claim(alert, judged.version(), judged.key(), now, round.deadline).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                round.table_failed(&error);
                None
            }
        }
    }

    /// The alert of a ticket that a stop brought: of the stop at hand, with what is known of it, where it is as
    /// loud as what the incident keeps; of a storm what the storm says.
    async fn alert_of(&self, ticket: &Ticket, judged: &Judged, known: &Known<'_>) -> Alert {
        let (own, kept) = (&judged.alert.verdict, &ticket.example.verdict);
        let is_own = matches!(ticket.about, About::Incident(_)) && own.severity >= kept.severity;
        if is_own { self.enriched(judged.alert.clone(), known).await } else { ticket.alert() }
    }

    /// With what is known beyond the event, as far as it is to be had in time.
    async fn enriched(&self, alert: Alert, known: &Known<'_>) -> Alert {
        let (Some(enriching), Some(task)) = (&self.enriching, known.task) else { return alert };
        let details = enriching.details(task, &alert.verdict, &known.background, known.until).await;
        alert.with_details(details)
    }

    /// Tells what a ticket is about, and ends its lease.
    pub(super) async fn tell_ticket(
        &self,
        ticket: &Ticket,
        alert: Alert,
        round: &mut Round,
    ) -> Result<(), PublishError> {
        let verdict = ticket.example.verdict.clone();
        let alert = self.with_logs(alert, &ticket.standing, round).await.standing(ticket.standing.clone());
        let Delivery { accepted, failed } = self.send(&alert, &verdict, &ticket.delivered, round).await;
        if let Some(incidents) = &self.incidents {
            let sent = if failed.is_none() { Ok(()) } else { Err(&*accepted) };
            if let Err(error) = incidents.settle(ticket, self.clock.now(), sent).await {
                round.table_failed(&error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Publishes an alert to the topics of a verdict, save those that have it. The end of an incident goes where
    /// its begin went, so the verdict is the incident's and not the message's.
    async fn send(&self, alert: &Alert, verdict: &Verdict, except: &[String], round: &mut Round) -> Delivery {
        let message = Message::of(alert, self.https);
        let topics = self.policy.topics(verdict, &alert.subject);
        let deadline = round.deadline;
        let delivery =
            publish(&self.publisher, &self.clock, alert, &message, &topics, except, deadline).await;
        if delivery.is_complete() {
            round.tally.messages += 1;
        } else {
            round.tally.publish_failures += 1;
        }
        delivery
    }
}
