//! The closer look before protection is taken back: every task of the instance itself.

use std::collections::{BTreeMap, BTreeSet};

use super::round::Round;
use crate::drain::task::DesiredStatus;
use crate::event::arn::last_part;
use crate::handler::instance_drain::calls::{Cost, Trouble};
use crate::policy::protect::ForTask;
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{Clock, Publisher};
use crate::protect::{Step, TaskFilter};

/// So few instances have lists of their own that are shorter than the cluster's.
const FEW: usize = 4;
/// For so many instances no lists of their own are shorter.
const MANY: usize = 50;
/// Lists of one instance: tasks that run, and tasks that stop.
const READS_PER_LOOK: usize = 2;
/// Kept for the description of what is listed.
const READS_TO_DESCRIBE: usize = 2;

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// Looks at the tasks of every instance on which none that counts was seen to run, and plans anew.
    pub(super) async fn look_closer(&mut self) {
        for (cluster, arns) in self.to_do(|step| *step == Step::Look) {
            let looked = if self.is_seen_as_a_whole(&cluster, &arns) {
                self.look_at_all_stopped(&cluster, &arns).await
            } else {
                self.look_one_by_one(&cluster, &arns).await
            };
            if let Err(trouble) = looked {
                self.not_looked(&arns, &trouble);
            }
        }
    }

    /// Whether the lists of the tasks the policy names say all of these instances, so that they need none of their
    /// own. A list of all the cluster's tasks is worth that only for many.
    fn is_seen_as_a_whole(&self, cluster: &str, arns: &[String]) -> bool {
        let filters = self.policy_in(cluster).filters();
        let has_lists = filters.iter().all(|filter| matches!(filter, TaskFilter::Family(_)))
            || (filters == [TaskFilter::All] && arns.len() > FEW);
        has_lists && !filters.is_empty() && !self.memory.too_long.contains(cluster)
    }

    /// Reads the lists of tasks that stop, after those of tasks that run: what counts and is in neither is gone.
    async fn look_at_all_stopped(&mut self, cluster: &str, arns: &[String]) -> Result<(), Trouble> {
        let mut stopping = BTreeSet::new();
        for filter in self.policy_in(cluster).filters() {
            let listed = self.list_tasks(cluster, &filter, DesiredStatus::Stopped).await;
            if listed == Err(Trouble::NoBudget) && arns.len() <= MANY {
                self.memory.too_long.insert(cluster.to_owned());
            }
            stopping.extend(listed?);
        }
        if let Some(stopped) = self.memory.stopped.get_mut(cluster) {
            stopped.retain(|task| stopping.contains(task));
        }
        let known = self.memory.stopped.get(cluster);
        let is_open = |task: &&String| known.is_none_or(|known| !known.contains(*task));
        let open: Vec<_> = stopping.iter().filter(is_open).cloned().collect();
        let left = self.count_left(cluster, &open).await?;
        self.looked(arns, &left);
        Ok(())
    }

    /// Reads each instance's own lists, as many as there is budget for.
    async fn look_one_by_one(&mut self, cluster: &str, arns: &[String]) -> Result<(), Trouble> {
        let affordable = self.calls.reads_left().saturating_sub(READS_TO_DESCRIBE) / READS_PER_LOOK;
        let (now, later) = arns.split_at(affordable.min(arns.len()));
        self.not_looked(later, &Trouble::NoBudget);
        let (mut looked, mut tasks) = (Vec::new(), BTreeSet::new());
        for arn in now {
            match self.list_all_tasks(cluster, arn).await {
                Ok(listed) => {
                    tasks.extend(listed);
                    looked.push(arn.clone());
                }
                Err(trouble) => self.not_looked(std::slice::from_ref(arn), &trouble),
            }
        }
        let tasks: Vec<_> = tasks.into_iter().collect();
        match self.count_left(cluster, &tasks).await {
            Ok(left) => self.looked(&looked, &left),
            Err(trouble) => self.not_looked(&looked, &trouble),
        }
        // Without the cluster's list nobody knows when to forget them.
        self.memory.stopped.remove(cluster);
        Ok(())
    }

    /// Notes how many tasks that count are left on instances.
    fn looked(&mut self, arns: &[String], left: &BTreeMap<String, usize>) {
        for arn in arns {
            let count = left.get(arn).copied().unwrap_or_default();
            if let Some(target) = self.targets.get_mut(arn) {
                target.on.acting = count;
                target.on.seen_gone = count == 0;
            }
            self.plan_for(arn);
        }
    }

    /// Every task of an instance. First those that run, then those that stop: a task goes from the first list to the
    /// second and never back, so none is in neither.
    async fn list_all_tasks(&mut self, cluster: &str, arn: &str) -> Result<Vec<String>, Trouble> {
        let on = TaskFilter::On(arn.to_owned());
        let mut tasks = self.list_tasks(cluster, &on, DesiredStatus::Running).await?;
        tasks.extend(self.list_tasks(cluster, &on, DesiredStatus::Stopped).await?);
        Ok(tasks)
    }

    /// How many of these tasks count and have not stopped, by container instance. A task that is missing in the
    /// reply is no answer.
    async fn count_left(
        &mut self,
        cluster: &str,
        tasks: &[String],
    ) -> Result<BTreeMap<String, usize>, Trouble> {
        let with_tags = self.policy_in(cluster).needs_tags();
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        for arns in tasks.chunks(PER_DESCRIBE) {
            let call = self.function.hosts.describe_tasks(cluster, arns, with_tags);
            let reply = self.calls.call("DescribeTasks", Cost::Read, call).await?;
            if let Some(failure) = reply.failures.into_iter().next() {
                return Err(Trouble::Partly(failure.reason));
            }
            let found: BTreeSet<_> = reply.found.iter().map(|task| task.task.arn.as_str()).collect();
            if arns.iter().any(|arn| !found.contains(arn.as_str())) {
                return Err(Trouble::Partly("a task is not in the reply".to_owned()));
            }
            let policy = self.function.policy.protect_in(last_part(cluster));
            let stopped = self.memory.stopped.entry(cluster.to_owned()).or_default();
            for task in reply.found {
                if task.task.is_stopped() {
                    stopped.insert(task.task.arn);
                } else if policy.of_task(&task) == ForTask::Act
                    && let Some(host) = task.task.container_instance
                {
                    *left.entry(host).or_default() += 1;
                }
            }
        }
        Ok(left)
    }

    /// Notes that instances could not be looked at: they stay as they are.
    fn not_looked(&mut self, arns: &[String], trouble: &Trouble) {
        self.unseen("tasks of instances", trouble);
        for arn in arns {
            if let Some(target) = self.targets.get_mut(arn) {
                target.on.trouble = Some(trouble.to_string());
            }
            self.plan_for(arn);
        }
    }
}
