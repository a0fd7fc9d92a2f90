//! What a process remembers between invocations. Hints, all of it: they save calls, and a process without
//! them does the same, later or with more calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::calls::Budget;
use super::news::News;
use super::target::{Purpose, Target, Wish};
use crate::alert::Alert;
use crate::collect::Known;
use crate::drain::auto_scaling::{Group, Hook};
use crate::drain::marks::{Marks, Stage};
use crate::drain::task::SchedulingStrategy;
use crate::event::Timestamp;
use crate::handler::refusals::Refusals;

/// How long hooks, tags and the list of clusters are believed.
const BELIEVED: Duration = Duration::from_mins(5);
/// Instances that are remembered at most; a tick forgets those that are gone.
const INSTANCES: usize = 20_000;

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Our share of the account's calls.
    pub(super) budget: Budget,
    /// Instances by id.
    pub(super) instances: BTreeMap<String, InstanceMemory>,
    /// Hooks by group.
    pub(super) hooks: HashMap<String, Believed<Vec<Hook>>>,
    /// Groups by name, without their instances.
    pub(super) groups: HashMap<String, Believed<Group>>,
    /// All clusters' ARNs.
    pub(super) clusters: Option<Believed<Vec<String>>>,
    /// How services spread their tasks, by cluster and name. Not for ever: a service can be made anew under the
    /// name of one that spread its tasks otherwise.
    pub(super) strategies: HashMap<(String, String), Believed<SchedulingStrategy>>,
    /// When every waiting instance was last seen.
    pub(super) last_full_look: Option<Timestamp>,
    /// The cluster in which the last instance of a group was found.
    pub(super) cluster_of_group: HashMap<String, String>,
    /// Refusals people were told of, and when.
    pub(super) refusals: Refusals,
    /// Drains that are done and that the next tick tells of.
    pub(super) finished: Vec<(News, Target)>,
    /// When the first of these was done.
    pub(super) finished_since: Option<Timestamp>,
    /// Alerts that were not accepted and that nothing would bring up again, with the topics that have them.
    pub(super) unsent: Vec<(Alert, Vec<String>)>,
    /// The topics that have a piece of news which others did not accept, by what it says of whom.
    pub(super) half_told: HashMap<String, Vec<String>>,
}

/// What is remembered of one instance.
#[derive(Clone, Debug, Default)]
pub(super) struct InstanceMemory {
    /// Its cluster and container instance, by ARN.
    pub(super) place: Option<(String, String)>,
    /// Since when its hook has held it, at the latest.
    pub(super) waiting_since: Option<Timestamp>,
    /// When its hook began to hold it, by its event.
    pub(super) hook_began: Option<Timestamp>,
    /// Since when it is in no cluster.
    pub(super) unjoined_since: Option<Timestamp>,
    /// Since when this process has seen it waiting.
    pub(super) first_seen: Option<Timestamp>,
    /// What people were told of it.
    pub(super) stage_told: Option<Stage>,
    /// Whether people were told that it ends with tasks left.
    pub(super) end_told: bool,
    /// Tasks that have stopped, and whether we asked for that: they need no second look.
    pub(super) stopped: BTreeMap<String, bool>,
    /// The last accepted heartbeat.
    pub(super) last_heartbeat: Option<Timestamp>,
    /// Since when its agent has been seen disconnected.
    pub(super) agent_gone_since: Option<Timestamp>,
    /// The marks of the drain its hook waits for.
    pub(super) marks: Option<Marks>,
    /// Since when ECS counts no task of it.
    pub(super) counts_nothing_since: Option<Timestamp>,
    /// When its tasks were last listed.
    pub(super) last_look: Option<Timestamp>,
    /// Tasks that had not stopped at that time: as long as one of them has not, no list is needed.
    pub(super) unfinished: Vec<String>,
    /// Clusters that said it is not theirs, since `unjoined_since` or the search that still goes on.
    pub(super) not_in: BTreeSet<String>,
    /// Whether it goes to a warm pool, from where it may come back.
    pub(super) to_warm_pool: bool,
    /// Its hook was completed.
    pub(super) released: bool,
    /// What is known of the collection of its logs.
    pub(super) logs: Known,
    /// When Systems Manager was last asked for that.
    pub(super) logs_asked: Option<Timestamp>,
}

/// Something that was true a while ago.
#[derive(Clone, Debug)]
pub(super) struct Believed<T> {
    /// What.
    value: T,
    /// When.
    at: Timestamp,
}

impl<T> Believed<T> {
    /// Seen now.
    pub(super) const fn new(value: T, at: Timestamp) -> Self {
        Self { value, at }
    }

    /// However old it is.
    pub(super) const fn anyway(&self) -> &T {
        &self.value
    }

    /// As long as it is believed.
    pub(super) fn at(&self, now: Timestamp) -> Option<&T> {
        (now.elapsed_since(self.at) < BELIEVED).then_some(&self.value)
    }
}

/// How long a drain goes before its tasks are listed though ECS still counts some, and how often at most
/// after that: less and less often, for what blocks it changes rarely.
const FIRST_LOOK: Duration = Duration::from_mins(5);
/// How often at least.
const LAST_LOOKS: Duration = Duration::from_hours(1);
/// How often the tasks of a drain somebody watches are listed.
const WATCHED_LOOKS: Duration = Duration::from_mins(1);

