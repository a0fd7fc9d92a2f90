//! The tasks of an instance: the only proof that it is empty.
//!
//! `runningTasksCount` is none: it falls when a stop is asked for, while the container still runs. The lists
//! are, if all their pages are read, RUNNING before STOPPED: a task only ever goes from the first to the second.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::{Cost, Trouble};
use super::memory::{Believed, Memory};
use super::round::Round;
use super::target::{Purpose, Target};
use crate::drain::class::{Class, ClassedTask};
use crate::drain::task::{DesiredStatus, Task};
use crate::drain::{Because, Step, Tasks, Wait};
use crate::ports::ecs::{PER_DESCRIBE, PER_SERVICES};
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

/// Instances whose tasks are described together: so many lists fit into the budget with their descriptions.
const TOGETHER: usize = 8;
/// The two lists of an instance, in the order that misses none.
const BOTH: [DesiredStatus; 2] = [DesiredStatus::Running, DesiredStatus::Stopped];

/// Stopped tasks of one instance that are remembered.
const STOPPED: usize = 10_000;

/// The tasks that were found for some instances, by instance; or why they are not known.
type Found = BTreeMap<String, Result<Vec<String>, Trouble>>;

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// Lists tasks where a decision hangs on them, as far as the budget goes, and decides again.
    pub(super) async fn look_at_tasks(&mut self) {
        let mut ids = self.with_step(|step| matches!(step, Step::ListTasks { .. }));
        // With Spot there is nothing to wait for: EC2 takes the instance at its time.
        ids.retain(|id| self.targets.get(id).is_some_and(|target| target.wish.purpose != Purpose::Spot));
        let mut unsure = self.look_at_remembered(ids).await;
        self.in_turn(&mut unsure);
        while !unsure.is_empty() {
            let affordable = self.calls.reads_left().saturating_sub(1) / BOTH.len();
            if affordable == 0 {
                self.calls.starved = true;
                for id in &unsure {
                    self.tasks_unknown(id, &Trouble::NoBudget);
                }
                break;
            }
            let together: Vec<_> = unsure.drain(..affordable.min(TOGETHER).min(unsure.len())).collect();
            self.look_at(&together).await;
        }
        let asking = self.with_step(|step| matches!(step, Step::AskGroup { .. }));
        self.ask_groups(&asking).await;
        for id in &asking {
            self.decide_on(id);
        }
    }

    /// Puts the instances in the order in which they are looked at: those ECS counts nothing for first, and
    /// otherwise anew each minute, so that no instance waits behind the same others for ever.
    fn in_turn(&self, ids: &mut [String]) {
        let minute = self.calls.now().as_millis() / 60_000;
        ids.sort_by_cached_key(|id| (!self.counts_nothing(id), shuffled(id, minute)));
    }

    /// Whether ECS counts no task of an instance.
    fn counts_nothing(&self, id: &str) -> bool {
        self.targets
            .get(id)
            .and_then(|target| target.found())
            .is_some_and(|(_, seen)| seen.tasks_count() == 0)
    }

    /// Describes tasks that had not stopped at the last look: one of each instance, and the others only where
    /// that one has stopped. As long as one has not, no list is needed. Answers the ids of the instances that
    /// are to be listed.
    async fn look_at_remembered(&mut self, ids: Vec<String>) -> Vec<String> {
        let mut unsure = Vec::new();
        let mut one_each = Found::new();
        for id in ids {
            let known = self.memory.instances.get(&id).and_then(|seen| seen.unfinished.last().cloned());
            match known.filter(|_| self.counts_nothing(&id)) {
                Some(task) => drop(one_each.insert(id, Ok(vec![task]))),
                None => unsure.push(id),
            }
        }
        let mut all_others = Found::new();
        for id in self.describe_found(one_each, false).await {
            let known = self.memory.instance(&id).unfinished.clone();
            all_others.insert(id, Ok(known));
        }
        unsure.extend(self.describe_found(all_others, false).await);
        unsure
    }

    /// Lists and describes the tasks of a few instances.
    async fn look_at(&mut self, ids: &[String]) {
        let mut found = Found::new();
        for id in ids {
            found.insert(id.clone(), self.list(id).await);
        }
        self.describe_found(found, true).await;
    }

    /// The ARNs in both lists of an instance, every page of each.
    async fn list(&mut self, id: &str) -> Result<Vec<String>, Trouble> {
        let Some((cluster, instance)) = self.targets.get(id).and_then(|target| target.found()) else {
            return Err(Trouble::Partly("no container instance".to_owned()));
        };
        let (cluster, arn) = (cluster.to_owned(), instance.arn.clone());
        let (port, cluster, arn) = (&self.function.ecs, cluster.as_str(), arn.as_str());
        let mut tasks = Vec::new();
        for desired in BOTH {
            let pages = self.calls.pages("ListTasks", Cost::Read, |page| async move {
                port.list_tasks(cluster, arn, desired, page.as_deref()).await
            });
            tasks.extend(pages.await?);
        }
        tasks.sort_unstable();
        tasks.dedup();
        Ok(tasks)
    }

    /// Describes tasks, decides on each instance anew, and answers those of whom everything described has
    /// stopped though not everything was listed.
    async fn describe_found(&mut self, found: Found, complete: bool) -> Vec<String> {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, arns) in &found {
            let stopped = self.memory.instances.get(id).map(|instance| &instance.stopped);
            if let (Ok(arns), Some((cluster, _))) =
                (arns, self.targets.get(id).and_then(|target| target.found()))
            {
                let unknown =
                    arns.iter().filter(|arn| stopped.is_none_or(|stopped| !stopped.contains_key(*arn)));
                wanted.entry(cluster.to_owned()).or_default().extend(unknown.cloned());
            }
        }
        let mut described: BTreeMap<String, Result<Task, Trouble>> = BTreeMap::new();
        for (cluster, arns) in wanted {
            for arns in arns.chunks(PER_DESCRIBE) {
                let call = self.function.ecs.describe_tasks(&cluster, arns);
                match self.calls.call("DescribeTasks", Cost::Read, call).await {
                    Ok(reply) => {
                        described.extend(reply.found.into_iter().map(|task| (task.arn.clone(), Ok(task))));
                        for failure in reply.failures {
                            let why = Trouble::Partly(format!("{} {}", failure.arn, failure.reason));
                            described.insert(failure.arn, Err(why));
                        }
                    }
                    Err(trouble) => {
                        described.extend(arns.iter().map(|arn| (arn.clone(), Err(trouble.clone()))));
                    }
                }
            }
        }
        let mut stopped_so_far = Vec::new();
        for (id, arns) in found {
            let stopped = &mut self.memory.instance(&id).stopped;
            let tasks = arns.and_then(|arns| {
                // A task that has stopped stays so; what was learned is kept even where the whole was not.
                for task in arns.iter().filter_map(|arn| described.get(arn)?.as_ref().ok()) {
                    if task.is_stopped() && stopped.len() < STOPPED {
                        stopped.insert(task.arn.clone(), task.was_stopped_by_us());
                    }
                }
                let task = |arn: &String| match stopped.get(arn) {
                    Some(by_us) => Ok(Task::stopped(arn, *by_us)),
                    None => described.get(arn).cloned().unwrap_or_else(|| Err(not_in_reply(arn))),
                };
                arns.iter().map(task).collect::<Result<Vec<_>, _>>()
            });
            match tasks {
                // All that was remembered has stopped: the lists have to show it of all.
                Ok(tasks) if !complete && tasks.iter().all(Task::is_stopped) => stopped_so_far.push(id),
                Ok(tasks) => {
                    self.note_tasks(&id, tasks, complete).await;
                    // What was remembered holds nothing up any more, as the policy has it.
                    let recheck = |target: &Target| {
                        matches!(&target.step, Some(Step::Wait(Wait { because: Because::Recheck, .. })))
                    };
                    if !complete && self.targets.get(&id).is_some_and(recheck) {
                        stopped_so_far.push(id);
                    }
                }
                // What was remembered may be forgotten by ECS after an hour: the lists know.
                Err(Trouble::Partly(_)) if !complete => stopped_so_far.push(id),
                Err(trouble) => self.tasks_unknown(&id, &trouble),
            }
        }
        stopped_so_far
    }

    /// Notes what was found of an instance's tasks and decides on it.
    async fn note_tasks(&mut self, id: &str, tasks: Vec<Task>, complete: bool) {
        let outcome = self.classed(id, tasks).await;
        match outcome {
            Ok(tasks) => {
                let now = self.calls.now();
                let remembered = self.memory.instance(id);
                remembered.last_look = Some(now);
                let unfinished =
                    tasks.iter().filter(|seen| !seen.task.is_stopped() && seen.class != Class::Daemon);
                let unfinished: Vec<_> = unfinished.map(|seen| seen.task.arn.clone()).collect();
                if complete {
                    remembered.unfinished = unfinished;
                } else {
                    let gone = |arn: &String| remembered.stopped.contains_key(arn);
                    remembered.unfinished.retain(|arn| !gone(arn));
                }
                if let Some(target) = self.target(id) {
                    target.seen.tasks = Tasks::Listed { tasks, complete };
                }
                self.decide_on(id);
            }
            Err(trouble) => self.tasks_unknown(id, &trouble),
        }
    }

    /// Notes that an instance's tasks are not known and decides on it.
    fn tasks_unknown(&mut self, id: &str, trouble: &Trouble) {
        if let Some(target) = self.target(id) {
            target.seen.tasks = Tasks::Unknown(trouble.to_string());
        }
        self.decide_on(id);
    }

    /// Tasks with their classes, as far as it matters: a stopped one is of no class that anything hangs on.
    async fn classed(&mut self, id: &str, tasks: Vec<Task>) -> Result<Vec<ClassedTask>, Trouble> {
        let Some(target) = self.targets.get(id) else { return Ok(Vec::new()) };
        let agent_is_gone = target.seen.agent_is_gone;
        let Some((cluster, _)) = target.found() else { return Ok(Vec::new()) };
        let cluster = cluster.to_owned();
        let unfinished = || tasks.iter().filter(|task| !task.is_stopped());
        let services: BTreeSet<_> =
            unfinished().filter_map(|task| task.service()).map(str::to_owned).collect();
        self.learn_strategies(&cluster, services).await?;
        let now = self.calls.now();
        let is_daemon = |memory: &Memory, task: &Task| {
            task.service().is_some_and(|service| memory.is_daemon(&cluster, service, now))
        };
        let may_be_protected: Vec<_> = unfinished()
            .filter(|task| task.is_of_service() && !task.is_asked_to_stop() && !is_daemon(&self.memory, task))
            .map(|task| task.arn.clone())
            .collect();
        let mut protected = BTreeSet::new();
        for arns in may_be_protected.chunks(PER_DESCRIBE) {
            let call = self.function.ecs.protected_tasks(&cluster, arns);
            protected.extend(self.calls.call("GetTaskProtection", Cost::Other, call).await?.found);
        }
        let class = |task: &Task| {
            if is_daemon(&self.memory, task) {
                Class::Daemon
            } else if agent_is_gone {
                Class::AgentGone
            } else if !task.is_of_service() {
                Class::Standalone
            } else if protected.contains(&task.arn) {
                Class::Protected
            } else {
                Class::Service
            }
        };
        let classes: Vec<_> = tasks.iter().map(class).collect();
        Ok(tasks.into_iter().zip(classes).map(|(task, class)| ClassedTask { task, class }).collect())
    }

    /// Asks how these services spread their tasks, where that is not known yet.
    async fn learn_strategies(&mut self, cluster: &str, services: BTreeSet<String>) -> Result<(), Trouble> {
        let now = self.calls.now();
        let known = |service: &String| {
            let key = (cluster.to_owned(), service.clone());
            self.memory.strategies.get(&key).is_some_and(|strategy| strategy.at(now).is_some())
        };
        let unknown: Vec<_> = services.into_iter().filter(|service| !known(service)).collect();
        for names in unknown.chunks(PER_SERVICES) {
            let call = self.function.ecs.describe_services(cluster, names);
            let reply = self.calls.call("DescribeServices", Cost::Other, call).await?;
            for (name, strategy) in reply.found {
                self.memory.strategies.insert((cluster.to_owned(), name), Believed::new(strategy, now));
            }
            // A service that was deleted meanwhile has no daemons that anybody restarts; its tasks count.
        }
        Ok(())
    }
}

/// A task nobody answered for.
fn not_in_reply(arn: &str) -> Trouble {
    Trouble::Partly(format!("{arn} is not in the reply"))
}

/// A number that is different for each instance and each minute.
pub(super) fn shuffled(id: &str, minute: i64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ minute.cast_unsigned();
    id.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
