//! `task-monitor`: judges every ECS task stop and alerts on abnormal exits.

use std::process::ExitCode;

use shared::aws::{Aws, sns::Topic};
use shared::handler::task_monitor::TaskMonitor;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "task-monitor";

const NONE: Option<&'static shared::in_memory::TableInMemory> = None;

/// Wires the handler to SNS and metrics, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let topic = Topic::new(&aws, &config.topic_arn);
        topic.prewarm().await;
        let sink = Sink::new(&config, &aws, NAME);
        let monitor = TaskMonitor::new(policy, topic, sink, SystemClock, config.https, NONE);
        runtime::serve(async |payload, deadline| monitor.handle(payload, deadline).await).await
    })
}
