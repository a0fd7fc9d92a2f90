//! What becomes of a verdict on a host: it waits, or something else is over.

use std::time::Duration;

use super::{Happening, Report, notice};
use crate::event::{ContainerInstanceChange, InstanceHealth, Timestamp};
use crate::judge::about::About;
use crate::judge::{Cause, Verdict, part};
use crate::policy::Policy;

/// Which moment of a thing an event shows: an earlier one says nothing after a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The thing, in words that no other has.
    pub of: String,
    /// Rises with every change.
    pub version: i64,
}

/// A state that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// The fingerprint of its alerts.
    pub fingerprint: String,
    /// Where the event that says so stands among others; none where it does not say.
    pub moment: Option<Moment>,
}

/// What becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowUp {
    /// How long the alert waits for its end; none where it is told at once.
    pub wait: Option<Duration>,
    /// Where the event stands among others, for what waits.
    pub moment: Option<Moment>,
    /// What is over.
    pub over: Vec<Over>,
}

impl FollowUp {
    /// Of an event and the verdict on it. What was judged before has none.
    #[must_use]
    pub fn of(report: &Report<'_>, verdict: &Verdict, policy: &Policy) -> Self {
        if verdict.cause == Cause::Duplicate {
            return Self::default();
        }
        let mut follow_up = match report.happening {
            Happening::Change(change) => of_a_change(report, change),
            Happening::Health(health) => of_health(report, health),
            Happening::Notice(said) if notice::is_closed(said) => {
                let causes = [Cause::RetirementScheduled, Cause::HostImpaired, Cause::InfrastructureHealth];
                Self { over: causes.map(|cause| over(report, cause, None)).into(), ..Self::default() }
            }
            Happening::Notice(_) | Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) => {
                Self::default()
            }
        };
        if verdict.is_alert() && waits(report, verdict) {
            follow_up.wait = Some(policy.hosts.agent_grace);
        }
        follow_up
    }
}

/// Whether an alert waits for its end: a lost agent, and health checks without data.
fn waits(report: &Report<'_>, verdict: &Verdict) -> bool {
    let is_without_data = match report.happening {
        Happening::Health(health) => health.overall_status.as_deref() != Some("IMPAIRED"),
        Happening::Change(_)
        | Happening::Spot(_)
        | Happening::Rebalance(_)
        | Happening::State(_)
        | Happening::Notice(_) => false,
    };
    verdict.cause == Cause::AgentDisconnected || (verdict.cause == Cause::HostImpaired && is_without_data)
}

/// What a container instance says: with its agent back, or gone itself, it misses none.
fn of_a_change(report: &Report<'_>, change: &ContainerInstanceChange) -> FollowUp {
    let arn = change.container_instance_arn.as_deref();
    let agent =
        arn.zip(change.version).map(|(arn, version)| Moment { of: format!("agent of {arn}"), version });
    let status = change.status.as_deref().unwrap_or_default().trim();
    let leaves = matches!(status, "DRAINING" | "DEREGISTERING" | "INACTIVE");
    let is_gone = matches!(status, "DEREGISTERING" | "INACTIVE");
    let mut ended = Vec::new();
    if leaves || change.agent_connected == Some(true) {
        ended.push(over(report, Cause::AgentDisconnected, agent.clone()));
    }
    let health = change.health_status.as_ref();
    if is_gone || health.is_some_and(is_well) {
        let moment = health.filter(|_| !is_gone).and_then(|health| moment_of_health(arn, health));
        ended.push(over(report, Cause::HostImpaired, moment));
    }
    FollowUp { wait: None, moment: agent, over: ended }
}

/// What health checks say.
fn of_health(report: &Report<'_>, health: &InstanceHealth) -> FollowUp {
    let moment = moment_of_health(health.container_instance_arn.as_deref(), health);
    let mut ended = Vec::new();
    if is_well(health) {
        ended.push(over(report, Cause::HostImpaired, moment.clone()));
    }
    let is_back = |check: &crate::event::instance_health::HealthCheck| {
        check.kind.as_deref() == Some("AGENT_CONNECTIVITY") && check.status.as_deref() == Some("OK")
    };
    if health.checks().any(is_back) {
        ended.push(over(report, Cause::AgentDisconnected, None));
    }
    FollowUp { wait: None, moment, over: ended }
}

/// Whether all checks are well.
fn is_well(health: &InstanceHealth) -> bool {
    health.overall_status.as_deref().is_some_and(|status| status.trim().eq_ignore_ascii_case("OK"))
}

