//! `instance-monitor`: judges what ECS, EC2 and AWS Health say of hosts, and alerts on trouble.

use std::process::ExitCode;

use shared::aws::auto_scaling::AutoScalingApi;
use shared::aws::run_command::RunCommand;
use shared::aws::{Aws, alert_table::DynamoTable, ecs::EcsApi, eventbridge::EventBus, sns::Topic};
use shared::handler::host_logs::HostLogs;
use shared::handler::instance_monitor::InstanceMonitor;
use shared::handler::monitor::{Beat, CollectsLogs, Monitor};
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "instance-monitor";

/// Wires the handler to SNS, the alert table, the bus and metrics, ECS, Auto Scaling and Systems Manager, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let topic = Topic::new(&aws, &config.topic_arn);
        let table = config.alert_table.as_deref().map(|name| DynamoTable::new(&aws, name));
        topic.prewarm().await;
        if let Some(table) = &table {
            table.prewarm().await;
        }
        let bus = config.verdict_bus.as_deref().map(|name| EventBus::new(&aws, name));
        let sink = Sink::new(&config, &aws, NAME);
        let logs = policy.collect_logs.clone().map(|policy| -> Box<dyn CollectsLogs> {
            Box::new(HostLogs { policy, logs: RunCommand::new(&aws), clock: SystemClock })
        });
        let monitor = Monitor::new(Beat::Hosts, policy, topic, sink, SystemClock, config.https);
        let monitor = monitor.with_table(table).with_bus(bus).with_host_logs(logs);
        let function = InstanceMonitor::new(monitor, EcsApi::new(&aws), AutoScalingApi::new(&aws));
        runtime::serve(async |payload, deadline| function.handle(payload, deadline).await).await
    })
}
