//! The EventBridge envelope around every event.
//!
//! `aws_lambda_events::EventBridgeEvent` is too strict for real events: it refuses one without `source`,
//! without `resources` or with a time that is not RFC 3339, and all three are seen (events trimmed by an
//! input transformer, replayed, or written by hand). This one asks for nothing.
//! Source: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>.

use super::container_instance::{CONTAINER_INSTANCE_STATE_CHANGE, ContainerInstanceChange};
use super::health_notice::{HEALTH_EVENT, HealthNotice};
use super::instance_health::{INSTANCE_HEALTH_CHANGE, InstanceHealth};
use super::instance_state::{INSTANCE_STATE_CHANGE, InstanceState, REBALANCE_RECOMMENDATION};
use super::lifecycle::{AUTO_SCALING_NOTIFICATION, LifecycleAction};
use super::service::{SERVICE_ACTION, ServiceEvent};
use super::spot_warning::{SPOT_WARNING, SpotWarning};
use super::task::TaskStateChange;
use super::tick::SCHEDULED_EVENT;
use super::timestamp::Timestamp;

/// The `detail-type` of a task state change.
pub const TASK_STATE_CHANGE: &str = "ECS Task State Change";

/// What the envelope says, apart from the detail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// The event's own id, unique for each event and kept by a redelivery.
    pub id: Option<Box<str>>,
    /// For example `aws.ecs`.
    pub source: Option<Box<str>>,
    /// For example `ECS Task State Change`.
    pub detail_type: Option<Box<str>>,
    /// The twelve-digit account.
    pub account: Option<Box<str>>,
    /// For example `eu-west-1`.
    pub region: Option<Box<str>>,
    /// When the event was made, in any form [`Timestamp::parse`] reads.
    pub time: Option<Box<str>>,
}

impl Envelope {
    /// When the event was made.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        Timestamp::parse(self.time.as_deref()?)
    }
}

/// One event, told apart by its detail-type.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What the envelope says.
    pub envelope: Envelope,
    /// What happened.
    pub detail: Detail,
}

/// The details this version reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// `ECS Task State Change`.
    Task(Box<TaskStateChange>),
    /// `EC2 Instance-terminate Lifecycle Action`, `EC2 Instance-launch Lifecycle Action`, and the same from
    /// Auto Scaling without `EventBridge`.
    Lifecycle(Box<LifecycleAction>),
    /// Auto Scaling tries the target of a hook: no instance, nothing to answer.
    TestNotification,
    /// `EC2 Spot Instance Interruption Warning`.
    SpotWarning(Box<SpotWarning>),
    /// `ECS Container Instance State Change`.
    ContainerInstance(Box<ContainerInstanceChange>),
    /// `ECS Container Instance Health Change`.
    InstanceHealth(Box<InstanceHealth>),
    /// `EC2 Instance State-change Notification`.
    InstanceState(Box<InstanceState>),
    /// `EC2 Instance Rebalance Recommendation`.
    Rebalance(Box<InstanceState>),
    /// `AWS Health Event`.
    HealthNotice(Box<HealthNotice>),
    /// `ECS Service Action`, `ECS Deployment State Change`, and what ECS says of daemons and deployment hooks.
    Service(Box<ServiceEvent>),
    /// `Scheduled Event`: a rule or a schedule says that it is time.
    Tick,
    /// A well-formed event of another detail-type.
    Other {
        /// The detail-type, or what the payload is instead.
        kind: Box<str>,
    },
}

impl Event {
    /// When it happened: the envelope's time, else when the task stopped, or what the service event says.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        let of_detail = match &self.detail {
            Detail::Task(task) => task.stopped(),
            Detail::Service(event) => event.at(),
            Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::SpotWarning(_)
            | Detail::ContainerInstance(_)
            | Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Tick
            | Detail::Other { .. } => None,
        };
        self.envelope.at().or(of_detail)
    }

    /// The detail-type as it was sent, or the name of the shape that stands for it. A task is one under any
    /// name.
    #[must_use]
    pub fn kind(&self) -> &str {
        let sent_or = |name| self.envelope.detail_type.as_deref().unwrap_or(name);
        match &self.detail {
            Detail::Task(_) => TASK_STATE_CHANGE,
            Detail::Lifecycle(_) | Detail::TestNotification => sent_or(AUTO_SCALING_NOTIFICATION),
            Detail::SpotWarning(_) => sent_or(SPOT_WARNING),
            Detail::ContainerInstance(_) => sent_or(CONTAINER_INSTANCE_STATE_CHANGE),
            Detail::InstanceHealth(_) => sent_or(INSTANCE_HEALTH_CHANGE),
            Detail::InstanceState(_) => sent_or(INSTANCE_STATE_CHANGE),
            Detail::Rebalance(_) => sent_or(REBALANCE_RECOMMENDATION),
            Detail::HealthNotice(_) => sent_or(HEALTH_EVENT),
            Detail::Service(_) => sent_or(SERVICE_ACTION),
            Detail::Tick => sent_or(SCHEDULED_EVENT),
            Detail::Other { kind } => kind,
        }
    }
}
