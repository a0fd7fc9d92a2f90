//! What ECS says of a service, a deployment, a daemon or a deployment hook: five detail-types, source `aws.ecs`.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html>. The `eventName`
//! says what happened; `eventType` is only how loud ECS found it. The service's ARN stands in the envelope's
//! `resources`, save in those of hooks. There is no `version`: see [`ServiceEvent::key`].
//! Fixtures: `events-fixtures/ecs-service-action/`, `events-fixtures/ecs-deployment-state-change/`.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

use super::arn::{Arn, last_part};
use super::lenient;
use super::timestamp::Timestamp;

/// The `detail-type` of a service action.
pub const SERVICE_ACTION: &str = "ECS Service Action";

/// The `detail-type`s that are read as a [`ServiceEvent`].
pub const KINDS: [&str; 5] = [
    SERVICE_ACTION,
    "ECS Deployment State Change",
    "ECS Daemon Service Action",
    "ECS Daemon Deployment State Change",
    "ECS Hook State Change",
];

/// The event name of a service that has what it desires.
const STEADY: &str = "SERVICE_STEADY_STATE";

/// Resources of ECS's ARNs that name a service or a daemon.
const NAMING: [&str; 4] = ["service/", "service-deployment/", "daemon/", "daemon-deployment/"];

/// The detail of any of the [`KINDS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceEvent {
    /// For example `SERVICE_STEADY_STATE`; of an odd type its JSON, so that it is an unknown name and not none.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub event_name: Option<Box<str>>,
    /// `INFO`, `WARN` (of daemons `WARNING`) or `ERROR`.
    #[serde(deserialize_with = "lenient::text")]
    pub event_type: Option<Box<str>>,
    /// ECS's text, for example `RESOURCE:CPU`; of an odd type its JSON, since it may tell of a rollback.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub reason: Option<Box<str>>,
    /// `arn:…:cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub cluster_arn: Option<Box<str>>,
    /// `arn:…:service/cluster/name`, or `service/name` in the short form; of hooks, else from the resources.
    #[serde(deserialize_with = "lenient::text")]
    pub service_arn: Option<Box<str>>,
    /// `arn:…:daemon/cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub daemon_arn: Option<Box<str>>,
    /// `ecs-svc/N`.
    #[serde(deserialize_with = "lenient::text")]
    pub deployment_id: Option<Box<str>>,
    /// Of a daemon's task: `TASK_FAILED_TO_RUN` or `TASK_CREATION_FAILED`.
    #[serde(deserialize_with = "lenient::text")]
    pub failure_type: Option<Box<str>>,
    /// The stage of a deployment that a hook stands at.
    #[serde(deserialize_with = "lenient::text")]
    pub lifecycle_stage: Option<Box<str>>,
    /// Where tasks were to be placed.
    #[serde(deserialize_with = "lenient::texts")]
    pub capacity_provider_arns: Vec<Box<str>>,
    /// Container instances that were looked at.
    #[serde(deserialize_with = "lenient::texts")]
    pub container_instance_arns: Vec<Box<str>>,
    /// The container instance of a daemon's task.
    #[serde(deserialize_with = "lenient::text")]
    pub container_instance_arn: Option<Box<str>>,
    /// EC2 instances that were looked at.
    #[serde(deserialize_with = "lenient::texts")]
    pub ec2_instance_ids: Vec<Box<str>>,
    /// Tasks the service is meant to have.
    #[serde(deserialize_with = "lenient::integer")]
    pub desired_count: Option<i64>,
    /// When it happened, of actions.
    #[serde(deserialize_with = "lenient::text")]
    pub created_at: Option<Box<str>>,
    /// When it happened, of deployments and hooks.
    #[serde(deserialize_with = "lenient::text")]
    pub updated_at: Option<Box<str>>,
}

impl ServiceEvent {
    /// The cluster and the service, where it says that the service is steady.
    #[must_use]
    pub fn steady(&self) -> Option<(&str, &str)> {
        if self.event_name.as_deref() != Some(STEADY) {
            return None;
        }
        Some((self.cluster()?, self.service()?))
    }

    /// The cluster's name: from its ARN, else from a long ARN of the service or daemon.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let own = self.cluster_arn.as_deref().map(last_part).filter(|name| !name.is_empty());
        own.or_else(|| names(self.named_by()?).0)
    }

    /// The service's name, or the daemon's.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        names(self.named_by()?).1
    }

    /// The ARN that names the service or daemon.
    #[must_use]
    pub fn named_by(&self) -> Option<&str> {
        self.service_arn.as_deref().or(self.daemon_arn.as_deref())
    }

    /// Whether it is about a daemon, and not a service.
    #[must_use]
    pub fn is_of_a_daemon(&self) -> bool {
        self.named_by().is_some_and(|arn| arn.contains(":daemon"))
    }

    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        [&self.created_at, &self.updated_at].into_iter().find_map(|text| Timestamp::parse(text.as_deref()?))
    }

    /// What it is recognised by when it comes again, as a short text: service, name, time, deployment and reason, and
    /// instead of a time the envelope's id. None where there is neither. ECS's own examples have one id and one time
    /// for events of different reasons, so all of it counts.
    #[must_use]
    pub fn key(&self, id: Option<&str>) -> Option<String> {
        let when = self.created_at.as_deref().or(self.updated_at.as_deref()).or(id)?;
        let mut hasher = DefaultHasher::new();
        (when, self.named_by(), &self.event_name, &self.reason).hash(&mut hasher);
        (&self.cluster_arn, &self.deployment_id, &self.container_instance_arn).hash(&mut hasher);
        Some(format!("service-event-{:016x}", hasher.finish()))
    }
}

