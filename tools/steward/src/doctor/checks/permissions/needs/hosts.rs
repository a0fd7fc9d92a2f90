//! What `instance-monitor` does: its alerts, and what it asks of hosts.

use shared::config::Config;

use super::incidents::{of_the_bus, of_the_table};
use super::{ANY, NO_RESOURCE, Needs};

/// Incidents, which it also ends, verdicts, and what it asks of hosts: without an answer its alerts are low.
pub(super) fn of_instance_monitor(needs: &mut Needs<'_>, config: &Config) {
    if let Some(table) = of_the_table(needs, config) {
        needs.must(&["dynamodb:DeleteItem"], table, &[]);
    }
    of_the_bus(needs, config);
    let listed = ["autoscaling:DescribeAutoScalingInstances", "ecs:ListClusters"];
    needs.must(&listed, NO_RESOURCE.to_owned(), &[]);
    let (cluster, instance) = (format!("cluster/{ANY}"), format!("container-instance/{ANY}/{ANY}"));
    needs.must(&["ecs:ListContainerInstances"], needs.arn("ecs", &cluster), &[]);
    needs.must(&["ecs:DescribeContainerInstances"], needs.arn("ecs", &instance), &[]);
}
