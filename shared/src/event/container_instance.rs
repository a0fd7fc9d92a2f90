//! `ECS Container Instance State Change`, source `aws.ecs`: the container instance as
//! `DescribeContainerInstances` would show it, at one version.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html>
//! and the `ContainerInstance` shape of the ECS API model.
//! Fixtures: `events-fixtures/ecs-container-instance-state-change/`.

use serde::Deserialize;

use super::arn::{Arn, last_part};
use super::instance_health::InstanceHealth;
use super::lenient;

/// The `detail-type` of a container instance state change.
pub const CONTAINER_INSTANCE_STATE_CHANGE: &str = "ECS Container Instance State Change";

/// The detail of a container instance state change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerInstanceChange {
    /// `arn:…:container-instance/cluster/id`, or `container-instance/id` in the short form.
    #[serde(deserialize_with = "lenient::text")]
    pub container_instance_arn: Option<Box<str>>,
    /// `arn:…:cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub cluster_arn: Option<Box<str>>,
    /// The EC2 instance it runs on; none for an external one.
    #[serde(deserialize_with = "lenient::text")]
    pub ec2_instance_id: Option<Box<str>>,
    /// `ACTIVE`, `DRAINING`, `REGISTERING`, `DEREGISTERING`, `REGISTRATION_FAILED`, `INACTIVE`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<Box<str>>,
    /// Whether its agent is connected.
    #[serde(deserialize_with = "lenient::boolean")]
    pub agent_connected: Option<bool>,
    /// Why it has its status, where ECS says so.
    #[serde(deserialize_with = "lenient::text")]
    pub status_reason: Option<Box<str>>,
    /// How its health checks stand, where ECS says so.
    #[serde(deserialize_with = "lenient::object")]
    pub health_status: Option<InstanceHealth>,
    /// Tasks whose *desired* status is RUNNING: never proof that an instance is empty.
    #[serde(deserialize_with = "lenient::integer")]
    pub running_tasks_count: Option<i64>,
    /// Tasks in PENDING.
    #[serde(deserialize_with = "lenient::integer")]
    pub pending_tasks_count: Option<i64>,
    /// Rises with every change of the container instance; equal versions are one event sent twice.
    #[serde(deserialize_with = "lenient::integer")]
    pub version: Option<i64>,
}

impl ContainerInstanceChange {
    /// The cluster's name: from the cluster ARN, else from a long container instance ARN.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let own = self.cluster_arn.as_deref().map(last_part);
        own.or_else(|| Arn::parse(self.container_instance_arn.as_deref()?)?.cluster())
    }

    /// The container instance's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.container_instance_arn.as_deref().map(last_part)
    }
}

#[cfg(test)]
mod tests {
    use super::ContainerInstanceChange;

    fn read(json: &str) -> ContainerInstanceChange {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn every_field_is_read_under_the_name_aws_gives_it() {
        let change = read(
            r#"{"containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b",
                "clusterArn":"arn:aws:ecs:eu-west-1:111122223333:cluster/harbor","ec2InstanceId":"i-1",
                "status":"DRAINING","statusReason":"x","agentConnected":true,"healthStatus":{"overallStatus":"OK"},"runningTasksCount":2,"pendingTasksCount":0,"version":17,
                "registeredResources":[{"name":"CPU","integerValue":2048}],"versionInfo":{"agentVersion":"1.99.0"}}"#,
        );
        assert_eq!((change.cluster(), change.id()), (Some("harbor"), Some("0a1b")));
        assert_eq!(
            (change.ec2_instance_id.as_deref(), change.status.as_deref()),
            (Some("i-1"), Some("DRAINING"))
        );
        let health = change.health_status.as_ref().and_then(|health| health.overall_status.as_deref());
        assert_eq!((change.status_reason.as_deref(), health), (Some("x"), Some("OK")));
        assert_eq!(
            (change.agent_connected, change.running_tasks_count, change.pending_tasks_count, change.version),
            (Some(true), Some(2), Some(0), Some(17))
        );
    }

    #[test]
    fn names_come_from_whatever_names_them() {
        for (json, want) in [
            (
                r#"{"containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a"}"#,
                (Some("harbor"), Some("0a")),
            ),
            (
                r#"{"containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/0a"}"#,
                (None, Some("0a")),
            ),
            (r#"{"clusterArn":"harbor"}"#, (Some("harbor"), None)),
            ("{}", (None, None)),
        ] {
            let change = read(json);
            assert_eq!((change.cluster(), change.id()), want, "{json}");
        }
    }

    #[test]
    fn a_missing_count_is_never_zero_and_a_missing_agent_never_gone() {
        for (json, want) in [
            ("{}", (None, None)),
            (r#"{"runningTasksCount":null,"agentConnected":null}"#, (None, None)),
            (r#"{"runningTasksCount":"3","agentConnected":"true"}"#, (Some(3), Some(true))),
            (r#"{"runningTasksCount":"","agentConnected":" False "}"#, (None, Some(false))),
            (r#"{"runningTasksCount":false,"agentConnected":0}"#, (None, None)),
            (r#"{"runningTasksCount":[0],"agentConnected":{"a":false}}"#, (None, None)),
        ] {
            let change = read(json);
            assert_eq!((change.running_tasks_count, change.agent_connected), want, "{json}");
        }
    }
}
