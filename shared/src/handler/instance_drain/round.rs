//! One invocation: look at every instance that is asked for, decide, act in batches, tell.

use std::collections::BTreeMap;

use super::InstanceDrain;
use super::calls::{Calls, Trouble};
use super::memory::Memory;
use super::target::{Purpose, Target, Wish};
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::{self, Leave, Step};
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::metrics::Tally;
use crate::policy::drain::DrainPolicy;
use crate::ports::auto_scaling::PER_INSTANCES;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

/// Reads that find out where instances are, before any task is listed.
const READS_BEFORE_LOOKS: usize = 3;
/// Reads for the tasks of one instance: two lists, and a share in their description.
const READS_PER_LOOK: usize = 2;

/// Instances of a long queue that are worth the calls which find out where they are.
const WORTH_A_ROUND: usize = 5;

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Do what is decided.
    Act,
    /// Only find out what would be done.
    Plan,
}

/// One invocation.
pub(super) struct Round<'a, E, A, P, M, C, L> {
    /// The function.
    pub(super) function: &'a InstanceDrain<E, A, P, M, C, L>,
    /// Whether anything is changed.
    pub(super) mode: Mode,
    /// Whether every waiting instance is looked at.
    pub(super) tick: bool,
    /// The calls it makes.
    pub(super) calls: Calls<'a, C>,
    /// What the process remembers.
    pub(super) memory: Memory,
    /// The instances by id.
    pub(super) targets: BTreeMap<String, Target>,
    /// What is counted.
    pub(super) tally: &'a mut Tally,
    /// Something people had to be told and were not.
    pub(super) untold: Option<String>,
}

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Goes the whole way once. What comes first matters: spot instances have two minutes, a heartbeat that is
    /// late ends a hook, an instance that is not DRAINING gets new tasks; all else can wait for the next tick.
    pub(super) async fn run(&mut self, wishes: BTreeMap<String, Wish>) {
        self.targets = wishes.into_iter().map(|(id, wish)| (id.clone(), Target::new(&id, wish))).collect();
        if !self.tick {
            self.add_backlog();
        }
        let acts = self.mode == Mode::Act;
        self.calls.urgent = true;
        self.find_places(|target| target.wish.purpose == Purpose::Spot).await;
        self.decide(|target| target.wish.purpose == Purpose::Spot);
        if acts {
            self.set_draining().await;
        }
        self.calls.urgent = false;
        let saw_all = self.find_states().await;
        self.find_hooks().await;
        if acts {
            self.send_remembered_heartbeats().await;
        }
        self.find_places(|target| target.wish.purpose != Purpose::Spot && target.may_drain()).await;
        self.decide(|target| target.wish.purpose != Purpose::Spot);
        if acts {
            self.send_heartbeats().await;
            self.set_draining().await;
        }
        self.look_at_tasks().await;
        if acts {
            self.stop_tasks().await;
            self.collect_logs().await;
        }
        self.confirm_places().await;
        if acts {
            self.complete().await;
            self.tell_of_drains().await;
            self.write_marks().await;
            self.tell_of_refusals().await;
        }
        self.tally.drains = if saw_all { self.measure() } else { None };
    }

    /// Adds instances that wait for a look, as many as the budget has reads for. So every event, whatever
    /// instance it is about, gets a long queue on: when many instances go at once, the events of the first
    /// ones that are gone see off the last.
    fn add_backlog(&mut self) {
        let now = self.calls.now();
        let affordable = self.calls.reads_left().saturating_sub(READS_BEFORE_LOOKS) / READS_PER_LOOK;
        let backlog = self.memory.backlog(now);
        if affordable < backlog.len().min(WORTH_A_ROUND) {
            return;
        }
        for id in backlog.into_iter().take(affordable.min(PER_INSTANCES)) {
            let wish = Wish::new(Purpose::Termination);
            self.targets.entry(id.clone()).or_insert_with(|| Target::new(&id, wish));
        }
    }

    /// Decides on every instance of which enough is seen.
    fn decide(&mut self, which: impl Fn(&Target) -> bool) {
        let ids: Vec<_> =
            self.targets.iter().filter(|(_, target)| which(target)).map(|(id, _)| id.clone()).collect();
        for id in ids {
            self.decide_on(&id);
        }
    }

    /// Decides on one instance, from what is seen of it by now.
    pub(super) fn decide_on(&mut self, id: &str) {
        let now = self.calls.now();
        let policy = self.policy_of(id);
        let Some(target) = self.targets.get_mut(id) else { return };
        if target.may_drain() {
            target.step = Some(drain::step(&target.seen, target.hook.as_ref(), now, &policy));
        } else if target.step.is_none() && target.trouble.is_none() {
            target.step = drain::not_held(target.seen.state.as_ref()).map(Step::Leave);
        }
    }

    /// The policy of an instance's drain.
    pub(super) fn policy_of(&self, id: &str) -> DrainPolicy {
        let target = self.targets.get(id);
        let cluster = target.and_then(|target| target.cluster.as_deref()).map_or("", last_part);
        let group = target.and_then(|target| target.group.as_deref());
        self.function.policy.drain_of(cluster, group)
    }

    /// The ids of the instances whose step is of a kind.
    pub(super) fn with_step(&self, which: impl Fn(&Step) -> bool) -> Vec<String> {
        let is_meant = |target: &&Target| target.step.as_ref().is_some_and(&which);
        self.targets.values().filter(is_meant).map(|target| target.id().to_owned()).collect()
    }

    /// Notes that something about an instance went wrong.
    pub(super) fn trouble(&mut self, id: &str, trouble: &Trouble) {
        if let Some(target) = self.targets.get_mut(id) {
            target.trouble.get_or_insert_with(|| trouble.to_string());
        }
    }

    /// An instance, to be changed.
    pub(super) fn target(&mut self, id: &str) -> Option<&mut Target> {
        self.targets.get_mut(id)
    }

    /// Notes that a hook heard of us.
    pub(super) fn heard(&mut self, id: &str, at: Timestamp) {
        self.memory.instance(id).last_heartbeat = Some(at);
        if let Some(target) = self.targets.get_mut(id) {
            target.heard = true;
            target.seen.last_heartbeat = Some(at);
        }
    }
}

impl Target {
    /// Whether it may be drained. What Auto Scaling ends is, only while a hook of ours holds it: an event that
    /// comes late or twice must not drain an instance that is in service again.
    pub(super) fn may_drain(&self) -> bool {
        match self.wish.purpose {
            Purpose::Termination => self.hook.is_some() && self.step != Some(Step::Leave(Leave::Released)),
            Purpose::Spot => true,
            Purpose::Asked => self.trouble.is_none(),
        }
    }

    /// Whether Auto Scaling waits for a hook.
    pub(super) fn waits(&self) -> bool {
        self.seen.state == Some(LifecycleState::TerminatingWait)
    }
}
