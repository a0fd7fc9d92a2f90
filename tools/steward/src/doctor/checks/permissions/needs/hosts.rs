//! What `instance-monitor` sees, and what `instance-drain` sees and does.

use std::collections::BTreeSet;

use shared::config::Config;
use shared::event::arn::last_part;
use shared::policy::collect_logs::Occasion;

use super::super::super::super::snapshot::our_hooks;
use super::incidents::{of_the_bus, of_the_table};
use super::{ANY, NO_RESOURCE, Needs, Snapshot, host_logs};

/// Incidents, which it also ends, verdicts, and what it asks of hosts: without an answer its alerts are low.
pub(super) fn of_instance_monitor(needs: &mut Needs<'_>, seen: &Snapshot, config: &Config) {
    if let Some(table) = of_the_table(needs, config) {
        needs.must(&["dynamodb:DeleteItem"], table, &[]);
    }
    of_the_bus(needs, config);
    let listed = ["autoscaling:DescribeAutoScalingInstances", "ecs:ListClusters"];
    needs.must(&listed, NO_RESOURCE.to_owned(), &[]);
    let (cluster, instance) = (format!("cluster/{ANY}"), format!("container-instance/{ANY}/{ANY}"));
    needs.must(&["ecs:ListContainerInstances"], needs.arn("ecs", &cluster), &[]);
    needs.must(&["ecs:DescribeContainerInstances"], needs.arn("ecs", &instance), &[]);
    // Logs are collected in the groups that are drained, whose hooks instance-drain's settings tell.
    let settings = seen.settings();
    let groups = seen.known_groups().iter().filter(|group| !our_hooks(group, &settings).is_empty());
    let names = groups.map(|group| group.group.name.as_str());
    host_logs::of_host_logs(needs, seen, Occasion::HostImpaired, names);
}

/// What a drain sees and does, in each cluster whose instances our hooks hold.
pub(super) fn of_instance_drain(needs: &mut Needs<'_>, seen: &Snapshot, config: &Config) {
    let listed = [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLifecycleHooks",
        "ecs:ListClusters",
    ];
    needs.must(&listed, NO_RESOURCE.to_owned(), &[]);
    let ours: Vec<_> =
        seen.known_groups().iter().filter(|group| !our_hooks(group, &config.drain).is_empty()).collect();
    let answers = ["autoscaling:RecordLifecycleActionHeartbeat", "autoscaling:CompleteLifecycleAction"];
    for group in &ours {
        needs.must(&answers, group.arn.clone(), &[]);
    }
    host_logs::of_host_logs(
        needs,
        seen,
        Occasion::DrainStuck,
        ours.iter().map(|group| group.group.name.as_str()),
    );
    let mut clusters: BTreeSet<String> =
        config.drain.clusters.iter().map(|name| last_part(name).to_owned()).collect();
    clusters
        .extend(ours.iter().flat_map(|group| seen.clusters_of(group)).map(|cluster| cluster.name.clone()));
    if clusters.is_empty() {
        clusters.insert(ANY.to_owned());
    }
    for name in clusters {
        let cluster = needs.arn("ecs", &format!("cluster/{name}"));
        let within = [("ecs:cluster", cluster.as_str())];
        let instance = needs.arn("ecs", &format!("container-instance/{name}/{ANY}"));
        let task = needs.arn("ecs", &format!("task/{name}/{ANY}"));
        let service = needs.arn("ecs", &format!("service/{name}/{ANY}"));
        let on_instances = [
            "ecs:DescribeContainerInstances",
            "ecs:UpdateContainerInstancesState",
            "ecs:PutAttributes",
            "ecs:ListTasks",
        ];
        needs.must(&on_instances, instance, &within);
        needs.must(&["ecs:DescribeTasks", "ecs:StopTask", "ecs:GetTaskProtection"], task, &within);
        needs.must(&["ecs:DescribeServices"], service, &within);
        needs.must(&["ecs:ListContainerInstances"], cluster.clone(), &[]);
    }
}
