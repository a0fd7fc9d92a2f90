//! `instance-drain`: drains ECS instances before Auto Scaling terminates them.

use std::process::ExitCode;

use shared::aws::{Aws, auto_scaling::AutoScalingApi, ecs::EcsApi, run_command::RunCommand, sns::Topic};
use shared::handler::instance_drain::InstanceDrain;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "instance-drain";

/// Wires the handler to ECS, Auto Scaling, SNS and metrics, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let (ecs, auto_scaling) = (EcsApi::new(&aws), AutoScalingApi::new(&aws));
        let topic = Topic::new(&aws, &config.topic_arn);
        let sink = Sink::new(&config, &aws, NAME);
        let (settings, https) = (config.drain, config.https);
        let (clock, logs) = (SystemClock, RunCommand::new(&aws));
        let drain = InstanceDrain::new(policy, settings, ecs, auto_scaling, topic, sink, clock, logs, https);
        runtime::serve(async |payload, deadline| drain.handle(payload, deadline).await).await
    })
}
