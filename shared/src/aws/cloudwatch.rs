//! Metrics by `PutMetricData`, for those who cannot use the embedded metric format.

use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::Builder;
use aws_sdk_cloudwatch::error::DisplayErrorContext;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};

use super::Aws;
use crate::event::Timestamp;
use crate::metrics::{ALERTS, DIMENSIONS, Tally, Unit, VERDICTS};
use crate::ports::MetricSink;

/// Metrics in one call, at most
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>).
const METRICS_PER_CALL: usize = 1_000;

/// `CloudWatch` under one namespace.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    /// The client.
    client: Client,
    /// The namespace.
    namespace: String,
    /// The function's name.
    function: &'static str,
}

impl CloudWatch {
    /// For one function.
    #[must_use]
    pub fn new(aws: &Aws, namespace: &str, function: &'static str) -> Self {
        let mut config = Builder::from(&aws.shared);
        config.set_endpoint_url(aws.access.cloudwatch_endpoint.clone());
        Self { client: Client::from_conf(config.build()), namespace: namespace.to_owned(), function }
    }

    /// Puts every metric, in as few calls as the limits allow.
    async fn put(&self, data: &[MetricDatum]) {
        for chunk in data.chunks(METRICS_PER_CALL) {
            let call = self
                .client
                .put_metric_data()
                .namespace(&self.namespace)
                .set_metric_data(Some(chunk.to_vec()));
            if let Err(error) = call.send().await {
                let metrics = chunk.len();
                tracing::warn!(metrics, error = %DisplayErrorContext(error), "metrics lost");
            }
        }
    }
}

impl MetricSink for CloudWatch {
    async fn emit(&self, tally: &Tally, now: Timestamp, within: Duration) {
        let data = data(tally, self.function, now);
        if tokio::time::timeout(within, self.put(&data)).await.is_err() {
            tracing::warn!(metrics = data.len(), "metrics lost: no answer in time");
        }
    }
}

/// The metrics of a tally, under each of its dimension sets.
fn data(tally: &Tally, function: &str, now: Timestamp) -> Vec<MetricDatum> {
    let datum = |name: &str, unit: Unit, value: u32, dimensions: Vec<Dimension>| {
        MetricDatum::builder()
            .metric_name(name)
            .unit(StandardUnit::from(unit.word()))
            .value(f64::from(value))
            .timestamp(DateTime::from_millis(now.as_millis()))
            .set_dimensions(Some(dimensions))
            .build()
    };
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let mut data = Vec::new();
    for (key, count) in &tally.counts {
        for set in DIMENSIONS {
            let dimensions = || set.iter().map(|name| dimension(name, key.value(name))).collect();
            data.push(datum(VERDICTS, Unit::Count, count.verdicts, dimensions()));
            data.push(datum(ALERTS, Unit::Count, count.alerts, dimensions()));
        }
    }
    for run in &tally.jobs {
        for one in run.measures() {
            let dimensions = vec![dimension("Cluster", &run.cluster), dimension("Family", &run.family)];
            data.push(datum(one.name, one.unit, one.value, dimensions));
        }
    }
    for one in tally.of_function() {
        data.push(datum(one.name, one.unit, one.value, vec![dimension("Function", function)]));
    }
    data
}
