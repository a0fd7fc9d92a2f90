//! Which container instance an EC2 instance is, and in which cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::calls::{Cost, Trouble};
use super::memory::Believed;
use super::round::Round;
use super::target::{Purpose, Target};
use crate::drain::Place;
use crate::drain::auto_scaling::Group;
use crate::drain::container_instance::ContainerInstance;
use crate::drain::times::AGENT_GONE;
use crate::ports::auto_scaling::GroupFilter;
use crate::ports::ecs::PER_DESCRIBE;
use crate::ports::{AutoScaling, Clock, Ecs, Publisher};

/// What a hook's metadata may say; any other text says nothing.
#[derive(Deserialize)]
struct Metadata {
    /// The cluster, by name or ARN.
    cluster: String,
}

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock> Round<'_, E, A, P, M, C> {
    /// Finds the container instances of some of the targets.
    pub(super) async fn find_places(&mut self, which: impl Fn(&Target) -> bool) {
        let wanted: Vec<_> = self
            .targets
            .values()
            .filter(|target| which(target))
            .map(|target| target.id().to_owned())
            .collect();
        let unplaced = self.describe_known(&wanted).await;
        let mut by_cluster: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut first = Vec::new();
        for id in &unplaced {
            match self.candidates(id).await {
                Ok(clusters) => {
                    for cluster in clusters {
                        if !first.contains(&cluster) {
                            first.push(cluster.clone());
                        }
                        by_cluster.entry(cluster).or_default().push(id.clone());
                    }
                    self.place(id, Place::NoCluster);
                }
                Err(trouble) => self.place(id, Place::Unknown(trouble.to_string())),
            }
        }
        for cluster in first {
            let mut ids = by_cluster.remove(&cluster).unwrap_or_default();
            ids.retain(|id| self.targets.get(id).is_some_and(|target| target.found().is_none()));
            for ids in ids.chunks(PER_DESCRIBE) {
                self.search(&cluster, ids).await;
            }
        }
        self.remember_places(&wanted);
    }

    /// Describes those whose container instance is known, and answers the ids of the others.
    async fn describe_known(&mut self, wanted: &[String]) -> Vec<String> {
        let mut known: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let mut unplaced = Vec::new();
        for id in wanted {
            let told = self.targets.get(id).and_then(|target| target.wish.place.clone());
            let place = self.memory.instances.get(id).and_then(|instance| instance.place.clone()).or(told);
            match place {
                Some((cluster, arn)) => known.entry(cluster).or_default().push((arn, id.clone())),
                None => unplaced.push(id.clone()),
            }
        }
        for (cluster, pairs) in known {
            for pairs in pairs.chunks(PER_DESCRIBE) {
                let (arns, ids): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
                let outcome = self.describe(&cluster, &arns).await;
                let answered = matches!(outcome, Ok(()) | Err(Trouble::Partly(_)));
                let why =
                    outcome.map_or_else(|trouble| trouble.to_string(), |()| "not in the reply".to_owned());
                for id in &ids {
                    self.place(id, Place::Unknown(why.clone()));
                    if answered && self.is_unplaced(id) {
                        // The container instance is gone; the next look searches anew.
                        self.memory.instance(id).place = None;
                    }
                }
            }
        }
        unplaced
    }

    /// Searches one cluster for instances.
    async fn search(&mut self, cluster: &str, ids: &[String]) {
        let outcome = self.search_all_pages(cluster, ids).await;
        let missing: Vec<_> = ids.iter().filter(|id| self.is_unplaced(id)).collect();
        for id in missing {
            match &outcome {
                Ok(()) => drop(self.memory.instance(id).not_in.insert(cluster.to_owned())),
                Err(trouble) => self.place(id, Place::Unknown(trouble.to_string())),
            }
        }
    }

    /// Lists and describes what the cluster has of these instances; half an answer is none.
    async fn search_all_pages(&mut self, cluster: &str, ids: &[String]) -> Result<(), Trouble> {
        let port = &self.function.ecs;
        let pages = self.calls.pages("ListContainerInstances", Cost::Read, |page| async move {
            port.list_container_instances(cluster, ids, page.as_deref()).await
        });
        let arns = pages.await?;
        for arns in arns.chunks(PER_DESCRIBE) {
            self.describe(cluster, arns).await?;
        }
        Ok(())
    }

    /// Describes container instances and notes them. `failures[]` make an error of the whole.
    async fn describe(&mut self, cluster: &str, arns: &[String]) -> Result<(), Trouble> {
        let call = self.function.ecs.describe_container_instances(cluster, arns);
        let reply = self.calls.call("DescribeContainerInstances", Cost::Read, call).await?;
        for instance in reply.found {
            self.note(cluster, instance);
        }
        match reply.failures.first() {
            Some(failure) => Err(Trouble::Partly(format!("{} {}", failure.arn, failure.reason))),
            None => Ok(()),
        }
    }

    /// Notes a container instance that was found.
    fn note(&mut self, cluster: &str, instance: ContainerInstance) {
        let Some(target) = instance.ec2_instance_id.as_ref().and_then(|id| self.targets.get_mut(id)) else {
            return;
        };
        target.cluster = Some(cluster.to_owned());
        target.seen.place = Place::In(instance);
    }

    /// The clusters an instance may be in: the one that is named, or those that are listed, or all. Those that
    /// have said it is not theirs are left out.
    async fn candidates(&mut self, id: &str) -> Result<Vec<String>, Trouble> {
        let named = self.named_cluster(id).await?;
        let mut clusters = match named {
            Some(cluster) => vec![cluster],
            None if !self.function.settings.clusters.is_empty() => self.function.settings.clusters.clone(),
            None => self.all_clusters().await?,
        };
        let group = self.targets.get(id).and_then(|target| target.group.as_ref());
        let usual = group.and_then(|group| self.memory.cluster_of_group.get(group));
        clusters.sort_by_key(|cluster| Some(cluster) != usual);
        if let Some(known) = self.memory.instances.get(id) {
            clusters.retain(|cluster| !known.not_in.contains(cluster));
        }
        Ok(clusters)
    }

    /// The cluster somebody named: the caller, the hook's metadata, the group's tag.
    async fn named_cluster(&mut self, id: &str) -> Result<Option<String>, Trouble> {
        let Some(target) = self.targets.get(id) else { return Ok(None) };
        if let Some(cluster) = target.wish.cluster.clone() {
            return Ok(Some(cluster));
        }
        let metadata = target.hook.as_ref().and_then(|hook| hook.notification_metadata.as_deref());
        if let Some(Ok(Metadata { cluster })) = metadata.map(serde_json::from_str) {
            return Ok(Some(cluster));
        }
        let Some(name) = target.group.clone() else { return Ok(None) };
        let (now, key) = (self.calls.now(), &self.function.settings.cluster_tag);
        if let Some(group) = self.memory.groups.get(&name).and_then(|group| group.at(now)) {
            return Ok(group.tag(key).map(str::to_owned));
        }
        let names = [name];
        let call = self.function.auto_scaling.describe_groups(GroupFilter::Names(&names), None);
        let page = self.calls.call("DescribeAutoScalingGroups", Cost::Other, call).await?;
        let [name] = names;
        let found = page.items.into_iter().find(|group| group.name == name).unwrap_or_default();
        let tag = found.tag(key).map(str::to_owned);
        self.memory.groups.insert(name, Believed::new(Group { instances: Vec::new(), ..found }, now));
        Ok(tag)
    }

    /// Every cluster of the account and region.
    async fn all_clusters(&mut self) -> Result<Vec<String>, Trouble> {
        let now = self.calls.now();
        if let Some(clusters) = self.memory.clusters.as_ref().and_then(|clusters| clusters.at(now)) {
            return Ok(clusters.clone());
        }
        let port = &self.function.ecs;
        let pages = self.calls.pages("ListClusters", Cost::Other, |page| async move {
            port.list_clusters(page.as_deref()).await
        });
        let clusters = pages.await?;
        self.memory.clusters = Some(Believed::new(clusters.clone(), now));
        Ok(clusters)
    }

    /// Keeps what was found for the next invocation, and fills in what only time can tell.
    fn remember_places(&mut self, ids: &[String]) {
        let now = self.calls.now();
        for id in ids {
            let Some(target) = self.targets.get_mut(id) else { continue };
            let remembered = self.memory.instance(id);
            match (target.cluster.as_ref(), &target.seen.place) {
                (Some(cluster), Place::In(instance)) => {
                    remembered.place = Some((cluster.clone(), instance.arn.clone()));
                    remembered.unjoined_since = None;
                    remembered.not_in = BTreeSet::new();
                    let gone_since = remembered.agent_gone_since.unwrap_or(now);
                    remembered.agent_gone_since = (!instance.agent_connected).then_some(gone_since);
                    let since = remembered.counts_nothing_since.unwrap_or(now);
                    remembered.counts_nothing_since = (instance.tasks_count() == 0).then_some(since);
                    if let Some(group) = target.group.as_ref() {
                        self.memory.cluster_of_group.insert(group.clone(), cluster.clone());
                    }
                }
                (None, Place::NoCluster) => {
                    let since = target.wish.waiting_since.unwrap_or(now);
                    remembered.unjoined_since.get_or_insert(since.min(now));
                    // It may join any of them meanwhile: before it is given up, all are asked again.
                    remembered.not_in = BTreeSet::new();
                }
                _ => {}
            }
            let remembered = self.memory.instance(id);
            target.seen.unjoined_since = remembered.unjoined_since;
            target.seen.last_heartbeat = remembered.last_heartbeat;
            target.seen.remembered = remembered.marks;
            target.seen.agent_is_gone =
                remembered.agent_gone_since.is_some_and(|since| now.elapsed_since(since) >= AGENT_GONE);
            target.seen.look_is_due = remembered.look_is_due(target.seen.marks(), now)
                || (target.wish.purpose == Purpose::Asked && remembered.asked_look_is_due(now));
            target.seen.may_still_be_stopping = !self.memory.seems_empty(id, now);
        }
    }

    /// Notes where an instance is, or why nobody knows.
    fn place(&mut self, id: &str, place: Place) {
        if let Some(target) = self.targets.get_mut(id)
            && target.found().is_none()
        {
            target.seen.place = place;
        }
    }

    /// Whether an instance was not found.
    fn is_unplaced(&self, id: &str) -> bool {
        self.targets.get(id).is_some_and(|target| target.found().is_none())
    }
}
