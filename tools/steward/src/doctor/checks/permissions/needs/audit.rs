//! What `cluster-audit` reads, in each cluster it looks at.

use shared::config::Config;
use shared::event::arn::last_part;

use super::{ANY, NO_RESOURCE, Needs, of_the_bus, of_the_table};

/// Incidents and what is due of them, verdicts, and the reads of each look.
pub(super) fn of_cluster_audit(needs: &mut Needs<'_>, config: &Config) {
    if let Some(table) = of_the_table(needs, config) {
        needs.must(&["dynamodb:Query"], format!("{table}/index/due"), &[]);
        needs.must(&["dynamodb:DeleteItem"], table, &[]);
    }
    of_the_bus(needs, config);
    needs.must(&["autoscaling:DescribeAutoScalingInstances"], NO_RESOURCE.to_owned(), &[]);
    let clusters = &config.audit.clusters;
    if clusters.is_empty() {
        needs.must(&["ecs:ListClusters"], NO_RESOURCE.to_owned(), &[]);
    }
    let named = clusters.iter().map(|cluster| last_part(cluster).to_owned());
    let any = clusters.is_empty().then(|| ANY.to_owned());
    for name in named.chain(any) {
        let cluster = needs.arn("ecs", &format!("cluster/{name}"));
        let within = [("ecs:cluster", cluster.as_str())];
        let instance = needs.arn("ecs", &format!("container-instance/{name}/{ANY}"));
        let service = needs.arn("ecs", &format!("service/{name}/{ANY}"));
        let task = needs.arn("ecs", &format!("task/{name}/{ANY}"));
        needs.must(&["ecs:DescribeClusters", "ecs:ListContainerInstances"], cluster.clone(), &[]);
        needs.must(&["ecs:ListServices"], NO_RESOURCE.to_owned(), &within);
        needs.must(&["ecs:DescribeServices"], service, &within);
        needs.must(&["ecs:DescribeContainerInstances", "ecs:ListTasks"], instance, &within);
        needs.must(&["ecs:DescribeTasks"], task, &within);
    }
}
