//! What is seen of clusters: their tasks that count, and the instances that host them or carry a note of ours.

use std::collections::BTreeSet;

use super::memory::{BELIEVED, Known};
use super::round::Round;
use crate::drain::task::DesiredStatus;
use crate::event::arn::last_part;
use crate::handler::instance_drain::calls::{Cost, Trouble};
use crate::policy::protect::ForTask;
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::protection::{ScaleIn, TaskHosts};
use crate::ports::{ApiError, Clock, Publisher};
use crate::protect::TaskFilter;
use crate::protect::marks::PROTECTED_SINCE;

/// AWS's reason for what it does not know (any more).
const MISSING: &str = "MISSING";
/// What `ListTasks` says of a service the cluster does not have: none of its tasks runs there.
const NO_SUCH_SERVICE: [&str; 2] = ["ServiceNotFoundException", "ServiceNotActiveException"];

impl<T: TaskHosts, S: ScaleIn, P: Publisher, M, C: Clock> Round<'_, T, S, P, M, C> {
    /// The clusters the policy speaks of. Where the budget did not last for all of them, it begins with another one
    /// each time.
    pub(super) async fn clusters(&mut self) -> Vec<String> {
        let now = self.calls.now();
        let known = self.memory.clusters.as_ref().filter(|(_, at)| now.elapsed_since(*at) < BELIEVED);
        let all = if let Some((clusters, _)) = known {
            clusters.clone()
        } else {
            let port = &self.function.hosts;
            let pages = self.calls.pages("ListClusters", Cost::Other, |page| async move {
                port.list_clusters(page.as_deref()).await
            });
            match pages.await {
                Ok(clusters) => {
                    self.memory.keep_clusters(&clusters);
                    self.memory.clusters = Some((clusters.clone(), now));
                    clusters
                }
                Err(trouble) => {
                    self.unseen("clusters", &trouble);
                    // Old ones are better than none: no protection is taken back for that.
                    self.memory.clusters.as_ref().map(|(clusters, _)| clusters.clone()).unwrap_or_default()
                }
            }
        };
        let mut named: Vec<_> =
            all.into_iter().filter(|cluster| !self.policy_in(cluster).is_empty()).collect();
        if !named.is_empty() {
            let begin = self.memory.begin_with % named.len();
            named.rotate_left(begin);
        }
        named
    }

    /// Sees the tasks of a cluster that count, and its instances that matter.
    pub(super) async fn see_cluster(&mut self, cluster: &str) {
        if self.calls.reads_left() == 0 {
            self.unseen(cluster, &Trouble::NoBudget);
            return;
        }
        let tasks = self.see_tasks(cluster).await;
        if let Err(trouble) = &tasks {
            self.unseen(cluster, trouble);
            if *trouble == Trouble::NoSuchCluster {
                self.memory.clusters = None;
                return;
            }
        }
        for arn in self.noted(cluster).await {
            cluster.clone_into(&mut self.targets.entry(arn).or_default().cluster);
        }
        if let Err(trouble) = tasks {
            for target in self.targets.values_mut().filter(|target| target.cluster == cluster) {
                target.on.trouble.get_or_insert_with(|| trouble.to_string());
            }
        }
        self.describe_hosts(cluster).await;
    }

    /// The instances of a cluster that carry a note of ours.
    async fn noted(&mut self, cluster: &str) -> BTreeSet<String> {
        let now = self.calls.now();
        let known = self.memory.noted.get(cluster);
        if let Some((arns, _)) = known.filter(|(_, at)| now.elapsed_since(*at) < BELIEVED) {
            return arns.clone();
        }
        let port = &self.function.hosts;
        let pages = self.calls.pages("ListContainerInstances", Cost::Read, |page| async move {
            port.list_with_attribute(cluster, PROTECTED_SINCE, page.as_deref()).await
        });
        match pages.await {
            Ok(arns) => {
                let arns: BTreeSet<_> = arns.into_iter().collect();
                self.memory.noted.insert(cluster.to_owned(), (arns.clone(), now));
                arns
            }
            Err(trouble) => {
                self.unseen(cluster, &trouble);
                self.memory.noted.get(cluster).map(|(arns, _)| arns.clone()).unwrap_or_default()
            }
        }
    }

    /// Finds the tasks of a cluster that count, and their hosts.
    async fn see_tasks(&mut self, cluster: &str) -> Result<(), Trouble> {
        let (filters, with_tags) = {
            let policy = self.policy_in(cluster);
            (policy.filters(), policy.needs_tags())
        };
        let mut listed = BTreeSet::new();
        let mut outcome = Ok(());
        for filter in &filters {
            match self.list_tasks(cluster, filter, DesiredStatus::Running).await {
                Ok(arns) => listed.extend(arns),
                Err(trouble) => outcome = Err(trouble),
            }
        }
        if outcome.is_ok() {
            self.memory.keep_tasks(cluster, &listed);
        }
        let now = self.calls.now();
        let known = self.memory.tasks.get(cluster);
        let is_unknown = |arn: &&String| {
            known
                .and_then(|known| known.get(*arn))
                .is_none_or(|known| with_tags && now.elapsed_since(known.at) >= BELIEVED)
        };
        let unknown: Vec<_> = listed.iter().filter(is_unknown).cloned().collect();
        for arns in unknown.chunks(PER_DESCRIBE) {
            if let Err(trouble) = self.describe_tasks(cluster, arns, with_tags).await {
                outcome = Err(trouble);
            }
        }
        for arn in &listed {
            let Some(known) = self.memory.tasks.get(cluster).and_then(|tasks| tasks.get(arn)) else {
                continue;
            };
            let Some(host) = &known.host else { continue };
            let count = |target: &mut super::target::Target| match known.is {
                ForTask::Act => target.on.acting += 1,
                ForTask::Trial => target.on.trial += 1,
                ForTask::Nothing => {}
            };
            if known.is != ForTask::Nothing {
                let target = self.targets.entry(host.clone()).or_default();
                cluster.clone_into(&mut target.cluster);
                count(target);
            }
        }
        outcome
    }

    /// Lists tasks, every page.
    pub(super) async fn list_tasks(
        &mut self,
        cluster: &str,
        filter: &TaskFilter,
        desired: DesiredStatus,
    ) -> Result<Vec<String>, Trouble> {
        let port = &self.function.hosts;
        let pages = self.calls.pages("ListTasks", Cost::Read, |page| async move {
            port.list_tasks(cluster, filter, desired, page.as_deref()).await
        });
        match pages.await {
            Err(Trouble::Api(ApiError::Refused { code, .. })) if NO_SUCH_SERVICE.contains(&code.as_str()) => {
                Ok(Vec::new())
            }
            listed => listed,
        }
    }

    /// Describes up to 100 tasks and remembers what the policy does for them. What has gone meanwhile is left out.
    async fn describe_tasks(
        &mut self,
        cluster: &str,
        arns: &[String],
        with_tags: bool,
    ) -> Result<(), Trouble> {
        let call = self.function.hosts.describe_tasks(cluster, arns, with_tags);
        let reply = self.calls.call("DescribeTasks", Cost::Read, call).await?;
        let at = self.calls.now();
        let policy = self.function.policy.protect_in(last_part(cluster));
        let tasks = self.memory.tasks.entry(cluster.to_owned()).or_default();
        for task in reply.found {
            let known = Known { is: policy.of_task(&task), host: task.task.container_instance.clone(), at };
            // One without a host may get one yet.
            if known.host.is_some() || known.is == ForTask::Nothing {
                tasks.insert(task.task.arn, known);
            }
        }
        match reply.failures.into_iter().next() {
            Some(failure) => Err(Trouble::Partly(failure.reason)),
            None => Ok(()),
        }
    }

    /// Describes the instances of a cluster that matter. Where the budget does not last for all of them, it begins
    /// with other ones each time.
    async fn describe_hosts(&mut self, cluster: &str) {
        let of_cluster = self.targets.iter().filter(|(_, target)| target.cluster == cluster);
        let mut arns: Vec<_> = of_cluster.map(|(arn, _)| arn.clone()).collect();
        if !arns.is_empty() {
            let begin = self.memory.begin_with.wrapping_mul(PER_DESCRIBE) % arns.len();
            arns.rotate_left(begin);
        }
        for arns in arns.chunks(PER_DESCRIBE) {
            let call = self.function.hosts.describe_hosts(cluster, arns);
            match self.calls.call("DescribeContainerInstances", Cost::Read, call).await {
                Ok(reply) => {
                    for host in reply.found {
                        if let Some(target) = self.targets.get_mut(&host.instance.arn) {
                            target.host = Some(host);
                        }
                    }
                    for gone in reply.failures.iter().filter(|failure| failure.reason == MISSING) {
                        self.targets.remove(&gone.arn);
                        if let Some((noted, _)) = self.memory.noted.get_mut(cluster) {
                            noted.remove(&gone.arn);
                        }
                    }
                }
                Err(trouble) => self.unseen(cluster, &trouble),
            }
        }
    }
}
