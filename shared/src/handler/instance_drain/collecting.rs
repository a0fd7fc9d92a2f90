//! Collecting the logs of instances whose drain is stuck, before their hooks are completed. Nothing of a drain
//! hangs on it: what fails here is said in the alert, and only a command that runs is waited for.

use std::collections::BTreeSet;
use std::time::Duration;

use super::calls::Trouble;
use super::news::News;
use super::round::Round;
use super::target::{Purpose, Target};
use crate::alert::Details;
use crate::collect::{self, Collection, Known, Sent, script::script};
use crate::drain::{Because, Stage, Step, Wait};
use crate::event::arn::{Arn, last_part};
use crate::handler::host_logs;
use crate::policy::collect_logs::CollectLogs;
use crate::ports::{ApiError, AutoScaling, Clock, Ecs, LogCollector, Publisher};
use crate::redact;
use crate::verdict::{Cause, Severity};

/// Calls to Systems Manager in one invocation; the next one goes on.
const CALLS: usize = 20;
/// How long they may take together: completions come after them.
const TIME: Duration = Duration::from_secs(5);
/// How soon it may be asked again how far a command is: events come in bursts.
const PAUSE: Duration = Duration::from_secs(15);

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Begins what is to be collected, asks how far the rest is, and lets the ends of drains wait for it.
    pub(super) async fn collect_logs(&mut self) {
        let policy = self.function.policy.collect_logs.as_ref();
        let Some(policy) = policy.filter(|policy| policy.is_for(Cause::DrainStuck)) else { return };
        let until = self.calls.now().plus(TIME);
        let mut left = CALLS;
        // Who is about to be let go first: a command that nobody knows of yet would be cut off.
        let mut ids: Vec<_> = self.targets.keys().cloned().collect();
        ids.sort_by_key(|id| !self.targets.get(id).is_some_and(Target::is_ending));
        for id in ids {
            let Some((collection, stuck)) = self.collection_of(&id) else { continue };
            let ending = self.targets.get(&id).is_some_and(Target::is_ending);
            let asked_at = self.memory.instance(&id).logs_asked;
            let mut asked = asked_at.is_some_and(|at| self.calls.now().elapsed_since(at) < PAUSE);
            let step = loop {
                let (known, now) = (self.memory.instance(&id).logs.clone(), self.calls.now());
                let step = collect::step(&known, Some(stuck), ending, asked, policy.within, now);
                let may_call = left > 0 && now < until;
                let known = match &step {
                    collect::Step::Look if may_call && !asked => {
                        asked = true;
                        self.memory.instance(&id).logs_asked = Some(now);
                        self.look_for_command(&collection, stuck).await
                    }
                    collect::Step::Start if may_call => self.send_command(&collection, policy, stuck).await,
                    collect::Step::Nothing
                    | collect::Step::Look
                    | collect::Step::Start
                    | collect::Step::Wait(_)
                    | collect::Step::Done
                    | collect::Step::GaveUp(_) => break step,
                };
                left -= 1;
                self.memory.instance(&id).logs = known;
            };
            self.note_collection(&id, &collection, policy, &step);
        }
    }

    /// What is to be collected from an instance and at which stage, where its drain is stuck and people are told.
    fn collection_of(&self, id: &str) -> Option<(Collection, Stage)> {
        let target = self.targets.get(id)?;
        let is_held = target.hook.is_some() && target.wish.purpose == Purpose::Termination;
        let is_released = self.memory.instances.get(id).is_some_and(|known| known.released);
        let marks = target.seen.marks_of_this_drain(target.hook.as_ref(), self.calls.now())?;
        let stage = marks.stage.max(target.stage_to_tell().unwrap_or(Stage::Begun));
        let (cluster, instance) = target.found()?;
        if !is_held || is_released || !(Stage::Stuck25..=Stage::Deadline).contains(&stage) {
            return None;
        }
        if self.is_silent(last_part(cluster), target.group.as_deref()) {
            return None;
        }
        let collection = Collection {
            instance_id: id.to_owned(),
            cluster: cluster.to_owned(),
            region: Arn::parse(&instance.arn).map(|arn| arn.region.to_owned()),
            since: marks.since,
        };
        Some((collection, stage))
    }

    /// Whether nobody is told that drains of this cluster and group are stuck.
    fn is_silent(&self, cluster: &str, group: Option<&str>) -> bool {
        let (policy, now) = (&self.function.policy, self.calls.now());
        policy.drain_severity(cluster, group, Cause::DrainStuck) == Some(Severity::Info)
            || policy.drain_silence(cluster, Cause::DrainStuck, now).is_some()
    }

    /// Asks whether there is a command for a collection, and how far it is.
    async fn look_for_command(&mut self, collection: &Collection, stuck: Stage) -> Known {
        let after = host_logs::looked_for_after(collection);
        let call = self.function.logs.invocations(&collection.instance_id, after);
        match self.calls.aside("ListCommandInvocations", call).await {
            Ok(found) => host_logs::known(found, collection, self.calls.now()),
            Err(trouble) => self.failed(collection, stuck, &trouble),
        }
    }

    /// Sends the command of a collection.
    async fn send_command(&mut self, collection: &Collection, policy: &CollectLogs, stuck: Stage) -> Known {
        let (comment, script) = (collection.comment(), script(collection, policy));
        let call = self.function.logs.send(host_logs::command(collection, policy, &comment, &script));
        match self.calls.aside("SendCommand", call).await {
            Ok(()) => Known::Sent(Sent { at: self.calls.now(), state: collect::State::Running }),
            Err(trouble) => self.failed(collection, stuck, &trouble),
        }
    }

    /// What is known where a call failed. A command that was seen stays: its time box ends by itself.
    fn failed(&mut self, collection: &Collection, stuck: Stage, trouble: &Trouble) -> Known {
        let known = self.memory.instance(&collection.instance_id).logs.clone();
        if let Known::Sent(_) = known {
            return known;
        }
        let why = redact::string(trouble.to_string());
        match trouble {
            Trouble::Api(ApiError::Refused { .. }) => Known::Refused(stuck, why),
            Trouble::Api(ApiError::Throttled(_) | ApiError::Unavailable(_))
            | Trouble::Partly(_)
            | Trouble::NoBudget
            | Trouble::NoTime
            | Trouble::NoSuchCluster
            | Trouble::TooManyPages => Known::Unsure(why),
        }
    }

    /// Notes for the alert where the logs are or why there are none, and decides anew where the end waits.
    fn note_collection(&mut self, id: &str, of: &Collection, policy: &CollectLogs, step: &collect::Step) {
        let archive = |state| host_logs::archive(of, policy, state);
        let Some(target) = self.targets.get_mut(id) else { return };
        let (logs, until) = match step {
            collect::Step::Nothing => (None, None),
            collect::Step::Look | collect::Step::Start => {
                (Some(Err("not asked for in time, the next tick goes on".to_owned())), None)
            }
            collect::Step::Wait(until) => {
                (Some(Ok(archive(format!("being collected until {until}")))), Some(*until))
            }
            collect::Step::Done => (Some(Ok(archive("collected".to_owned()))), None),
            collect::Step::GaveUp(why) => (Some(Err(why.clone())), None),
        };
        target.logs = logs;
        target.seen.collecting_until = until;
        if until.is_some() && target.is_ending() {
            self.decide_on(id);
        }
    }
}

/// What an alert says of the logs of these instances.
pub(super) fn details(news: News, targets: &[&Target]) -> Details {
    match news {
        News::Started | News::NeverJoined => return Details::default(),
        News::Stuck(_) | News::Finished | News::Forced | News::Retained => {}
    }
    let mut details = Details::default();
    // Most often all of them lack their logs for the same reason.
    let mut told = BTreeSet::new();
    for target in targets {
        match &target.logs {
            Some(Ok(archive)) => details.archives.push(archive.clone()),
            Some(Err(why)) if told.insert(without_ids(why)) => {
                details.missing.push(format!("logs of {}: {why}", target.id()));
            }
            Some(Err(_)) | None => {}
        }
    }
    details
}

/// A reason without what names one instance.
fn without_ids(why: &str) -> String {
    why.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|word| !word.starts_with("i-"))
        .collect::<Vec<_>>()
        .join(" ")
}

impl Target {
    /// Whether its drain is over but for the completion.
    fn is_ending(&self) -> bool {
        matches!(self.step, Some(Step::Complete(..) | Step::Wait(Wait { because: Because::Logs, .. })))
    }
}
