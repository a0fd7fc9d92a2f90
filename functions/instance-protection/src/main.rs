//! `instance-protection`: keeps instances from being scaled in while they run tasks that must not be cut.

use std::process::ExitCode;

use shared::aws::{Aws, protection::ProtectionApi, sns::Topic};
use shared::handler::instance_protection::InstanceProtection;
use shared::runtime::{self, Sink, SystemClock};

/// The function's name in metrics and logs.
const NAME: &str = "instance-protection";

/// Wires the handler to ECS, Auto Scaling, SNS and metrics, and serves.
fn main() -> ExitCode {
    runtime::start(NAME, async |config, policy| {
        let aws = Aws::new(config.aws.clone())?;
        let api = ProtectionApi::new(&aws);
        let topic = Topic::new(&aws, &config.topic_arn);
        let sink = Sink::new(&config, &aws, NAME);
        let (scale_in, https) = (api.clone(), config.https);
        let protection = InstanceProtection::new(policy, api, scale_in, topic, sink, SystemClock, https);
        runtime::serve(async |payload, deadline| protection.handle(payload, deadline).await).await
    })
}
