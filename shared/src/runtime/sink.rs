//! Where a function's metrics go, as its environment says.

use std::io::Write as _;
use std::time::Duration;

use crate::aws::Aws;
use crate::aws::cloudwatch::CloudWatch;
use crate::config::{Config, MetricsMode};
use crate::event::Timestamp;
use crate::metrics::{Tally, emf};
use crate::ports::MetricSink;

/// A metric sink chosen at start.
#[derive(Clone, Debug)]
pub enum Sink {
    /// Lines on stdout, which Lambda hands to `CloudWatch` Logs.
    Emf {
        /// The namespace.
        namespace: String,
        /// The function's name.
        function: &'static str,
    },
    /// Calls.
    Api(Box<CloudWatch>),
    /// Nothing.
    Off,
}

impl Sink {
    /// As the configuration says.
    #[must_use]
    pub fn new(config: &Config, aws: &Aws, function: &'static str) -> Self {
        match config.metrics {
            MetricsMode::Emf => Self::Emf { namespace: config.namespace.clone(), function },
            MetricsMode::Api => Self::Api(Box::new(CloudWatch::new(aws, &config.namespace, function))),
            MetricsMode::Off => Self::Off,
        }
    }
}

impl MetricSink for Sink {
    async fn emit(&self, tally: &Tally, now: Timestamp, within: Duration) {
        match self {
            Self::Emf { namespace, function } => {
                let mut out = std::io::stdout().lock();
                for line in emf::lines(tally, namespace, function, now) {
                    // Where stdout is gone, so is the log that would say so.
                    writeln!(out, "{line}").unwrap_or_default();
                }
            }
            Self::Api(cloudwatch) => cloudwatch.emit(tally, now, within).await,
            Self::Off => {}
        }
    }
}
