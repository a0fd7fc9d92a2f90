//! `BurstBalance` of volumes, by `GetMetricData`.
//! Sources: <https://docs.aws.amazon.com/ebs/latest/userguide/using_cloudwatch_ebs.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html>.

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, MessageData, Metric, MetricDataQuery, MetricDataResult, MetricStat, StatusCode,
};

use crate::event::Timestamp;
use crate::ports::volumes::{Balance, Balances};
use crate::ports::{ApiError, Page};
use crate::volume::balance::Sample;

/// Seconds in one value.
const PERIOD: i32 = 300;

/// The queries for these volumes. An id of a query begins with a small letter, so it is the place of its volume.
pub(super) fn queries(volumes: &[String]) -> Vec<MetricDataQuery> {
    volumes.iter().enumerate().map(|(place, volume)| query(&format!("v{place}"), volume)).collect()
}

/// The lowest balance of a volume in each period.
fn query(id: &str, volume: &str) -> MetricDataQuery {
    let metric = Metric::builder()
        .namespace("AWS/EBS")
        .metric_name("BurstBalance")
        .dimensions(Dimension::builder().name("VolumeId").value(volume).build());
    let stat = MetricStat::builder().metric(metric.build()).period(PERIOD).stat("Minimum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).return_data(true).build()
}

/// A time in the SDK's form.
pub(super) fn time(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

/// A page of balances. A reply without its list is no answer.
pub(super) fn read(volumes: &[String], reply: GetMetricDataOutput) -> Result<Balances, ApiError> {
    let results = reply
        .metric_data_results
        .ok_or_else(|| ApiError::Unavailable("the reply holds no list".to_owned()))?;
    let items = results.into_iter().filter_map(|result| balance(volumes, &result)).collect();
    let messages = reply.messages.unwrap_or_default().iter().map(in_words).collect();
    Ok(Balances { page: Page { items, next: reply.next_token.filter(|token| !token.is_empty()) }, messages })
}

/// The balance of one query; none where nobody asked for it.
fn balance(volumes: &[String], result: &MetricDataResult) -> Option<Balance> {
    let place: usize = result.id()?.strip_prefix('v')?.parse().ok()?;
    let volume = volumes.get(place)?.clone();
    let pairs = result.timestamps().iter().zip(result.values());
    let samples = pairs.filter_map(|(at, percent)| {
        Some(Sample { at: Timestamp::from_millis(at.to_millis().ok()?), percent: *percent })
    });
    let samples: Vec<_> = samples.collect();
    let is_whole = result.timestamps().len() == samples.len() && result.values().len() == samples.len();
    let status = match result.status_code() {
        Some(StatusCode::Complete) if is_whole => None,
        Some(StatusCode::Complete) => Some("values without their times".to_owned()),
        Some(other) => Some(other.as_str().to_owned()),
        None => Some("no status".to_owned()),
    };
    let incomplete = status.map(|status| {
        let messages = result.messages().iter().map(in_words);
        std::iter::once(status).chain(messages).collect::<Vec<_>>().join("; ")
    });
    Some(Balance { volume, samples, incomplete })
}

/// A message of `CloudWatch`.
fn in_words(message: &MessageData) -> String {
    let words = [message.code(), message.value()];
    words.into_iter().flatten().collect::<Vec<_>>().join(": ")
}
