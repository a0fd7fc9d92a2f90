//! What people are told of drains: one message for all instances of a group that come to the same point in
//! the same invocation.

use std::collections::{BTreeMap, BTreeSet};

use super::collecting;
use super::news::{News, Told};
use super::round::Round;
use super::target::{Deed, Purpose, Target};
use crate::alert::{Alert, Message};
use crate::drain::times::{TICK, Times};
use crate::drain::{Ending, Stage, Step, Wait};
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::handler::publish::{Delivery, RESERVE, publish};
use crate::handler::refusals::call_and_code;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};
use crate::verdict::{Decision, Severity};

/// So many instances that go at once are told of tick by tick.
const BUSY: usize = 20;
/// Alerts that are kept for the next invocation at most.
const UNSENT: usize = 100;

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Tells of drains that started and of those that are stuck, and notes on each that it was told.
    pub(super) async fn tell_of_drains(&mut self) {
        self.send_unsent().await;
        let wait = self.is_busy();
        if !wait {
            let finished = std::mem::take(&mut self.memory.finished);
            self.memory.finished_since = None;
            for news in [News::Finished, News::NeverJoined] {
                let of_it = finished.iter().filter(|(of, _)| *of == news);
                let targets: Vec<_> = of_it.map(|(_, target)| target.clone()).collect();
                self.tell(news, &targets).await;
            }
        }
        let mut stages: BTreeMap<Stage, Vec<Target>> = BTreeMap::new();
        for target in self.targets.values() {
            if let Some(stage) = target.stage_to_tell().filter(|stage| *stage > Stage::Started || !wait) {
                stages.entry(stage).or_default().push(target.clone());
            }
        }
        for (stage, targets) in stages {
            let news = if stage == Stage::Started { News::Started } else { News::Stuck(stage) };
            for told in self.tell(news, &targets).await {
                let known = &mut self.memory.instance(&told).stage_told;
                *known = (*known).max(Some(stage));
                if let Some(target) = self.target(&told) {
                    target.told(stage);
                }
            }
        }
    }

    /// Tells of drains that end with tasks left, before they end. Answers those whose end is to wait because
    /// nobody could be told, and there is time to wait.
    pub(super) async fn tell_of_forced_ends(&mut self) -> BTreeSet<String> {
        let mut unheard = BTreeSet::new();
        let forced = self.with_step(|step| matches!(step, Step::Complete(_, Ending::Forced { .. })));
        let retained = self.with_step(|step| matches!(step, Step::Complete(_, Ending::Retained { .. })));
        for (news, mut ids) in [(News::Forced, forced), (News::Retained, retained)] {
            ids.retain(|id| !self.memory.instance(id).end_told && !self.memory.instance(id).released);
            let targets: Vec<_> = ids.iter().filter_map(|id| self.targets.get(id).cloned()).collect();
            let told: BTreeSet<_> = self.tell(news, &targets).await.into_iter().collect();
            for id in &told {
                self.memory.instance(id).end_told = true;
            }
            unheard.extend(ids.into_iter().filter(|id| !told.contains(id) && self.can_wait(id)));
        }
        unheard
    }

    /// Whether there are ticks left before the hook ends by itself.
    fn can_wait(&self, id: &str) -> bool {
        let Some(target) = self.targets.get(id) else { return false };
        let (Some(hook), Some(marks)) = (target.hook.as_ref(), target.seen.marks()) else { return false };
        self.calls.now() < Times::new(marks.since, hook, &self.policy_of(id)).end.plus(TICK * 2)
    }

    /// Tells of drains that are done. If that fails now, the next invocation tries again.
    pub(super) async fn tell_of_ends(&mut self, news: News, ids: &[String]) {
        let targets: Vec<_> = ids.iter().filter_map(|id| self.targets.get(id).cloned()).collect();
        if self.is_busy() {
            let now = self.calls.now();
            self.memory.finished_since.get_or_insert(now);
            self.memory.finished.extend(targets.into_iter().map(|target| (news, target)));
        } else {
            self.tell(news, &targets).await;
        }
    }

    /// Whether so many instances go that good news is kept for the next tick, and told of all of them at once.
    /// Where somebody drains by hand there are no ticks.
    fn is_busy(&self) -> bool {
        let by_hand = || self.targets.values().any(|target| target.wish.purpose == Purpose::Asked);
        let now = self.calls.now();
        let is_late = |since: Timestamp| now.elapsed_since(since) > TICK * 3 / 2;
        let is_late = self.memory.finished_since.is_some_and(is_late);
        !self.tick && self.memory.instances.len() > BUSY && !by_hand() && !is_late
    }

    /// Tells of calls that AWS refuses, once an hour each: without them drains do not work, and the hook's end
    /// would come upon running tasks.
    pub(super) async fn tell_of_refusals(&mut self) {
        let now = self.calls.now();
        let refused = self.memory.refusals.untold(&self.calls.refused, now);
        if refused.is_empty() {
            return;
        }
        let verdict = super::news::of_refusals(&refused);
        let alert = Alert::new(verdict, super::news::nowhere());
        let calls: Vec<_> = refused.iter().map(|why| call_and_code(why)).collect();
        if self.send_news(&alert, calls.join("; ")).await.is_complete() {
            self.memory.refusals.were_told(&refused, now);
        } else {
            self.untold = refused.into_iter().next();
        }
    }

    /// Tells one piece of news of some instances, one message for each cluster and group. Answers those of
    /// whom it was told or is not to be told.
    async fn tell(&mut self, news: News, targets: &[Target]) -> Vec<String> {
        let mut groups: BTreeMap<(&str, &str), Vec<&Target>> = BTreeMap::new();
        for target in targets {
            // A setting, a tag and an event may each name the same cluster in another way.
            let cluster = last_part(target.cluster.as_deref().unwrap_or_default());
            groups.entry((cluster, target.group.as_deref().unwrap_or_default())).or_default().push(target);
        }
        let mut told = Vec::new();
        for ((cluster, group), targets) in groups {
            let now = self.calls.now();
            let instances: Vec<_> = targets.iter().map(|target| target.as_told()).collect();
            let in_group = Some(group).filter(|group| !group.is_empty());
            let policy = self.function.policy.drain_of(cluster, in_group);
            let named = targets.iter().find_map(|target| target.cluster.as_deref()).unwrap_or_default();
            let mut alert = news.alert(named, group, &instances, &policy, now);
            alert.details = collecting::details(news, &targets);
            self.temper(&mut alert, cluster, in_group);
            self.tally.add(&alert.verdict, &alert.subject);
            // A drain that goes on is told of by the next look, if not by this one.
            let is_last_chance = matches!(news, News::Finished | News::NeverJoined)
                || targets.iter().any(|target| target.hook.is_none());
            let ids: Vec<_> = targets.iter().map(|target| target.id()).collect();
            let delivery = if alert.verdict.is_alert() {
                self.send_news(&alert, format!("{news:?} {cluster} {group} {}", ids.join(" "))).await
            } else {
                Delivery::default()
            };
            if delivery.is_complete() {
                told.extend(ids.into_iter().map(str::to_owned));
            } else if is_last_chance && self.memory.unsent.len() < UNSENT {
                self.memory.unsent.push((alert, delivery.accepted));
            }
        }
        told
    }

    /// The policy has the last word on how loud it is.
    fn temper(&self, alert: &mut Alert, cluster: &str, group: Option<&str>) {
        let verdict = &mut alert.verdict;
        let policy = &self.function.policy;
        if let Some(severity) = policy.drain_severity(cluster, group, verdict.cause) {
            verdict.evidence.push(format!("policy: severity {severity}, not {}", verdict.severity));
            verdict.severity = severity;
        }
        if verdict.severity > Severity::Info
            && let Some(reason) = policy.drain_silence(cluster, verdict.cause, self.calls.now())
        {
            verdict.evidence.push(reason);
            verdict.severity = Severity::Info;
        }
        verdict.verdict = if verdict.severity == Severity::Info { Decision::Quiet } else { Decision::Alert };
    }

    /// Until when one message may take: a third of the time that is left, so that an SNS that hangs leaves time
    /// for the others and for the marks.
    fn tell_until(&self) -> Timestamp {
        let now = self.calls.now();
        now.plus(self.calls.deadline.elapsed_since(now) / 3 + RESERVE)
    }

    /// Sends news that comes up again until every topic has it. `key` says what is told of whom: topics that
    /// have just this are spared the repeat.
    async fn send_news(&mut self, alert: &Alert, key: String) -> Delivery {
        let has = self.memory.half_told.remove(&key).unwrap_or_default();
        let delivery = self.send(alert, &has).await;
        let is_half = !delivery.is_complete() && !delivery.accepted.is_empty();
        if is_half && self.memory.half_told.len() < UNSENT {
            self.memory.half_told.insert(key, delivery.accepted.clone());
        }
        delivery
    }

    /// Publishes an alert to its topics, but to those that have it.
    async fn send(&mut self, alert: &Alert, except: &[String]) -> Delivery {
        let function = self.function;
        let message = Message::of(alert, function.https);
        let topics = function.policy.topics(&alert.verdict, &alert.subject);
        let until = self.tell_until();
        let (publisher, clock) = (&function.publisher, &function.clock);
        let delivery = publish(publisher, clock, alert, &message, &topics, except, until).await;
        let error = delivery.failed.as_ref().map(ToString::to_string);
        let verdict = &alert.verdict;
        tracing::info!(
            verdict = verdict.verdict.word(),
            cause = verdict.cause.word(),
            severity = verdict.severity.word(),
            summary = verdict.summary,
            fingerprint = verdict.fingerprint,
            published = delivery.is_complete(),
            error,
            "told"
        );
        if delivery.is_complete() {
            self.tally.messages += 1;
        } else {
            self.tally.publish_failures += 1;
        }
        delivery
    }

    /// Sends what an earlier invocation could not.
    async fn send_unsent(&mut self) {
        for (alert, has) in std::mem::take(&mut self.memory.unsent) {
            let delivery = self.send(&alert, &has).await;
            if !delivery.is_complete() {
                self.memory.unsent.push((alert, delivery.accepted));
            }
        }
    }
}

impl Target {
    /// What people are to be told of it now, where its drain is under way.
    pub(super) fn stage_to_tell(&self) -> Option<Stage> {
        match &self.step {
            Some(Step::Drain { marks, .. }) if self.done.contains(&Deed::SetDraining) => {
                (marks.stage == Stage::Begun).then_some(Stage::Started)
            }
            Some(Step::Drain { tell, .. } | Step::Wait(Wait { tell, .. })) => *tell,
            Some(Step::Remember { marks, .. }) => (marks.stage == Stage::Begun).then_some(Stage::Started),
            _ => None,
        }
    }

    /// What a message says of it.
    fn as_told(&self) -> Told<'_> {
        Told {
            seen: &self.seen,
            step: self.step.as_ref(),
            trouble: self.trouble.as_deref(),
            container_instance: self.found().map(|(_, instance)| instance),
            begun: self.new_marks.or_else(|| self.seen.marks()).map(|marks| marks.since),
            hook: self.hook.as_ref(),
            is_spot: self.wish.purpose == Purpose::Spot,
        }
    }
}
