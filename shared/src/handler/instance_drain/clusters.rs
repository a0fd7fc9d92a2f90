//! The clusters an instance may be in.

use super::calls::{Cost, Trouble};
use super::memory::Believed;
use super::round::Round;
use crate::drain::auto_scaling::{Group, Hook};
use crate::ports::auto_scaling::GroupFilter;
use crate::ports::{AutoScaling, Clock, Ecs, LogCollector, Publisher};

impl<E: Ecs, A: AutoScaling, P: Publisher, M, C: Clock, L: LogCollector> Round<'_, E, A, P, M, C, L> {
    /// The clusters an instance is likely in: the one that is named, and the one in which another instance of
    /// its group was found.
    pub(super) async fn likely_clusters(&mut self, id: &str) -> Result<Vec<String>, Trouble> {
        let named = self.named_cluster(id).await?;
        // Who drains by hand and names a cluster means no other.
        if self.targets.get(id).is_some_and(|target| target.wish.cluster.is_some()) {
            return Ok(named.into_iter().collect());
        }
        let group = self.targets.get(id).and_then(|target| target.group.as_ref());
        let usual = group.and_then(|group| self.memory.cluster_of_group.get(group)).cloned();
        let mut clusters: Vec<_> = named.into_iter().chain(usual).collect();
        clusters.dedup();
        Ok(clusters)
    }

    /// The clusters any instance may be in: those of the setting, or all.
    pub(super) async fn possible_clusters(&mut self) -> Result<Vec<String>, Trouble> {
        if self.function.settings.clusters.is_empty() {
            self.all_clusters().await
        } else {
            Ok(self.function.settings.clusters.clone())
        }
    }

    /// The cluster somebody named: the caller, the hook's metadata, the group's tag.
    async fn named_cluster(&mut self, id: &str) -> Result<Option<String>, Trouble> {
        let Some(target) = self.targets.get(id) else { return Ok(None) };
        if let Some(cluster) = target.wish.cluster.clone() {
            return Ok(Some(cluster));
        }
        if let Some(cluster) = target.hook.as_ref().and_then(Hook::named_cluster) {
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
}
