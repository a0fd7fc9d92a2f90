//! The metrics behind a peak of memory.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html> and
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html>.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat};

use crate::event::Timestamp;
use crate::ports::facts::{MemoryOf, MemoryPeak};

/// The query for the service's percentage.
const PERCENT: &str = "percent";
/// The query for the family's megabytes.
const MEGABYTES: &str = "megabytes";
/// Seconds in one value: the finest both metrics have.
const PERIOD: i32 = 60;

/// The queries that can be asked with what is known.
pub(super) fn queries(of: MemoryOf<'_>) -> Vec<MetricDataQuery> {
    let service = of.service.map(|service| {
        query(
            PERCENT,
            "AWS/ECS",
            "MemoryUtilization",
            [("ClusterName", of.cluster), ("ServiceName", service)],
        )
    });
    let family = of.family.map(|family| {
        let dimensions = [("ClusterName", of.cluster), ("TaskDefinitionFamily", family)];
        query(MEGABYTES, "ECS/ContainerInsights", "MemoryUtilized", dimensions)
    });
    service.into_iter().chain(family).collect()
}

/// The maximum of a metric for each minute.
fn query(id: &str, namespace: &str, metric: &str, dimensions: [(&str, &str); 2]) -> MetricDataQuery {
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    let metric = Metric::builder()
        .namespace(namespace)
        .metric_name(metric)
        .set_dimensions(Some(dimensions.to_vec()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(PERIOD).stat("Maximum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).return_data(true).build()
}

/// A time in the SDK's form.
pub(super) fn time(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

/// The highest value of each answer.
pub(super) fn peak(results: &[MetricDataResult]) -> MemoryPeak {
    let highest = |id: &str| {
        let values =
            results.iter().filter(|result| result.id() == Some(id)).flat_map(MetricDataResult::values);
        values.copied().filter(|value| value.is_finite() && *value >= 0.0).reduce(f64::max).map(rounded)
    };
    MemoryPeak { percent: highest(PERCENT), mib: highest(MEGABYTES) }
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "the cast clamps, and no memory is that large")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::MetricDataResult;

    use super::{MEGABYTES, PERCENT, peak};
    use crate::ports::facts::MemoryPeak;

    #[test]
    fn a_peak_is_the_highest_value_that_is_one() {
        let result = |id: &str, values: &[f64]| {
            MetricDataResult::builder().id(id).set_values(Some(values.to_vec())).build()
        };
        for (results, percent, mib) in [
            (vec![], None, None),
            (vec![result(PERCENT, &[])], None, None),
            (vec![result(PERCENT, &[12.0, 97.4, 3.0]), result(MEGABYTES, &[498.5])], Some(97), Some(499)),
            (vec![result(PERCENT, &[f64::NAN, f64::INFINITY, -1.0])], None, None),
            (vec![result(PERCENT, &[1.0]), result(PERCENT, &[2.0]), result("x", &[9.0])], Some(2), None),
            (vec![result(MEGABYTES, &[1e300])], None, Some(i64::MAX)),
        ] {
            assert_eq!(peak(&results), MemoryPeak { percent, mib });
        }
    }
}
