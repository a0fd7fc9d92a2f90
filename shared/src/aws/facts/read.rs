//! The replies in our words. Environment and secrets of a task definition are left where they are.

use aws_sdk_cloudwatchlogs::types::OutputLogEvent;
use aws_sdk_ecs::types::{
    ContainerDefinition as SdkContainer, Deployment as SdkDeployment, LogConfiguration, Service,
    TaskDefinition as SdkTaskDefinition,
};

use crate::alert::deployment::{Deployment, DeploymentStatus, RolloutState};
use crate::event::Timestamp;
use crate::judge::background::{AwsLogs, ContainerDefinition, TaskDefinition};
use crate::ports::ApiError;
use crate::ports::facts::LogEvent;

/// The log driver that writes to `CloudWatch` Logs.
const AWSLOGS: &str = "awslogs";

/// A task definition. One without containers is no answer: ECS takes none such.
pub(super) fn task_definition(definition: Option<SdkTaskDefinition>) -> Result<TaskDefinition, ApiError> {
    let no_answer = || ApiError::Unavailable("the reply holds no containers".to_owned());
    let definition = definition.ok_or_else(no_answer)?;
    let containers = definition.container_definitions.filter(|containers| !containers.is_empty());
    Ok(TaskDefinition {
        containers: containers.ok_or_else(no_answer)?.into_iter().map(container).collect(),
        memory_mib: definition.memory.and_then(|memory| memory.trim().parse().ok()),
    })
}

/// A container. ECS takes one for essential that does not say otherwise.
fn container(container: SdkContainer) -> ContainerDefinition {
    let logs = container.log_configuration;
    ContainerDefinition {
        name: container.name.unwrap_or_default(),
        essential: container.essential.unwrap_or(true),
        memory_mib: container.memory.filter(|memory| *memory > 0).map(i64::from),
        image: container.image,
        log_driver: logs.as_ref().map(|logs| logs.log_driver.as_str().to_owned()),
        logs: logs.and_then(aws_logs),
    }
}

/// The options of `awslogs`.
fn aws_logs(logs: LogConfiguration) -> Option<AwsLogs> {
    let mut options = logs.options.filter(|_| logs.log_driver.as_str() == AWSLOGS)?;
    let mut option = |name: &str| options.remove(name).filter(|value| !value.is_empty());
    Some(AwsLogs {
        group: option("awslogs-group")?,
        region: option("awslogs-region"),
        stream_prefix: option("awslogs-stream-prefix"),
    })
}

/// The deployments of the service that was asked for.
pub(super) fn deployments(services: Option<Vec<Service>>) -> Vec<Deployment> {
    let services = services.unwrap_or_default().into_iter();
    services.flat_map(|service| service.deployments.unwrap_or_default()).map(deployment).collect()
}

/// A deployment.
pub(in crate::aws) fn deployment(deployment: SdkDeployment) -> Deployment {
    let created = deployment.created_at.and_then(|at| at.to_millis().ok());
    Deployment {
        id: deployment.id.unwrap_or_default(),
        status: DeploymentStatus::from_word(deployment.status.as_deref().unwrap_or_default()),
        rollout: deployment.rollout_state.map(|state| RolloutState::from_word(state.as_str())),
        task_definition: deployment.task_definition,
        created: created.map(Timestamp::from_millis),
        failed_tasks: deployment.failed_tasks.into(),
    }
}

/// The last elements of a log.
pub(super) fn log_events(events: Option<Vec<OutputLogEvent>>, limit: usize) -> Vec<LogEvent> {
    let mut events = events.unwrap_or_default();
    let surplus = events.len().saturating_sub(limit);
    events
        .drain(surplus..)
        .map(|event| LogEvent {
            at: event.timestamp.map(Timestamp::from_millis),
            message: event.message.unwrap_or_default(),
        })
        .collect()
}
