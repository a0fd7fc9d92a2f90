//! Short-hand for the tables of the rules.

use super::{Context, Happening, Known, KnownHosts, Member, judge};
use crate::event::instance_health::HealthCheck;
use crate::event::{ContainerInstanceChange, InstanceHealth, InstanceState, Timestamp};
use crate::judge::Verdict;
use crate::policy::Policy;

/// The instance of every event here.
pub(crate) const INSTANCE: &str = "i-0a1b2c3d4e5f60718";
/// Its container instance.
const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b";

/// Text, where there is some.
fn text(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into())
}

/// A container instance in a state.
pub(crate) fn change(status: &str, agent: Option<bool>) -> ContainerInstanceChange {
    ContainerInstanceChange {
        container_instance_arn: text(ARN),
        ec2_instance_id: text(INSTANCE),
        status: text(status),
        agent_connected: agent,
        ..ContainerInstanceChange::default()
    }
}

/// Health checks: the whole, and one check that stands so.
pub(crate) fn health(overall: &str, kind: &str) -> InstanceHealth {
    let check = HealthCheck {
        kind: text(kind),
        status: text(overall),
        last_status_change: text("2026-05-01T10:00:00Z"),
        ..HealthCheck::default()
    };
    InstanceHealth {
        container_instance_arn: text(ARN),
        ec2_instance_id: text(INSTANCE),
        overall_status: text(overall),
        health_checks: vec![check],
        ..InstanceHealth::default()
    }
}

/// An EC2 instance in a state.
pub(crate) fn state(word: &str) -> InstanceState {
    InstanceState { instance_id: text(INSTANCE), state: text(word) }
}

/// What ECS says of it when it is asked.
pub(crate) fn member(status: &str, tasks: i64) -> Member {
    Member {
        cluster: "harbor".into(),
        id: "0a1b".into(),
        status: status.into(),
        agent_connected: false,
        tasks,
    }
}

/// Nothing is known.
pub(crate) const fn nothing() -> KnownHosts {
    KnownHosts::new()
}

/// This is known of the instance.
pub(crate) fn known(known: Known) -> KnownHosts {
    KnownHosts::from([(INSTANCE.to_owned(), known)])
}

/// A context in which nothing was seen before.
pub(crate) const fn context(known: &KnownHosts) -> Context<'_> {
    let now = Timestamp::from_millis(1_795_417_500_000);
    Context { now, age_millis: None, last_version: None, was_seen: false, can_wait: true, known }
}

/// The verdict under no policy.
pub(crate) fn verdict(happening: Happening<'_>, known: &KnownHosts) -> Verdict {
    judge(happening, &Policy::default(), context(known))
}
