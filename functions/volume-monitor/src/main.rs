//! `volume-monitor`: watches the burst balance of the volumes of ECS instances, and alerts before it runs out.

use std::process::ExitCode;

use shared::aws::{Aws, alert_table::DynamoTable, eventbridge::EventBus, sns::Topic, volumes::VolumesApi};
use shared::handler::monitor::{Beat, Monitor};
use shared::handler::volume_monitor::VolumeMonitor;
use shared::in_memory::Absent;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "volume-monitor";

/// Wires the handler to ECS, EC2, `CloudWatch`, SNS, the alert table, the bus and metrics, and serves.
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
        let function = VolumeMonitor::new(monitor, VolumesApi::new(&aws), config.volume_clusters);
        runtime::serve(async |payload, deadline| function.handle(payload, deadline).await).await
    })
}
