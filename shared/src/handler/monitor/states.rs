//! States: told once they have lasted, reminded of, and over when they are seen to be.

use std::time::Duration;

use super::{Fate, Monitor, Round};
use crate::alert::Alert;
use crate::alert::incident::awaited::Occasion;
use crate::alert::incident::document::incident_key;
use crate::alert::incident::watch::Deed;
use crate::alert::incident::{Answer, Look, Suppressed};
use crate::handler::incidents::Watched;
use crate::handler::publish::RESERVE;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TaskFacts, VerdictBus};
use crate::verdict::{Cause, Severity};

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Tells people of an alert that no record brought, grouped into its incident; counts it, and puts it on the bus.
    pub async fn report(&self, alert: Alert, round: &mut Round) -> Fate {
        let fate = self.tell_report(&alert, round).await;
        if !matches!(fate, Fate::Failed(_)) {
            round.tally.add(&alert.verdict, &alert.subject);
        }
        tracing::info!(
            cause = alert.verdict.cause.word(),
            severity = alert.verdict.severity.word(),
            summary = alert.verdict.summary,
            fingerprint = alert.verdict.fingerprint,
            fate = fate.word(),
            "reported"
        );
        if self.bus.is_some() {
            round.verdicts.push((alert, Some(self.clock.now())));
        }
        fate
    }

    /// Claims it and tells people, where they are to be told.
    async fn tell_report(&self, alert: &Alert, round: &mut Round) -> Fate {
        if !alert.verdict.is_alert() {
            return Fate::Quiet;
        }
        if let Some(incidents) = self.incidents.as_ref().filter(|_| !round.table_failed) {
            match incidents.claim(alert, 0, None, self.clock.now(), round.deadline).await {
                Ok(Answer::Suppressed(why)) => {
                    round.tally.suppressed += 1;
                    return Fate::Suppressed(why);
                }
                Ok(Answer::Tell(ticket)) => {
                    let sent = self.tell_ticket(&ticket, ticket.alert(), round).await;
                    return sent.map_or_else(Fate::Failed, |()| Fate::Told(ticket.standing.notice));
                }
                Err(error) => round.table_failed(&error),
            }
        }
        self.tell_alone(alert, &alert.verdict, round).await
    }

    /// Has an alert wait for `grace`, when the next tick of any function tells it, unless [`Monitor::over`] withdraws
    /// it before. Without a table, or where it fails, there is nothing to wait in: people are told at once.
    pub async fn wait_with(
        &self,
        alert: Alert,
        occasion: Option<&Occasion>,
        grace: Duration,
        round: &mut Round,
    ) -> Fate {
        if !alert.verdict.is_alert() {
            return Fate::Quiet;
        }
        let now = self.clock.now();
        let due = now.plus(grace);
        if let Some(incidents) = self.incidents.as_ref().filter(|_| !round.table_failed) {
            match incidents.wait_with(&alert, occasion, due, now).await {
                Ok(true) => return Fate::Suppressed(Suppressed::Waits(due)),
                Ok(false) => return Fate::Suppressed(Suppressed::Duplicate),
                Err(error) => round.table_failed(&error),
            }
        }
        self.tell_alone(&alert, &alert.verdict, round).await
    }

    /// Notes that the state of a fingerprint is over: what waits is withdrawn, and people who know of it are told.
    /// False where the table did not take it; then it is to come again.
    pub async fn over(&self, fingerprint: &str, occasion: Option<&Occasion>, round: &mut Round) -> bool {
        let Some(incidents) = self.incidents.as_ref() else { return true };
        if round.table_failed {
            return false;
        }
        let now = self.clock.now();
        let ended = async {
            if incidents.over(fingerprint, occasion, now).await? {
                return incidents.tend(&incident_key(fingerprint), now, round.deadline).await;
            }
            Ok(None)
        };
        match ended.await {
            Ok(Some(ticket)) => {
                // Where it is not sent, the lease ends and the next tick tells it.
                let sent = self.tell_ticket(&ticket, ticket.alert(), round).await;
                tracing::info!(fingerprint, error = sent.err().map(|error| error.to_string()), "over");
                true
            }
            Ok(None) => true,
            Err(error) => {
                round.table_failed(&error);
                false
            }
        }
    }

    /// Follows up what looks at scopes (clusters, by name) have seen: tells what has lasted for its grace, reminds of
    /// what goes on each day, and tells what is over. `who`: the function, whose looks these are.
    ///
    /// It needs the alert table, for what was seen is remembered there; where it fails, nothing is told and nothing is
    /// forgotten, and the failure is counted.
    pub async fn follow_up(&self, who: &str, looks: Vec<(String, Vec<Look>)>, round: &mut Round) {
        // A look that saw only a part is one for each thing it found, and one that says so.
        let is_unread = |look: &&Look| {
            look.seen.as_ref().is_err_and(|found| found.alert.verdict.cause == Cause::NotAudited)
        };
        let unread = looks.iter().flat_map(|(_, looks)| looks).filter(is_unread);
        round.tally.not_audited += u32::try_from(unread.count()).unwrap_or(u32::MAX);
        let Some(incidents) = self.incidents.as_ref() else {
            tracing::error!("there is no alert table: nothing that was seen can be followed up");
            round.tally.table_failures += 1;
            return;
        };
        if round.table_failed || looks.is_empty() {
            return;
        }
        let scopes: Vec<_> = looks.iter().map(|(scope, _)| scope.clone()).collect();
        let watched = match incidents.watched(who, &scopes, self.clock.now()).await {
            Ok(watched) => watched,
            Err(error) => return round.table_failed(&error),
        };
        for (mut watched, (scope, looks)) in watched.into_iter().zip(looks) {
            let deeds = watched.watch.follow(looks, self.clock.now());
            self.do_deeds(&mut watched, deeds, &scope, round).await;
            if round.table_failed {
                return;
            }
            if let Err(error) = incidents.keep_watched(watched, self.clock.now()).await {
                return round.table_failed(&error);
            }
        }
    }

    /// Whether people know of a state, and as loud: another function has heard of it by an event, or this one died
    /// after it told of it.
    async fn knows(&self, fingerprint: &str, severity: Severity, round: &mut Round) -> bool {
        let Some(incidents) = self.incidents.as_ref().filter(|_| !round.table_failed) else { return false };
        match incidents.is_told(fingerprint, severity).await {
            Ok(is_told) => is_told,
            Err(error) => {
                round.table_failed(&error);
                false
            }
        }
    }

    /// Does what is to be done about the states of a scope, as long as there is time: the next look asks again.
    async fn do_deeds(&self, watched: &mut Watched, deeds: Vec<Deed>, scope: &str, round: &mut Round) {
        for deed in deeds {
            let now = self.clock.now();
            if now.plus(RESERVE) >= round.deadline || round.table_failed {
                tracing::warn!(scope, "no time left for what was seen, the next look goes on");
                return;
            }
            match deed {
                Deed::Tell(mut alert, since) => {
                    alert.verdict.evidence.push(format!("seen so since {since}"));
                    let (fingerprint, severity) = (alert.verdict.fingerprint.clone(), alert.verdict.severity);
                    let is_first =
                        watched.watch.states.get(&fingerprint).is_some_and(|one| one.told.is_none());
                    let is_known = is_first && self.knows(&fingerprint, severity, round).await;
                    if is_known || !matches!(self.report(*alert, round).await, Fate::Failed(_)) {
                        watched.watch.told(&fingerprint, severity, now);
                    }
                }
                Deed::Over(fingerprint) => {
                    if self.over(&fingerprint, None, round).await {
                        watched.watch.ended(&fingerprint);
                    }
                }
            }
        }
    }
}
