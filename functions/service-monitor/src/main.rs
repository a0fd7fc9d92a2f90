//! `service-monitor`: judges what ECS says of services and deployments, and alerts on trouble.

use std::process::ExitCode;

use shared::aws::{Aws, alert_table::DynamoTable, eventbridge::EventBus, sns::Topic};
use shared::handler::monitor::{Beat, Monitor};
use shared::in_memory::Absent;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "service-monitor";

/// Wires the handler to SNS, the alert table, the bus and metrics, and serves. What alerts lack of a task is not
/// looked up: no event here is about one.
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
        let monitor: Monitor<_, _, _, _, Absent, _> =
            Monitor::new(Beat::Services, policy, topic, sink, SystemClock, config.https)
                .with_table(table)
                .with_bus(bus);
        runtime::serve(async |payload, deadline| monitor.handle(payload, deadline).await).await
    })
}
