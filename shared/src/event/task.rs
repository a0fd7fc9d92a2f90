//! `ECS Task State Change`, source `aws.ecs`: the task as `DescribeTasks` would show it, at one version.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html> and the
//! `Task` and `Container` shapes of the ECS API model. Every field is optional here: events of 2018 lack
//! half of them, an `InputPath` strips the envelope, and people edit events by hand.
//! Fixtures: `events-fixtures/ecs-task-state-change/`.

use serde::Deserialize;

use super::arn::{Arn, family_and_revision, last_part};
use super::lenient;
use super::stop_code::{StopCode, lenient_stop_code};
use super::timestamp::Timestamp;

/// The detail of a task state change.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TaskStateChange {
    /// `arn:…:task/cluster/id`, or `task/id` in the short form.
    #[serde(deserialize_with = "lenient::text")]
    pub task_arn: Option<Box<str>>,
    /// `arn:…:cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub cluster_arn: Option<Box<str>>,
    /// `arn:…:task-definition/family:revision`.
    #[serde(deserialize_with = "lenient::text")]
    pub task_definition_arn: Option<Box<str>>,
    /// The container instance, on EC2.
    #[serde(deserialize_with = "lenient::text")]
    pub container_instance_arn: Option<Box<str>>,
    /// `service:name` for a service's task, mostly `family:name` for a job.
    #[serde(deserialize_with = "lenient::text")]
    pub group: Option<Box<str>>,
    /// `ecs-svc/N`, `events-rule/NAME`, `AWS Step Functions`, or what the caller of `RunTask` chose.
    #[serde(deserialize_with = "lenient::text")]
    pub started_by: Option<Box<str>>,
    /// `EC2`, `FARGATE`, `EXTERNAL`.
    #[serde(deserialize_with = "lenient::text")]
    pub launch_type: Option<Box<str>>,
    /// The capacity provider the task was placed with.
    #[serde(deserialize_with = "lenient::text")]
    pub capacity_provider_name: Option<Box<str>>,
    /// For example `eu-west-1b`.
    #[serde(deserialize_with = "lenient::text")]
    pub availability_zone: Option<Box<str>>,
    /// What the task is known to be: `PROVISIONING` … `RUNNING` … `STOPPED`.
    #[serde(deserialize_with = "lenient::text")]
    pub last_status: Option<Box<str>>,
    /// What the task is meant to be.
    #[serde(deserialize_with = "lenient::text")]
    pub desired_status: Option<Box<str>>,
    /// Why the task stopped, in one word.
    #[serde(deserialize_with = "lenient_stop_code")]
    pub stop_code: Option<StopCode>,
    /// Why the task stopped, as text of up to 1,024 characters, often cut.
    #[serde(deserialize_with = "lenient::text")]
    pub stopped_reason: Option<Box<str>>,
    /// Rises with every change of the task; equal versions are one event sent twice.
    #[serde(deserialize_with = "lenient::integer")]
    pub version: Option<i64>,
    /// When the task was created.
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<Box<str>>,
    /// When the task reached `RUNNING`.
    #[serde(deserialize_with = "lenient::text")]
    pub started_at: Option<Box<str>>,
    /// When the task changed last: the time this event tells of.
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<Box<str>>,
    /// When a stop was asked for.
    #[serde(deserialize_with = "lenient::text")]
    pub stopping_at: Option<Box<str>>,
    /// When the last container ended.
    #[serde(deserialize_with = "lenient::text")]
    pub execution_stopped_at: Option<Box<str>>,
    /// When the task reached `STOPPED`.
    #[serde(deserialize_with = "lenient::text")]
    pub stopped_at: Option<Box<str>>,
    /// In no order that means anything; two may share a name (AWS Batch).
    #[serde(deserialize_with = "lenient::objects")]
    pub containers: Vec<Container>,
}

/// One container of a task.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Container {
    /// The name in the task definition.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<Box<str>>,
    /// As the task definition has it.
    #[serde(deserialize_with = "lenient::text")]
    pub image: Option<Box<str>>,
    /// What the image was when it was pulled: `sha256:…`.
    #[serde(deserialize_with = "lenient::text")]
    pub image_digest: Option<Box<str>>,
    /// The container's id on its host.
    #[serde(deserialize_with = "lenient::text")]
    pub runtime_id: Option<Box<str>>,
    /// The container's own status.
    #[serde(deserialize_with = "lenient::text")]
    pub last_status: Option<Box<str>>,
    /// What the container returned. Absent where it never ran, its host is gone, or nothing was reported
    /// yet: never to be read as 0.
    #[serde(deserialize_with = "lenient::integer")]
    pub exit_code: Option<i64>,
    /// The agent's words where something went wrong with this container.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: Option<Box<str>>,
}

