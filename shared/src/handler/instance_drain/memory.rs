//! What a process remembers between invocations. Hints, all of it: they save calls, and a process without
//! them does the same, later or with more calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::calls::Budget;
use crate::alert::Alert;
use crate::drain::auto_scaling::{Group, Hook};
use crate::drain::marks::Marks;
use crate::drain::task::SchedulingStrategy;
use crate::event::Timestamp;

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
    /// How services spread their tasks, by cluster and name; it never changes.
    pub(super) strategies: HashMap<(String, String), SchedulingStrategy>,
    /// When every waiting instance was last seen.
    pub(super) last_full_look: Option<Timestamp>,
    /// The cluster in which the last instance of a group was found.
    pub(super) cluster_of_group: HashMap<String, String>,
    /// Refusals people were told of, and when.
    pub(super) told: HashMap<String, Timestamp>,
    /// Alerts that were not accepted and that nothing would bring up again.
    pub(super) unsent: Vec<Alert>,
}

/// What is remembered of one instance.
#[derive(Clone, Debug, Default)]
pub(super) struct InstanceMemory {
    /// Its cluster and container instance, by ARN.
    pub(super) place: Option<(String, String)>,
    /// Since when its hook has held it, at the latest.
    pub(super) waiting_since: Option<Timestamp>,
    /// Since when it is in no cluster.
    pub(super) unjoined_since: Option<Timestamp>,
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
    /// Its hook was completed.
    pub(super) released: bool,
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

impl InstanceMemory {
    /// Whether tasks are to be listed whatever ECS counts: daemons that never go would hide that all else has.
    pub(super) fn look_is_due(&self, marks: Option<Marks>, now: Timestamp) -> bool {
        let Some(marks) = marks else { return false };
        let lasted = now.elapsed_since(marks.draining);
        let pause = (lasted / 2).clamp(FIRST_LOOK, LAST_LOOKS);
        lasted >= FIRST_LOOK && self.last_look.is_none_or(|look| now.elapsed_since(look) >= pause)
    }
}

/// How often the tasks of a drain somebody watches are listed.
const WATCHED_LOOKS: Duration = Duration::from_mins(1);

impl InstanceMemory {
    /// Whether tasks are to be listed for somebody who asked: at once, for there may be no second look, and
    /// then now and again to show what blocks it.
    pub(super) fn asked_look_is_due(&self, now: Timestamp) -> bool {
        self.last_look.is_none_or(|look| now.elapsed_since(look) >= WATCHED_LOOKS)
    }
}

/// How long tasks get to stop, once ECS counts none, before they are listed: ECS stops counting a task when
/// it is asked to stop, and kills it after a stopTimeout of 30 seconds unless its definition says otherwise.
const STOPPING: Duration = Duration::from_secs(30);

impl Memory {
    /// Whether an instance seems to be empty for long enough to be worth a look. Where nobody remembers since
    /// when, it is.
    pub(super) fn seems_empty(&self, id: &str, now: Timestamp) -> bool {
        let since = self.instances.get(id).and_then(|instance| instance.counts_nothing_since);
        since.is_none_or(|since| now.elapsed_since(since) >= STOPPING)
    }

    /// Instances that seemed to be empty when they were last seen and wait for a look, the longest waiting
    /// first.
    pub(super) fn backlog(&self, now: Timestamp) -> Vec<String> {
        let waits = |(id, instance): (&String, &InstanceMemory)| {
            let since =
                instance.counts_nothing_since.filter(|_| !instance.released && instance.place.is_some())?;
            self.seems_empty(id, now).then(|| (instance.last_look.unwrap_or(since), id.clone()))
        };
        let mut backlog: Vec<_> = self.instances.iter().filter_map(waits).collect();
        backlog.sort_unstable();
        backlog.into_iter().map(|(_, id)| id).collect()
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

    /// Forgets every instance that is not among the waiting ones.
    pub(super) fn keep_only(&mut self, waiting: impl Fn(&str) -> bool) {
        self.instances.retain(|id, _| waiting(id));
    }
}
