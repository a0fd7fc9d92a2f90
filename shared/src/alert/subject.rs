//! What an alert is about: the task, where it ran and since when.

use serde::{Deserialize, Serialize};

use crate::event::arn::{Arn, family_and_revision, last_part};
use crate::event::{Detail, Envelope, Event, ServiceEvent, StopCode, TaskStateChange, Timestamp};
use crate::redact;

/// The facts an alert names, owned, as far as the event had them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Subject {
    /// The event's id.
    pub event_id: Option<String>,
    /// The event's detail-type.
    pub detail_type: Option<String>,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Option<String>,
    /// The twelve-digit account.
    pub account: Option<String>,
    /// For example `eu-west-1`.
    pub region: Option<String>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The service's name; none for a job.
    pub service: Option<String>,
    /// The service's ARN, or the daemon's, where it is known.
    pub service_arn: Option<String>,
    /// The task definition's family.
    pub family: Option<String>,
    /// `family:revision`.
    pub task_definition: Option<String>,
    /// The task's ARN.
    pub task_arn: Option<String>,
    /// The task's id.
    pub task_id: Option<String>,
    /// `EC2`, `FARGATE`, `EXTERNAL`.
    pub launch_type: Option<String>,
    /// The id of the container instance, on EC2.
    pub container_instance: Option<String>,
    /// The EC2 instance an alert about a host names: `i-0123456789abcdef0`.
    pub ec2_instance: Option<String>,
    /// For example `eu-west-1b`.
    pub availability_zone: Option<String>,
    /// When the task reached RUNNING.
    pub started: Option<Timestamp>,
    /// When it stopped.
    pub stopped: Option<Timestamp>,
    /// How long it ran, in milliseconds.
    pub ran_for_millis: Option<i64>,
    /// AWS's own word for the stop.
    pub stop_code: Option<String>,
    /// AWS's own text for the stop, or that of the caller of `StopTask`, without secrets.
    pub stopped_reason: Option<String>,
}

impl Subject {
    /// From an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let envelope = Self::of_envelope(&event.envelope);
        match &event.detail {
            Detail::Task(task) => envelope.with_task(task),
            Detail::Service(service) => envelope.with_kind(event).with_service(service),
            Detail::ContainerInstance(change) => {
                let (cluster, id) = (change.cluster(), change.id());
                let arns = [&change.container_instance_arn, &change.cluster_arn];
                envelope.with_kind(event).with_host(cluster, id, change.ec2_instance_id.as_deref(), arns)
            }
            Detail::InstanceHealth(health) => {
                let (cluster, id) = (health.cluster(), health.id());
                let arns = [&health.container_instance_arn, &health.cluster_arn];
                envelope.with_kind(event).with_host(cluster, id, health.ec2_instance_id.as_deref(), arns)
            }
            Detail::SpotWarning(warning) => {
                envelope.with_kind(event).with_ec2_instance(warning.instance_id.as_deref())
            }
            Detail::InstanceState(state) | Detail::Rebalance(state) => {
                envelope.with_kind(event).with_ec2_instance(state.id())
            }
            Detail::HealthNotice(notice) => Self {
                cluster: notice.cluster().map(str::to_owned),
                service: notice.service().map(str::to_owned),
                ..envelope.with_kind(event).with_ec2_instance(notice.instance())
            },
            Detail::Lifecycle(_) | Detail::TestNotification | Detail::Tick | Detail::Other { .. } => {
                envelope.with_kind(event)
            }
        }
    }

    /// The service or, for a job, the family.
    #[must_use]
    pub fn workload(&self) -> Option<&str> {
        self.service.as_deref().or(self.family.as_deref())
    }

    /// What it is about in a word: the service, the family of a job, or the instance.
    #[must_use]
    pub fn thing(&self) -> Option<&str> {
        self.workload().or(self.ec2_instance.as_deref())
    }

    /// `web on harbor`, with a dash for what is not known.
    #[must_use]
    pub fn in_words(&self) -> String {
        // An instance that is not EC2's has no other name.
        let of_a_host = || self.container_instance.as_deref().filter(|_| self.task_arn.is_none());
        let thing = self.thing().or_else(of_a_host);
        format!("{} on {}", thing.unwrap_or("-"), self.cluster.as_deref().unwrap_or("-"))
    }

    /// What the envelope says.
    fn of_envelope(envelope: &Envelope) -> Self {
        let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        Self {
            event_id: owned(&envelope.id),
            detail_type: owned(&envelope.detail_type),
            account: owned(&envelope.account),
            region: owned(&envelope.region),
            ..Self::default()
        }
    }

    /// Adds what stands for the detail-type of an event that has none.
    fn with_kind(self, event: &Event) -> Self {
        Self { detail_type: Some(redact::text(event.kind()).into_owned()), ..self }
    }

    /// Adds a container instance.
    fn with_host(
        self,
        cluster: Option<&str>,
        id: Option<&str>,
        ec2_instance: Option<&str>,
        arns: [&Option<Box<str>>; 2],
    ) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let arn = arns.into_iter().find_map(|arn| Arn::parse(arn.as_deref()?));
        Self {
            partition: owned(arn.map(|arn| arn.partition)),
            cluster: owned(cluster),
            container_instance: owned(id),
            ec2_instance: owned(ec2_instance),
            ..self
        }
    }

    /// Adds an EC2 instance.
    fn with_ec2_instance(self, id: Option<&str>) -> Self {
        Self { ec2_instance: id.map(str::to_owned), ..self }
    }

    /// Adds what ECS says of a service.
    fn with_service(self, event: &ServiceEvent) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let arn = event.cluster_arn.as_deref().or(event.named_by());
        Self {
            partition: owned(arn.and_then(Arn::parse).map(|arn| arn.partition)),
            cluster: owned(event.cluster()),
            service: owned(event.service()),
            service_arn: owned(event.named_by()),
            ..self
        }
    }

    /// Adds what a task says.
    fn with_task(self, task: &TaskStateChange) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let arn = task.task_arn.as_deref().or(task.cluster_arn.as_deref()).and_then(Arn::parse);
        let definition = task.task_definition_arn.as_deref().map(|arn| match family_and_revision(arn) {
            (family, Some(revision)) => format!("{family}:{revision}"),
            (family, None) => family.to_owned(),
        });
        Self {
            partition: owned(arn.map(|arn| arn.partition)),
            cluster: owned(task.cluster()),
            service: owned(task.service()),
            family: owned(task.family()),
            task_definition: definition,
            task_arn: owned(task.task_arn.as_deref()),
            task_id: owned(task.task_id()),
            launch_type: owned(task.launch_type.as_deref()),
            container_instance: owned(task.container_instance_arn.as_deref().map(last_part)),
            availability_zone: owned(task.availability_zone.as_deref()),
            started: task.started(),
            stopped: task.stopped(),
            ran_for_millis: task.ran_for_millis(),
            stop_code: owned(task.stop_code.as_ref().map(StopCode::word)),
            stopped_reason: task.stopped_reason.as_deref().map(|reason| redact::text(reason).into_owned()),
            ..self
        }
    }
}