/// The moment health checks show: there is no version, but the last change of one of them has a time.
fn moment_of_health(arn: Option<&str>, health: &InstanceHealth) -> Option<Moment> {
    let changes = health.checks().filter_map(|check| check.last_status_change.as_deref());
    let latest = changes.filter_map(Timestamp::parse).max()?;
    Some(Moment { of: format!("health of {}", arn?), version: latest.as_millis() })
}

/// A state of what the report is about that is over.
fn over(report: &Report<'_>, cause: Cause, moment: Option<Moment>) -> Over {
    let About { cluster, service, part: of, .. } = super::about(report);
    Over { fingerprint: format!("{}/{}/{cause}/{}/-", part(cluster), part(service), part(of)), moment }
}

#[cfg(test)]
mod tests {
    use super::{FollowUp, Moment};
    use crate::event::{ContainerInstanceChange, HealthNotice};
    use crate::judge::host::testing::{INSTANCE, change, context, health, nothing, state};
    use crate::judge::host::{Happening, Report, judge};
    use crate::policy::Policy;

    fn of(happening: Happening<'_>) -> FollowUp {
        let (known, policy) = (nothing(), Policy::default());
        let verdict = judge(happening, &policy, context(&known));
        FollowUp::of(&Report::new(happening, context(&known)), &verdict, &policy)
    }

    fn ends(follow_up: &FollowUp) -> Vec<&str> {
        follow_up.over.iter().filter_map(|over| over.fingerprint.split('/').nth(2)).collect()
    }

    #[test]
    fn a_lost_agent_waits_and_its_return_or_its_leaving_ends_it() {
        for (status, agent, waits, over) in [
            ("ACTIVE", Some(false), true, &[][..]),
            ("ACTIVE", Some(true), false, &["agent-disconnected"]),
            ("ACTIVE", None, false, &[]),
            ("DRAINING", Some(false), false, &["agent-disconnected"]),
            ("DRAINING", Some(true), false, &["agent-disconnected"]),
            ("INACTIVE", Some(false), false, &["agent-disconnected", "host-impaired"]),
            ("DEREGISTERING", Some(false), false, &["agent-disconnected", "host-impaired"]),
        ] {
            let change = ContainerInstanceChange { version: Some(7), ..change(status, agent) };
            let follow_up = of(Happening::Change(&change));
            assert_eq!(
                (follow_up.wait.is_some(), ends(&follow_up)),
                (waits, over.to_vec()),
                "{status} {agent:?}"
            );
            assert_eq!(follow_up.moment.as_ref().map(|moment| moment.version), Some(7));
        }
        let back = of(Happening::Change(&change("ACTIVE", Some(true))));
        assert_eq!(back.over[0].fingerprint, format!("harbor/-/agent-disconnected/{INSTANCE}/-"));
    }

    #[test]
    fn health_ends_only_with_health() {
        for (overall, kind, waits, over) in [
            ("OK", "CONTAINER_RUNTIME", false, &["host-impaired"][..]),
            ("OK", "AGENT_CONNECTIVITY", false, &["host-impaired", "agent-disconnected"]),
            ("IMPAIRED", "CONTAINER_RUNTIME", false, &[]),
            ("IMPAIRED", "AGENT_CONNECTIVITY", true, &[]),
            ("INSUFFICIENT_DATA", "CONTAINER_RUNTIME", true, &[]),
            ("INITIALIZING", "CONTAINER_RUNTIME", false, &[]),
            ("", "CONTAINER_RUNTIME", true, &[]),
        ] {
            let follow_up = of(Happening::Health(&health(overall, kind)));
            assert_eq!(
                (follow_up.wait.is_some(), ends(&follow_up)),
                (waits, over.to_vec()),
                "{overall} {kind}"
            );
            let at = |moment: &Moment| moment.version;
            assert_eq!(follow_up.moment.as_ref().map(at), Some(1_777_629_600_000), "{overall}");
        }
        let mut within = change("ACTIVE", Some(true));
        within.health_status = Some(health("OK", "CONTAINER_RUNTIME"));
        assert_eq!(ends(&of(Happening::Change(&within))), ["agent-disconnected", "host-impaired"]);
    }

    #[test]
    fn a_closed_notice_ends_what_it_began() {
        let notice = |status: &str| HealthNotice {
            service: Some("ECS".into()),
            status_code: Some(status.into()),
            event_type_code: Some("AWS_ECS_X".into()),
            ..HealthNotice::default()
        };
        assert!(of(Happening::Notice(&notice("open"))).over.is_empty());
        let closed = of(Happening::Notice(&notice("closed")));
        assert_eq!(ends(&closed), ["retirement-scheduled", "host-impaired", "infrastructure-health"]);
        assert_eq!(of(Happening::State(&state("stopping"))), FollowUp::default(), "it is told at once");
    }
}