/// Whether an ARN names a service, a daemon, or a deployment of one.
#[must_use]
pub fn names_a_service(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| NAMING.iter().any(|kind| arn.resource.starts_with(kind)))
}

/// Cluster and service in an ARN: `service/cluster/name`, `service-deployment/cluster/name/id`, `service/name`.
fn names(arn: &str) -> (Option<&str>, Option<&str>) {
    let resource = Arn::parse(arn).map_or(arn, |arn| arn.resource);
    let mut parts = resource.split('/').skip(1).filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (cluster, Some(name)) => (cluster, Some(name)),
        (name, None) => (None, name),
    }
}

#[cfg(test)]
mod tests {
    use super::{ServiceEvent, names_a_service};

    fn read(json: &str) -> ServiceEvent {
        serde_json::from_str(json).expect(json)
    }

    fn arn(resource: &str) -> String {
        format!("arn:aws:ecs:eu-west-1:111122223333:{resource}")
    }

    #[test]
    fn a_steady_service_is_named() {
        let event = |name: &str, cluster: Option<&str>, service: Option<&str>| ServiceEvent {
            event_name: Some(name.into()),
            cluster_arn: cluster.map(|name| arn(name).into()),
            service_arn: service.map(|name| arn(name).into()),
            ..ServiceEvent::default()
        };
        let (cluster, long, short) =
            (Some("cluster/harbor"), Some("service/harbor/web"), Some("service/web"));
        let steady = "SERVICE_STEADY_STATE";
        for (cluster, service, want) in [
            (cluster, long, Some(("harbor", "web"))),
            (cluster, short, Some(("harbor", "web"))),
            (None, long, Some(("harbor", "web"))),
            (None, short, None),
            (cluster, None, None),
            (None, Some("service-deployment/harbor/web/0a1b"), Some(("harbor", "web"))),
            (cluster, Some("service/"), None),
        ] {
            assert_eq!(event(steady, cluster, service).steady(), want);
        }
        assert_eq!(event("SERVICE_TASK_START_IMPAIRED", cluster, long).steady(), None);
    }

    #[test]
    fn odd_types_are_missing_or_kept_as_they_are() {
        let event = read(
            r#"{"eventName":["x"],"eventType":7,"reason":{"a":1},"clusterArn":null,"capacityProviderArns":"a",
                "containerInstanceArns":[1,null,"b",[]],"ec2InstanceIds":{"a":1},"desiredCount":"3","createdAt":false}"#,
        );
        assert_eq!((event.event_name.as_deref(), event.event_type.as_deref()), (Some(r#"["x"]"#), Some("7")));
        assert_eq!((event.reason.as_deref(), event.desired_count), (Some(r#"{"a":1}"#), Some(3)));
        assert_eq!((event.cluster(), event.service(), event.at()), (None, None, None));
        let lists = [&event.capacity_provider_arns, &event.container_instance_arns, &event.ec2_instance_ids];
        assert_eq!(lists.map(Vec::len), [1, 2, 0]);
    }

    #[test]
    fn what_differs_in_anything_is_another_occurrence() {
        let event = |json: &str| read(json).key(Some("id-1"));
        let base = r#"{"eventName":"A","createdAt":"2026-05-01T10:00:00Z","reason":"x"}"#;
        assert_eq!(event(base), read(base).key(Some("id-2")), "sent again under another id");
        for other in [
            r#"{"eventName":"B","createdAt":"2026-05-01T10:00:00Z","reason":"x"}"#,
            r#"{"eventName":"A","createdAt":"2026-05-01T10:00:01Z","reason":"x"}"#,
            r#"{"eventName":"A","createdAt":"2026-05-01T10:00:00Z","reason":"y"}"#,
            r#"{"eventName":"A","createdAt":"2026-05-01T10:00:00Z","reason":"x","deploymentId":"ecs-svc/1"}"#,
        ] {
            assert_ne!(event(base), event(other), "{other}");
        }
        let timeless = read(r#"{"eventName":"A"}"#);
        assert_ne!(timeless.key(Some("id-1")), timeless.key(Some("id-2")));
        assert_eq!(timeless.key(None), None, "nothing tells it from the next one");
    }

    #[test]
    fn only_arns_of_services_and_daemons_name_one() {
        for (resource, want) in [
            ("service/harbor/web", true),
            ("service/web", true),
            ("service-deployment/harbor/web/0a1b", true),
            ("daemon/harbor/agent", true),
            ("task/harbor/0a1b", false),
            ("cluster/service", false),
        ] {
            assert_eq!(names_a_service(&arn(resource)), want, "{resource}");
        }
        assert!(!names_a_service("service/web"));
    }
}
