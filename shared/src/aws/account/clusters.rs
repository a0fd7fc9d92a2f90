//! Clusters, their capacity providers, and which instances they have.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{ManagedDraining, ManagedScalingStatus, ManagedTerminationProtection};

use super::seen::{CapacityProviderSeen, ClusterSeen, Read};
use super::{Account, MOST_PAGES, not_read, odd};
use crate::ports::Page;
use crate::ports::ecs::PER_DESCRIBE;

/// Capacity providers, as an IAM action.
const DESCRIBE_PROVIDERS: &str = "ecs:DescribeCapacityProviders";
/// A cluster's container instances, as an IAM action.
const LIST_INSTANCES: &str = "ecs:ListContainerInstances";
/// Clusters, as an IAM action.
const DESCRIBE_CLUSTERS: &str = "ecs:DescribeClusters";

impl Account {
    /// `ListClusters` and `DescribeClusters`: every cluster, with no instances yet.
    ///
    /// # Errors
    /// Where a call was not answered, or not in full.
    pub async fn clusters(&self) -> Read<Vec<ClusterSeen>> {
        let pages = self.ecs.list_clusters().into_paginator().items().send();
        let arns: Vec<String> =
            pages.collect::<Result<_, _>>().await.map_err(not_read("ecs:ListClusters"))?;
        let mut seen = Vec::new();
        for arns in arns.chunks(PER_DESCRIBE) {
            let call = self.ecs.describe_clusters().set_clusters(Some(arns.to_vec()));
            let reply = call.send().await.map_err(not_read(DESCRIBE_CLUSTERS))?;
            let clusters = reply.clusters.unwrap_or_default();
            // A cluster can be deleted in between, and is described as INACTIVE then; none is left out.
            if clusters.len() < arns.len() {
                return Err(odd(DESCRIBE_CLUSTERS, "some clusters are listed and not described"));
            }
            seen.extend(clusters.into_iter().map(|cluster| ClusterSeen {
                registered: u64::try_from(cluster.registered_container_instances_count).unwrap_or_default(),
                arn: cluster.cluster_arn.unwrap_or_default(),
                name: cluster.cluster_name.unwrap_or_default(),
                capacity_providers: cluster.capacity_providers.unwrap_or_default(),
                instances: Ok(BTreeSet::new()),
            }));
        }
        Ok(seen)
    }

    /// `DescribeCapacityProviders`: those over Auto Scaling groups.
    ///
    /// # Errors
    /// Where a page was not answered.
    pub async fn capacity_providers(&self) -> Read<Vec<CapacityProviderSeen>> {
        let (mut seen, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let call = self.ecs.describe_capacity_providers().set_next_token(next);
            let reply = call.send().await.map_err(not_read(DESCRIBE_PROVIDERS))?;
            for provider in reply.capacity_providers.unwrap_or_default() {
                let Some(group) = provider.auto_scaling_group_provider else { continue };
                let scaling = group.managed_scaling.and_then(|scaling| scaling.status);
                seen.push(CapacityProviderSeen {
                    name: provider.name.unwrap_or_default(),
                    group: group.auto_scaling_group_arn,
                    drains: group.managed_draining == Some(ManagedDraining::Enabled),
                    scales: scaling == Some(ManagedScalingStatus::Enabled),
                    protects: group.managed_termination_protection
                        == Some(ManagedTerminationProtection::Enabled),
                });
            }
            next = reply.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(seen);
            }
        }
        Err(odd(DESCRIBE_PROVIDERS, "the list has no end"))
    }

    /// `ListContainerInstances` and `DescribeContainerInstances`: the EC2 instances of one page of a cluster's
    /// container instances, up to 100. Two calls out of the allowance that everything in the account shares.
    ///
    /// # Errors
    /// Where a call was not answered, or not in full.
    pub async fn instances(&self, cluster: &str, page: Option<&str>) -> Read<Page<String>> {
        let action = "ecs:DescribeContainerInstances";
        let call = self.ecs.list_container_instances().cluster(cluster);
        let listed = call.set_next_token(page.map(str::to_owned)).send().await;
        let listed = listed.map_err(not_read(LIST_INSTANCES))?;
        let next = listed.next_token.filter(|token| !token.is_empty());
        let arns =
            listed.container_instance_arns.ok_or_else(|| odd(LIST_INSTANCES, "the reply holds no list"))?;
        if arns.is_empty() {
            return Ok(Page { items: Vec::new(), next });
        }
        let call = self.ecs.describe_container_instances().cluster(cluster);
        let described = call.set_container_instances(Some(arns)).send().await.map_err(not_read(action))?;
        // Those that went in between are failures, and no longer in the cluster.
        let instances =
            described.container_instances.ok_or_else(|| odd(action, "the reply holds no list"))?;
        let items = instances.into_iter().filter_map(|instance| instance.ec2_instance_id).collect();
        Ok(Page { items, next })
    }
}
