//! What a stop's event lacks, by the APIs of ECS, `CloudWatch` Logs and `CloudWatch`.
//!
//! One attempt and no retry: an alert waits for the answer, and goes out without it.

mod memory;
pub(in crate::aws) mod read;

use std::pin::Pin;
use std::time::Duration;

use super::Aws;
use super::ecs::read::container_instance;
use super::failure::api_error;
use crate::alert::deployment::Deployment;
use crate::alert::log_lines::LogStream;
use crate::drain::container_instance::ContainerInstance;
use crate::judge::background::TaskDefinition;
use crate::ports::facts::{LogTail, MemoryOf, MemoryPeak};
use crate::ports::{ApiError, TaskFacts};

/// The code for a log group or stream that does not exist.
const NO_STREAM: &str = "ResourceNotFoundException";
/// The code for a service's cluster or a service that is gone.
const NO_SERVICE: &str = "ServiceNotFoundException";

/// The APIs in the environment's region.
#[derive(Clone, Debug)]
pub struct FactsApi {
    /// ECS.
    ecs: aws_sdk_ecs::Client,
    /// `CloudWatch` Logs.
    logs: aws_sdk_cloudwatchlogs::Client,
    /// `CloudWatch`.
    cloudwatch: aws_sdk_cloudwatch::Client,
    /// The region all of them are in.
    region: String,
}

impl FactsApi {
    /// With what all clients share, and a single attempt.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let shared = aws.single_attempt();
        let mut ecs = aws_sdk_ecs::config::Builder::from(&shared);
        ecs.set_endpoint_url(aws.access.ecs_endpoint.clone());
        let mut logs = aws_sdk_cloudwatchlogs::config::Builder::from(&shared);
        logs.set_endpoint_url(aws.access.logs_endpoint.clone());
        let mut cloudwatch = aws_sdk_cloudwatch::config::Builder::from(&shared);
        cloudwatch.set_endpoint_url(aws.access.cloudwatch_endpoint.clone());
        Self {
            ecs: aws_sdk_ecs::Client::from_conf(ecs.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
            region: aws.access.region.clone(),
        }
    }
}

/// Holds a call to its time. It is boxed: the SDK's futures are large, and several of them wait at once.
async fn held<T>(
    within: Duration,
    call: Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + '_>>,
) -> Result<T, ApiError> {
    tokio::time::timeout(within, call).await.unwrap_or_else(|_| {
        Err(ApiError::Unavailable(format!("no answer within {:.1} s", within.as_secs_f64())))
    })
}

impl TaskFacts for FactsApi {
    async fn task_definition(&self, arn: &str, within: Duration) -> Result<TaskDefinition, ApiError> {
        let call = self.ecs.describe_task_definition().task_definition(arn);
        let reply =
            held(within, Box::pin(async { call.send().await.map_err(|error| api_error(&error)) })).await?;
        read::task_definition(reply.task_definition)
    }

    async fn host(
        &self,
        cluster: &str,
        container_instance_arn: &str,
        within: Duration,
    ) -> Result<Option<ContainerInstance>, ApiError> {
        let call = self
            .ecs
            .describe_container_instances()
            .cluster(cluster)
            .container_instances(container_instance_arn);
        let reply =
            held(within, Box::pin(async { call.send().await.map_err(|error| api_error(&error)) })).await?;
        let found = reply.container_instances.unwrap_or_default().into_iter().map(container_instance);
        Ok(found.into_iter().find(|instance| instance.arn == container_instance_arn))
    }

    async fn deployments(
        &self,
        cluster: &str,
        service: &str,
        within: Duration,
    ) -> Result<Vec<Deployment>, ApiError> {
        let call = self.ecs.describe_services().cluster(cluster).services(service);
        let reply =
            held(within, Box::pin(async { call.send().await.map_err(|error| api_error(&error)) })).await;
        match reply {
            Ok(reply) => Ok(read::deployments(reply.services)),
            Err(ApiError::Refused { code, .. }) if code == NO_SERVICE => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn last_log_lines(
        &self,
        stream: &LogStream,
        limit: usize,
        within: Duration,
    ) -> Result<LogTail, ApiError> {
        if stream.region.as_ref().is_some_and(|region| *region != self.region) {
            return Ok(LogTail::OtherRegion);
        }
        let call = self
            .logs
            .get_log_events()
            .log_group_name(&stream.group)
            .log_stream_name(&stream.stream)
            .start_from_head(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let reply =
            held(within, Box::pin(async { call.send().await.map_err(|error| api_error(&error)) })).await;
        match reply {
            Ok(reply) => Ok(LogTail::Events(read::log_events(reply.events, limit))),
            Err(ApiError::Refused { code, .. }) if code == NO_STREAM => Ok(LogTail::NoStream),
            Err(error) => Err(error),
        }
    }

    async fn memory_peak(&self, of: MemoryOf<'_>, within: Duration) -> Result<MemoryPeak, ApiError> {
        let queries = memory::queries(of);
        if queries.is_empty() {
            return Ok(MemoryPeak::default());
        }
        let call = self
            .cloudwatch
            .get_metric_data()
            .set_metric_data_queries(Some(queries))
            .start_time(memory::time(of.from))
            .end_time(memory::time(of.until));
        let reply =
            held(within, Box::pin(async { call.send().await.map_err(|error| api_error(&error)) })).await?;
        Ok(memory::peak(&reply.metric_data_results.unwrap_or_default()))
    }
}
