//! What a stop's event lacks and AWS knows: one method is one call, tried once, and ends `within` its time.
//!
//! None of it is needed for an alert to go out, so an error here is told in the alert and nothing more.

use std::time::Duration;

use super::ApiError;
use crate::alert::deployment::Deployment;
use crate::alert::log_lines::LogStream;
use crate::drain::container_instance::ContainerInstance;
use crate::event::Timestamp;
use crate::judge::background::TaskDefinition;

/// An element of a log, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it was written.
    pub at: Option<Timestamp>,
    /// What it says, with everything that should not be in a log.
    pub message: String,
}

/// The end of a log stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTail {
    /// Its last elements, oldest first; none where nothing was written.
    Events(Vec<LogEvent>),
    /// There is no such stream or group: a container that never started wrote nothing.
    NoStream,
    /// It is in another region, where nobody asked.
    OtherRegion,
}

/// Whose memory, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryOf<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// The service's name, where it is one.
    pub service: Option<&'a str>,
    /// The task definition's family.
    pub family: Option<&'a str>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// The most memory that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryPeak {
    /// By the service, as percent of what its tasks reserve (`AWS/ECS`, `MemoryUtilization`).
    pub percent: Option<i64>,
    /// By a task of the family, in MiB (`ECS/ContainerInsights`, `MemoryUtilized`, where it is switched on).
    pub mib: Option<i64>,
}

/// Calls of ECS, `CloudWatch` Logs and `CloudWatch`, for one alert.
pub trait TaskFacts {
    /// `DescribeTaskDefinition` by the ARN of a revision, which may be an inactive one.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>
    fn task_definition(
        &self,
        arn: &str,
        within: Duration,
    ) -> impl Future<Output = Result<TaskDefinition, ApiError>> + Send;

    /// `DescribeContainerInstances` of one; none where ECS no longer knows it.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html>
    fn host(
        &self,
        cluster: &str,
        container_instance: &str,
        within: Duration,
    ) -> impl Future<Output = Result<Option<ContainerInstance>, ApiError>> + Send;

    /// The deployments of `DescribeServices`; none where the service is gone or does not deploy by them.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
    fn deployments(
        &self,
        cluster: &str,
        service: &str,
        within: Duration,
    ) -> impl Future<Output = Result<Vec<Deployment>, ApiError>> + Send;

    /// `GetLogEvents` from the end of a stream, at most `limit`, 1 to 10,000.
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
    fn last_log_lines(
        &self,
        stream: &LogStream,
        limit: usize,
        within: Duration,
    ) -> impl Future<Output = Result<LogTail, ApiError>> + Send;

    /// `GetMetricData` of the metrics behind [`MemoryPeak`]; none where nobody measured.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
    fn memory_peak(
        &self,
        of: MemoryOf<'_>,
        within: Duration,
    ) -> impl Future<Output = Result<MemoryPeak, ApiError>> + Send;
}
