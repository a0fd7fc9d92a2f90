//! `ECS Service Action`, source `aws.ecs`: what the service scheduler says of a service.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html>. The service's
//! ARN stands in the envelope's `resources`, not in the detail.
//! Fixtures: `events-fixtures/ecs-service-action/`.

use serde::Deserialize;

use super::arn::last_part;
use super::lenient;

/// The `detail-type` of a service action.
pub const SERVICE_ACTION: &str = "ECS Service Action";

/// The event name of a service that has what it desires.
const STEADY: &str = "SERVICE_STEADY_STATE";

/// The detail of a service action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceAction {
    /// For example `SERVICE_STEADY_STATE`.
    #[serde(deserialize_with = "lenient::text")]
    pub event_name: Option<Box<str>>,
    /// `arn:…:cluster/name`.
    #[serde(deserialize_with = "lenient::text")]
    pub cluster_arn: Option<Box<str>>,
    /// `arn:…:service/cluster/name`, or `service/name` in the short form.
    #[serde(skip)]
    pub service_arn: Option<Box<str>>,
}

impl ServiceAction {
    /// The cluster and the service, where it says that the service is steady.
    #[must_use]
    pub fn steady(&self) -> Option<(&str, &str)> {
        if self.event_name.as_deref() != Some(STEADY) {
            return None;
        }
        Some((self.cluster()?, self.service()?))
    }

    /// The cluster's name: from its ARN, else from a long service ARN.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let own = self.cluster_arn.as_deref().map(last_part);
        own.or_else(|| {
            self.service_arn
                .as_deref()?
                .split(":service/")
                .nth(1)?
                .rsplit_once('/')
                .map(|(cluster, _)| cluster)
        })
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.service_arn.as_deref().map(last_part).filter(|name| !name.is_empty())
    }
}

/// Whether an ARN is a service's.
#[must_use]
pub fn is_service_arn(arn: &str) -> bool {
    arn.contains(":service/")
}

#[cfg(test)]
mod tests {
    use super::ServiceAction;

    #[test]
    fn a_steady_service_is_named() {
        let action = |name: &str, cluster: Option<&str>, service: Option<&str>| ServiceAction {
            event_name: Some(name.into()),
            cluster_arn: cluster.map(Box::from),
            service_arn: service.map(Box::from),
        };
        let (cluster, long, short) = (
            Some("arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"),
            Some("arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"),
            Some("arn:aws:ecs:eu-west-1:111122223333:service/web"),
        );
        let steady = "SERVICE_STEADY_STATE";
        for (cluster, service, want) in [
            (cluster, long, Some(("harbor", "web"))),
            (cluster, short, Some(("harbor", "web"))),
            (None, long, Some(("harbor", "web"))),
            (None, short, None),
            (cluster, None, None),
        ] {
            assert_eq!(action(steady, cluster, service).steady(), want);
        }
        assert_eq!(action("SERVICE_TASK_START_IMPAIRED", cluster, long).steady(), None);
    }
}
