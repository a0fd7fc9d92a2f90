//! `task-monitor`: judges every ECS task stop and alerts on abnormal exits.

use std::process::ExitCode;

use shared::aws::{Aws, alert_table::DynamoTable, eventbridge::EventBus, facts::FactsApi, sns::Topic};
use shared::handler::{
    enriching::Enriching,
    monitor::{Beat, Monitor},
};
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "task-monitor";

/// Wires the handler to SNS, the alert table, what alerts lack, the bus and metrics, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let topic = Topic::new(&aws, &config.topic_arn);
        let table = config.alert_table.as_deref().map(|name| DynamoTable::new(&aws, name));
        topic.prewarm().await;
        if let Some(table) = &table {
            table.prewarm().await;
        }
        let facts = Enriching::new(FactsApi::new(&aws), SystemClock, config.enrich_time);
        let bus = config.verdict_bus.as_deref().map(|name| EventBus::new(&aws, name));
        let sink = Sink::new(&config, &aws, NAME);
        let monitor = Monitor::new(Beat::Tasks, policy, topic, sink, SystemClock, config.https)
            .with_table(table)
            .with_facts(Some(facts))
            .with_bus(bus);
        runtime::serve(async |payload, deadline| monitor.handle(payload, deadline).await).await
    })
}
