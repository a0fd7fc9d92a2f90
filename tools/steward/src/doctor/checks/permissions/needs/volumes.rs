//! What `volume-monitor` sees, in each cluster whose volumes it looks at.

use shared::config::Config;
use shared::event::arn::last_part;

use super::{ANY, NO_RESOURCE, Needs, of_the_bus, of_the_table};

/// Incidents, verdicts, and the reads of each look. Alerts go out without the tasks on an instance.
pub(super) fn of_volume_monitor(needs: &mut Needs<'_>, config: &Config) {
    if let Some(table) = of_the_table(needs, config) {
        needs.must(&["dynamodb:DeleteItem"], table, &[]);
    }
    of_the_bus(needs, config);
    needs.must(&["cloudwatch:GetMetricData", "ec2:DescribeVolumes"], NO_RESOURCE.to_owned(), &[]);
    if config.volume_clusters.is_empty() {
        needs.must(&["ecs:ListClusters"], NO_RESOURCE.to_owned(), &[]);
    }
    let named = config.volume_clusters.iter().map(|cluster| last_part(cluster).to_owned());
    let any = config.volume_clusters.is_empty().then(|| ANY.to_owned());
    for name in named.chain(any) {
        let cluster = needs.arn("ecs", &format!("cluster/{name}"));
        let within = [("ecs:cluster", cluster.as_str())];
        let instance = needs.arn("ecs", &format!("container-instance/{name}/{ANY}"));
        let task = needs.arn("ecs", &format!("task/{name}/{ANY}"));
        needs.must(&["ecs:ListContainerInstances"], cluster.clone(), &[]);
        needs.must(&["ecs:DescribeContainerInstances"], instance.clone(), &within);
        needs.may(&["ecs:ListTasks"], instance, &within);
        needs.may(&["ecs:DescribeTasks"], task, &within);
    }
}