impl InstanceMemory {
    /// Takes the time of a lifecycle event. A later one than was known is about another life of the instance, of
    /// which only the place still holds.
    pub(super) fn note_begin(&mut self, began: Option<Timestamp>) {
        if self.hook_began.is_some() && began > self.hook_began {
            *self = Self { place: self.place.take(), ..Self::default() };
        }
        self.hook_began = self.hook_began.max(began);
    }

    /// Whether tasks are to be listed whatever ECS counts: daemons that never go would hide that all else has.
    pub(super) fn look_is_due(&self, marks: Option<Marks>, now: Timestamp) -> bool {
        let Some(marks) = marks else { return false };
        let lasted = now.elapsed_since(marks.draining);
        let pause = (lasted / 2).clamp(FIRST_LOOK, LAST_LOOKS);
        lasted >= FIRST_LOOK && self.last_look.is_none_or(|look| now.elapsed_since(look) >= pause)
    }

    /// Whether tasks are to be listed for somebody who asked: at once, for there may be no second look, and
    /// then now and again to show what blocks it.
    pub(super) fn asked_look_is_due(&self, now: Timestamp) -> bool {
        self.last_look.is_none_or(|look| now.elapsed_since(look) >= WATCHED_LOOKS)
    }
}

/// How long tasks get to stop, once ECS counts none, before they are listed: ECS stops counting a task when
/// it is asked to stop, and kills it after a stopTimeout of 30 seconds unless its definition says otherwise.
const STOPPING: Duration = Duration::from_secs(30);

/// So many instances that seem to be empty are looked at at once, without thinking of the others.
const CROWD: usize = 8;

impl Memory {
    /// Whether an instance seems to be empty for long enough to be worth a look. Where nobody remembers since
    /// when, it is.
    pub(super) fn seems_empty(&self, id: &str, now: Timestamp) -> bool {
        let since = self.instances.get(id).and_then(|instance| instance.counts_nothing_since);
        since.is_none_or(|since| now.elapsed_since(since) >= STOPPING)
    }

    /// Whether so many instances seem to be empty that looking at one too early costs another its look.
    pub(super) fn is_crowded(&self) -> bool {
        let seem_empty =
            |instance: &&InstanceMemory| instance.counts_nothing_since.is_some() && !instance.released;
        self.instances.values().filter(seem_empty).nth(CROWD).is_some()
    }

    /// Where many instances seem to be empty, takes the known ones out of what an event asks for: they are
    /// looked at in their turn.
    pub(super) fn queue(&mut self, wishes: &mut BTreeMap<String, Wish>, now: Timestamp) {
        if !self.is_crowded() {
            return;
        }
        wishes.retain(|id, wish| {
            let only_seems_empty = wish.purpose == Purpose::Termination && wish.waiting_since.is_none();
            let known = self.instances.get_mut(id).filter(|known| only_seems_empty && known.place.is_some());
            if let Some(known) = known {
                known.counts_nothing_since.get_or_insert(now);
                return false;
            }
            true
        });
    }

    /// Strikes a task that has stopped, and answers the instance and its place where it was the last one that
    /// the last look saw.
    pub(super) fn strike(
        &mut self,
        container_instance: &str,
        task: &str,
    ) -> Option<(String, (String, String))> {
        let (id, instance) = self.instances.iter_mut().find(|(_, instance)| {
            instance.place.as_ref().is_some_and(|(_, arn)| arn == container_instance)
        })?;
        let before = instance.unfinished.len();
        instance.unfinished.retain(|known| known != task);
        let was_the_last = before > 0 && instance.unfinished.is_empty() && !instance.released;
        Some((id.clone(), instance.place.clone()?)).filter(|_| was_the_last)
    }

    /// Instances that seemed to be empty when they were last seen and wait for a look, with since when.
    fn queued(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, &String)> {
        self.instances.iter().filter_map(move |(id, instance)| {
            let since =
                instance.counts_nothing_since.filter(|_| !instance.released && instance.place.is_some())?;
            self.seems_empty(id, now).then(|| (instance.last_look.unwrap_or(since), id))
        })
    }

    /// Whether an instance waits for a look.
    pub(super) fn has_backlog(&self, now: Timestamp) -> bool {
        self.queued(now).next().is_some()
    }

    /// The instances that wait for a look, the longest waiting first.
    pub(super) fn backlog(&self, now: Timestamp) -> Vec<String> {
        let mut backlog: Vec<_> = self.queued(now).collect();
        backlog.sort_unstable();
        backlog.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// What is remembered of an instance, to be changed.
    pub(super) fn instance(&mut self, id: &str) -> &mut InstanceMemory {
        if !self.instances.contains_key(id) {
            if self.instances.len() >= INSTANCES {
                self.instances.pop_first();
            }
            self.instances.insert(id.to_owned(), InstanceMemory::default());
        }
        self.instances.entry(id.to_owned()).or_default()
    }

    /// Whether a service was a daemon when it was last asked for.
    pub(super) fn is_daemon(&self, cluster: &str, service: &str, now: Timestamp) -> bool {
        let key = (cluster.to_owned(), service.to_owned());
        let strategy = self.strategies.get(&key).and_then(|strategy| strategy.at(now));
        strategy == Some(&SchedulingStrategy::Daemon)
    }

    /// Forgets every instance that is not among the waiting ones.
    pub(super) fn keep_only(&mut self, waiting: impl Fn(&str) -> bool) {
        self.instances.retain(|id, _| waiting(id));
    }
}
