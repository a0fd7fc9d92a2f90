//! `cluster-audit`: looks at every cluster each minute for what emits no event, and alerts on what lasts.

use std::process::ExitCode;

use shared::aws::cluster_reads::ClusterReadsApi;
use shared::aws::{Aws, alert_table::DynamoTable, eventbridge::EventBus, sns::Topic};
use shared::handler::cluster_audit::ClusterAudit;
use shared::handler::monitor::{Beat, Monitor};
use shared::in_memory::Absent;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "cluster-audit";

/// Wires the handler to ECS, Auto Scaling, SNS, the alert table, the bus and metrics, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let topic = Topic::new(&aws, &config.topic_arn);
        let table = config.alert_table.as_deref().map(|name| DynamoTable::new(&aws, name));
        let bus = config.verdict_bus.as_deref().map(|name| EventBus::new(&aws, name));
        let sink = Sink::new(&config, &aws, NAME);
        let monitor: Monitor<_, _, _, _, Absent, _> =
            Monitor::new(Beat::Nothing, policy, topic, sink, SystemClock, config.https)
                .with_table(table)
                .with_bus(bus);
        let audit = ClusterAudit::new(monitor, ClusterReadsApi::new(&aws), config.audit);
        runtime::serve(async |payload, deadline| audit.handle(payload, deadline).await).await
    })
}
