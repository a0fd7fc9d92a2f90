//! Health checks of a container instance that fail, or of which nothing is known.
//!
//! One host of many is a ticket: what its tasks suffer is told by their own stops, and those of a service are
//! replaced. Missing data waits as a lost agent does, and is never taken for health.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-health.html>.

use super::{Happening, Report, agent};
use crate::event::InstanceHealth;
use crate::judge::{Cause, Finding, Severity};

/// The check of the agent's connection, which is ECS's own grace for it.
const CONNECTIVITY: &str = "AGENT_CONNECTIVITY";

/// Health checks that are not well.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let (health, is_event) = match report.happening {
        Happening::Health(health) => (health, true),
        Happening::Change(change) => (change.health_status.as_ref()?, false),
        Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) | Happening::Notice(_) => {
            return None;
        }
    };
    let status = health.overall_status.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    match status.as_str() {
        "OK" | "INITIALIZING" => None,
        "IMPAIRED" if !is_event && report.context.was_seen => None,
        "IMPAIRED" => Some(impaired(report, health)),
        // Container instances change all the time; what only that says has an event of its own.
        _ if !is_event => None,
        "INSUFFICIENT_DATA" => Some(Finding::new(
            Cause::HostImpaired,
            Severity::Low,
            "has health checks without data: nobody knows how it is.",
        )),
        _ => {
            let status = if status.is_empty() { "none" } else { &status };
            let summary = format!("has a health status this version does not know: {status}.");
            Some(Finding::new(Cause::HostImpaired, Severity::Low, summary))
        }
    }
}

/// Checks that fail.
fn impaired(report: &Report<'_>, health: &InstanceHealth) -> Finding {
    let failing: Vec<_> = health
        .checks()
        .filter(|check| check.status.as_deref().is_some_and(|status| status == "IMPAIRED"))
        .filter_map(|check| check.kind.as_deref())
        .collect();
    if !failing.is_empty() && failing.iter().all(|kind| *kind == CONNECTIVITY) {
        return agent::gone(report);
    }
    let leaves = report.member().is_some_and(|member| member.status != "ACTIVE")
        || report.known().is_some_and(super::Known::is_scaled_in);
    if leaves {
        return Finding::new(
            Cause::HostImpaired,
            Severity::Info,
            "is impaired, and is on its way out: it is drained or ended.",
        );
    }
    let summary = match failing[..] {
        ["CONTAINER_RUNTIME"] => "is impaired: its container runtime does not answer.".to_owned(),
        ["ACCELERATED_COMPUTE"] => "is impaired: an accelerator fails.".to_owned(),
        ["DAEMON"] => "is impaired: a daemon that has to run there does not.".to_owned(),
        [] => "is impaired.".to_owned(),
        _ => format!("is impaired: {}.", failing.join(", ")),
    };
    Finding::new(Cause::HostImpaired, Severity::Medium, summary)
        .noting("ECS goes on placing tasks there unless it manages the instance itself")
}

#[cfg(test)]
mod tests {
    use crate::judge::host::testing::{change, health, known, member, nothing, verdict};
    use crate::judge::host::{Happening, Known, Membership};
    use crate::judge::{Cause, Severity};

    #[test]
    fn only_ok_is_well() {
        for (overall, check, want) in [
            ("OK", "CONTAINER_RUNTIME", (Cause::Steady, Severity::Info)),
            ("ok", "CONTAINER_RUNTIME", (Cause::Steady, Severity::Info)),
            ("INITIALIZING", "CONTAINER_RUNTIME", (Cause::Steady, Severity::Info)),
            ("IMPAIRED", "CONTAINER_RUNTIME", (Cause::HostImpaired, Severity::Medium)),
            ("IMPAIRED", "ACCELERATED_COMPUTE", (Cause::HostImpaired, Severity::Medium)),
            ("IMPAIRED", "OF_THE_FUTURE", (Cause::HostImpaired, Severity::Medium)),
            ("IMPAIRED", "AGENT_CONNECTIVITY", (Cause::AgentDisconnected, Severity::Medium)),
            ("INSUFFICIENT_DATA", "CONTAINER_RUNTIME", (Cause::HostImpaired, Severity::Low)),
            ("OF_THE_FUTURE", "CONTAINER_RUNTIME", (Cause::HostImpaired, Severity::Low)),
            ("", "CONTAINER_RUNTIME", (Cause::HostImpaired, Severity::Low)),
        ] {
            let verdict = verdict(Happening::Health(&health(overall, check)), &nothing());
            assert_eq!((verdict.cause, verdict.severity), want, "{overall} {check}");
        }
    }

    #[test]
    fn a_container_instance_that_changes_says_it_too() {
        for (overall, want) in [
            ("IMPAIRED", Cause::HostImpaired),
            ("OK", Cause::Steady),
            ("INSUFFICIENT_DATA", Cause::Steady),
            ("OF_THE_FUTURE", Cause::Steady),
        ] {
            let mut change = change("ACTIVE", Some(true));
            change.health_status = Some(health(overall, "CONTAINER_RUNTIME"));
            assert_eq!(verdict(Happening::Change(&change), &nothing()).cause, want, "{overall}");
        }
    }

    #[test]
    fn on_its_way_out_it_is_expected() {
        let membership = Membership::Member(member("DRAINING", 2));
        let known = known(Known { membership, ..Known::default() });
        let verdict = verdict(Happening::Health(&health("IMPAIRED", "DAEMON")), &known);
        assert_eq!((verdict.cause, verdict.severity), (Cause::HostImpaired, Severity::Info));
    }
}
