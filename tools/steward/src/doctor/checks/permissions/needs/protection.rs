//! What the protection of instances sees and does, in each cluster the policy speaks of.

use super::{ANY, NO_RESOURCE, Needs, Snapshot};

/// Of `instance-protection`. Where the policy has no entry it calls nobody.
pub(super) fn of_instance_protection(needs: &mut Needs<'_>, seen: &Snapshot) {
    if seen.policy.as_ref().is_some_and(|policy| policy.protects.is_empty()) {
        return;
    }
    let listed = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "ecs:ListClusters",
    ];
    needs.must(&listed, NO_RESOURCE.to_owned(), &[]);
    let provider = needs.arn("ecs", &format!("capacity-provider/{ANY}"));
    needs.must(&["ecs:DescribeCapacityProviders"], provider, &[]);
    let is_meant =
        |name: &str| seen.policy.as_ref().is_some_and(|policy| !policy.protect_in(name).is_empty());
    let mut clusters: Vec<_> = seen
        .known_clusters()
        .iter()
        .map(|cluster| cluster.name.as_str())
        .filter(|name| is_meant(name))
        .collect();
    if clusters.is_empty() {
        clusters.push(ANY);
    }
    for name in &clusters {
        let cluster = needs.arn("ecs", &format!("cluster/{name}"));
        let within = [("ecs:cluster", cluster.as_str())];
        let instance = needs.arn("ecs", &format!("container-instance/{name}/{ANY}"));
        let task = needs.arn("ecs", &format!("task/{name}/{ANY}"));
        let on_instances =
            ["ecs:DescribeContainerInstances", "ecs:PutAttributes", "ecs:DeleteAttributes", "ecs:ListTasks"];
        needs.must(&on_instances, instance, &within);
        needs.must(&["ecs:DescribeTasks"], task, &within);
        needs.must(&["ecs:ListContainerInstances"], cluster.clone(), &[]);
    }
    for group in seen.known_groups() {
        if seen.clusters_of(group).iter().any(|cluster| clusters.contains(&cluster.name.as_str())) {
            needs.must(&["autoscaling:SetInstanceProtection"], group.arn.clone(), &[]);
        }
    }
}
