//! `ECS Container Instance Health Change`, source `aws.ecs`: how the health checks of a container instance stand.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_health_events.html>.
//! The API's own shape of the same, with `details` for `healthChecks`, may stand in a container instance:
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstanceHealthStatus.html>. There is no
//! `version`.
//! Fixtures: `events-fixtures/ecs-container-instance-health-change/`.

use serde::Deserialize;

use super::arn::{Arn, last_part};
use super::lenient;

/// The `detail-type` of a health change.
pub const INSTANCE_HEALTH_CHANGE: &str = "ECS Container Instance Health Change";

/// The detail of a health change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceHealth {
    /// `arn:…:container-instance/cluster/id`.
    #[serde(deserialize_with = "lenient::text")]
    pub container_instance_arn: Option<Box<str>>,
    /// `arn:…:cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub cluster_arn: Option<Box<str>>,
    /// The EC2 instance it runs on.
    #[serde(deserialize_with = "lenient::text")]
    pub ec2_instance_id: Option<Box<str>>,
    /// The capacity provider; ECS replaces impaired instances of those it manages.
    #[serde(deserialize_with = "lenient::text")]
    pub capacity_provider_name: Option<Box<str>>,
    /// `OK`, `IMPAIRED`, `INSUFFICIENT_DATA`, `INITIALIZING`: the worst of the checks. Of an odd type its JSON.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub overall_status: Option<Box<str>>,
    /// The checks, of an event.
    #[serde(deserialize_with = "lenient::objects")]
    pub health_checks: Vec<HealthCheck>,
    /// The checks, of the API.
    #[serde(deserialize_with = "lenient::objects")]
    pub details: Vec<HealthCheck>,
}

/// One health check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HealthCheck {
    /// `CONTAINER_RUNTIME`, `ACCELERATED_COMPUTE`, `DAEMON`, `AGENT_CONNECTIVITY`.
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<Box<str>>,
    /// `OK`, `IMPAIRED`, `INSUFFICIENT_DATA`, `INITIALIZING`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<Box<str>>,
    /// Why, such as `XID_46`.
    #[serde(deserialize_with = "lenient::text")]
    pub status_reason: Option<Box<str>>,
    /// Since when.
    #[serde(deserialize_with = "lenient::text")]
    pub last_status_change: Option<Box<str>>,
}

impl InstanceHealth {
    /// The cluster's name.
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

    /// The checks, wherever they stand.
    pub fn checks(&self) -> impl Iterator<Item = &HealthCheck> {
        self.health_checks.iter().chain(&self.details)
    }

    /// What tells this state from the next one: its status, and when the checks changed last.
    #[must_use]
    pub fn occurrence(&self) -> String {
        let latest = self.checks().filter_map(|check| check.last_status_change.as_deref()).max();
        format!("{}@{}", self.overall_status.as_deref().unwrap_or("-"), latest.unwrap_or("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::InstanceHealth;

    fn read(json: &str) -> InstanceHealth {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn every_field_is_read_under_the_name_aws_gives_it() {
        let health = read(
            r#"{"clusterArn":"arn:aws:ecs:eu-west-1:111122223333:cluster/harbor","overallStatus":"IMPAIRED",
                "containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b",
                "capacityProviderName":null,"ec2InstanceId":"i-1","healthChecks":[{"type":"DAEMON",
                "status":"IMPAIRED","lastStatusChange":"2026-05-01T10:00:00Z","statusReason":"x"}]}"#,
        );
        assert_eq!((health.cluster(), health.id()), (Some("harbor"), Some("0a1b")));
        assert_eq!(health.ec2_instance_id.as_deref(), Some("i-1"));
        let check = health.checks().next().expect("a check");
        assert_eq!((check.kind.as_deref(), check.status.as_deref()), (Some("DAEMON"), Some("IMPAIRED")));
        assert_eq!(health.occurrence(), "IMPAIRED@2026-05-01T10:00:00Z");
    }

    #[test]
    fn odd_types_are_missing_or_kept_as_they_are() {
        for (json, status, checks) in [
            ("{}", None, 0),
            (r#"{"overallStatus":null,"healthChecks":{}}"#, None, 0),
            (r#"{"overallStatus":["OK"],"healthChecks":[1,{"type":7}]}"#, Some(r#"["OK"]"#), 2),
            (r#"{"overallStatus":"OK","details":[{"type":"CONTAINER_RUNTIME"}]}"#, Some("OK"), 1),
        ] {
            let health = read(json);
            assert_eq!(
                (health.overall_status.as_deref(), health.checks().count()),
                (status, checks),
                "{json}"
            );
        }
    }
}