impl TaskStateChange {
    /// The cluster's name: from the cluster ARN, else from a long task ARN.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let own = self.cluster_arn.as_deref().map(last_part);
        own.or_else(|| Arn::parse(self.task_arn.as_deref()?)?.cluster())
    }

    /// The service's name, where `group` says it.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.group.as_deref()?.strip_prefix("service:").filter(|name| !name.is_empty())
    }

    /// The task definition's family: from its ARN, else from `group`.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        let own = self.task_definition_arn.as_deref().map(|arn| family_and_revision(arn).0);
        own.or_else(|| self.group.as_deref()?.strip_prefix("family:")).filter(|name| !name.is_empty())
    }

    /// The task's id.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        self.task_arn.as_deref().map(last_part)
    }

    /// Whether a service keeps this task running: `group` says `service:` or `startedBy` says `ecs-svc/`.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.group.as_deref().is_some_and(|group| group.starts_with("service:"))
            || self.started_by.as_deref().is_some_and(|by| by.starts_with("ecs-svc/"))
    }

    /// Milliseconds from the stop being asked for to the last container's end; negative where a container
    /// ended first and ECS reacted.
    #[must_use]
    pub fn stop_lag_millis(&self) -> Option<i64> {
        let ended = Timestamp::parse(self.execution_stopped_at.as_deref()?)?;
        Some(ended.millis_since(Timestamp::parse(self.stopping_at.as_deref()?)?))
    }

    /// When the task stopped: `stoppedAt`, else when the last container ended, else when a stop was asked.
    #[must_use]
    pub fn stopped(&self) -> Option<Timestamp> {
        [&self.stopped_at, &self.execution_stopped_at, &self.stopping_at]
            .into_iter()
            .find_map(|text| Timestamp::parse(text.as_deref()?))
    }

    /// When the task reached `RUNNING`.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        Timestamp::parse(self.started_at.as_deref()?)
    }

    /// Milliseconds from `RUNNING` to the end of the last container, never negative.
    #[must_use]
    pub fn ran_for_millis(&self) -> Option<i64> {
        let end =
            self.execution_stopped_at.as_deref().and_then(Timestamp::parse).or_else(|| self.stopped())?;
        Some(end.millis_since(self.started()?).max(0))
    }

    /// Milliseconds from `RUNNING` to the change this event tells of, never negative.
    #[must_use]
    pub fn up_for_millis(&self) -> Option<i64> {
        let now = Timestamp::parse(self.updated_at.as_deref()?)?;
        Some(now.millis_since(self.started()?).max(0))
    }
}

impl Container {
    /// The container's name, or a word that stands for it.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("(unnamed)")
    }
}

#[cfg(test)]
mod tests {
    use super::TaskStateChange;

    fn read(json: &str) -> TaskStateChange {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn names_come_from_whatever_names_them() {
        let long =
            read(r#"{"taskArn":"arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a","group":"service:web"}"#);
        assert_eq!(
            (long.cluster(), long.service(), long.task_id()),
            (Some("harbor"), Some("web"), Some("0a"))
        );
        let short = read(
            r#"{"taskArn":"arn:aws:ecs:eu-west-1:1:task/0a","clusterArn":"arn:aws:ecs:eu-west-1:1:cluster/c","group":"family:job"}"#,
        );
        assert_eq!((short.cluster(), short.family(), short.task_id()), (Some("c"), Some("job"), Some("0a")));
        let bare = read(r#"{"taskDefinitionArn":"web:7","startedBy":"ecs-svc/1"}"#);
        assert_eq!((bare.cluster(), bare.family(), bare.is_service()), (None, Some("web"), true));
    }

    #[test]
    fn the_lag_is_negative_where_a_container_ended_first() {
        let task = read(
            r#"{"stoppingAt":"2026-05-01T10:00:10Z","executionStoppedAt":"2026-05-01T10:00:04Z",
                "startedAt":"2026-05-01T09:00:04Z","stoppedAt":"2026-05-01T10:00:30Z"}"#,
        );
        assert_eq!((task.stop_lag_millis(), task.ran_for_millis()), (Some(-6000), Some(3_600_000)));
        assert_eq!(TaskStateChange::default().stop_lag_millis(), None);
    }

    #[test]
    fn odd_types_are_missing_and_never_zero() {
        let task = read(
            r#"{"lastStatus":{"a":1},"version":"7","stopCode":" ","stoppedReason":42,
                "containers":[{"name":5,"exitCode":null},{"exitCode":"137"},null,"x",{"exitCode":[0]}]}"#,
        );
        assert_eq!((task.last_status, task.version, task.stop_code), (None, Some(7), None));
        assert_eq!(task.stopped_reason.as_deref(), Some("42"));
        let codes: Vec<_> = task.containers.iter().map(|container| container.exit_code).collect();
        assert_eq!(codes, [None, Some(137), None, None, None]);
    }
}
