//! From a verdict to a message: claimed, published, and the lease ended.

use super::judged::{Judged, Memory};
use super::{Fate, Round, TaskMonitor};
use crate::alert::incident::{Answer, Notice, Stop, Suppressed, Ticket};
use crate::alert::{Alert, Message};
use crate::handler::incidents::Claim;
use crate::handler::publish::publish;
use crate::ports::{AlertTable, Clock, MetricSink, PublishError, Publisher};

impl<P: Publisher, M: MetricSink, C: Clock, T: AlertTable> TaskMonitor<P, M, C, T> {
    /// Tells people where they are to be told of it now.
    pub(super) async fn tell(&self, judged: &Judged, round: &mut Round) -> Fate {
        if !judged.alert.verdict.is_alert() {
            return Fate::Quiet;
        }
        if let Memory::Unreadable(unreadable) = &judged.memory
            && self.seen().was_alerted(unreadable.key)
        {
            return Fate::Suppressed(Suppressed::Duplicate);
        }
        match self.claimed(judged, round).await {
            Some(Answer::Suppressed(why)) => {
                round.tally.suppressed += 1;
                Fate::Suppressed(why)
            }
            Some(Answer::Tell(ticket)) => {
                let notice = ticket.standing.notice;
                self.tell_ticket(&ticket, round).await.map_or_else(Fate::Failed, |()| Fate::Told(notice))
            }
            None => {
                let sent = self.send(&judged.alert, round).await;
                sent.map_or_else(Fate::Failed, |()| Fate::Told(Notice::Alert))
            }
        }
    }

    /// What the table says to a stop; nothing where there is none, or it does not answer: then people are told.
    async fn claimed(&self, judged: &Judged, round: &mut Round) -> Option<Answer> {
        let incidents = self.incidents.as_ref().filter(|_| !round.table_failed)?;
        let key = judged.key();
        let stop = Stop { alert: &judged.alert, version: judged.version(), has_key: key.is_some() };
        let claim = Claim { stop, key };
        match incidents.claim(&claim, self.clock.now(), round.deadline).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                round.table_failed(&error);
                None
            }
        }
    }

    /// Tells what a ticket is about, and ends its lease.
    pub(super) async fn tell_ticket(&self, ticket: &Ticket, round: &mut Round) -> Result<(), PublishError> {
        let example = ticket.example.clone();
        let alert = Alert::new(example.verdict, example.subject).standing(ticket.standing.clone());
        let sent = self.send(&alert, round).await;
        if let Some(incidents) = &self.incidents {
            let settled = incidents
                .settle(ticket, self.clock.now(), sent.as_ref().map(|()| ()).map_err(|_| &[][..]))
                .await;
            if let Err(error) = settled {
                round.table_failed(&error);
            }
        }
        sent
    }

    /// Publishes an alert.
    async fn send(&self, alert: &Alert, round: &mut Round) -> Result<(), PublishError> {
        let message = Message::of(alert, self.https);
        let sent = publish(&self.publisher, &self.clock, alert, &message, round.deadline).await;
        match &sent {
            Ok(()) => round.tally.messages += 1,
            Err(_) => round.tally.publish_failures += 1,
        }
        sent
    }
}
