//! An agent that has lost its connection.
//!
//! "The container agent disconnects and reconnects several times an hour as a part of its normal operation": so an
//! alert of this waits (see [`super::FollowUp`]), and where the instance drains, leaves or ends it is none.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html>.

use super::{Happening, Report};
use crate::judge::{Cause, Finding, Severity};

/// Agents that are gone, of instances that should take tasks.
pub(super) fn apply(report: &Report<'_>) -> Option<Finding> {
    let Happening::Change(change) = report.happening else { return None };
    let status = change.status.as_deref().unwrap_or_default().trim();
    if change.agent_connected != Some(false) {
        return None;
    }
    match status {
        "ACTIVE" => Some(gone(report)),
        "DRAINING" => Some(Finding::new(
            Cause::Drained,
            Severity::Info,
            "has no agent any more, and is being drained: that is expected.",
        )),
        "INACTIVE" | "DEREGISTERING" => {
            Some(Finding::new(Cause::Steady, Severity::Info, "has left its cluster, and its agent with it."))
        }
        "REGISTERING" => {
            Some(Finding::new(Cause::Steady, Severity::Info, "registers; its agent is not there yet."))
        }
        "REGISTRATION_FAILED" => Some(Finding::new(
            Cause::HostImpaired,
            Severity::Low,
            "could not be registered, so it takes no tasks.",
        )),
        _ => {
            let status = if status.is_empty() { "no status" } else { status };
            let summary = format!("has lost its agent, in a state this version does not know: {status}.");
            Some(Finding::new(Cause::AgentDisconnected, Severity::Low, summary))
        }
    }
}

/// An agent that is gone, of an instance that takes tasks by the event: is it so, and is it news? ECS's own health
/// check of it asks here too.
pub(super) fn gone(report: &Report<'_>) -> Finding {
    let quiet = |cause, summary: &str| Finding::new(cause, Severity::Info, summary);
    if let Some(member) = report.member() {
        if member.agent_connected {
            return quiet(Cause::Steady, "had lost its agent, which is back by now.");
        }
        if member.status == "DRAINING" {
            return quiet(Cause::Drained, "has no agent any more, and is being drained: that is expected.");
        }
        if member.status != "ACTIVE" {
            return quiet(Cause::Steady, "leaves its cluster, and its agent with it.");
        }
    }
    if report.known().is_some_and(super::Known::is_scaled_in) {
        return quiet(Cause::AgentDisconnected, "has no agent any more: Auto Scaling ends it.");
    }
    if report.known().is_some_and(|known| known.is_interrupted) {
        return quiet(Cause::AgentDisconnected, "has no agent any more: its Spot capacity is taken back.");
    }
    let summary = "has lost its agent: ECS neither sees its tasks nor starts any there.";
    if report.context.can_wait {
        return Finding::new(Cause::AgentDisconnected, Severity::Medium, summary)
            .noting("several short losses an hour are normal: it is told only if it lasts");
    }
    Finding::new(Cause::AgentDisconnected, Severity::Low, summary)
        .noting("there is no alert table to wait in: the agent may be back already")
}

#[cfg(test)]
mod tests {
    use crate::judge::host::testing::{change, known, member, nothing, verdict};
    use crate::judge::host::{Context, Happening, Keeper, Known, Membership, judge, testing};
    use crate::judge::{Cause, Severity};
    use crate::policy::Policy;

    #[test]
    fn only_an_instance_that_takes_tasks_misses_its_agent() {
        for (status, agent, want) in [
            ("ACTIVE", Some(false), (Cause::AgentDisconnected, Severity::Medium)),
            ("ACTIVE", Some(true), (Cause::Steady, Severity::Info)),
            ("ACTIVE", None, (Cause::Steady, Severity::Info)),
            ("DRAINING", Some(false), (Cause::Drained, Severity::Info)),
            ("DRAINING", Some(true), (Cause::Drained, Severity::Info)),
            ("INACTIVE", Some(false), (Cause::Steady, Severity::Info)),
            ("DEREGISTERING", Some(false), (Cause::Steady, Severity::Info)),
            ("REGISTERING", Some(false), (Cause::Steady, Severity::Info)),
            ("REGISTRATION_FAILED", Some(false), (Cause::HostImpaired, Severity::Low)),
            ("OF_THE_FUTURE", Some(false), (Cause::AgentDisconnected, Severity::Low)),
            ("", Some(false), (Cause::AgentDisconnected, Severity::Low)),
        ] {
            let verdict = verdict(Happening::Change(&change(status, agent)), &nothing());
            assert_eq!((verdict.cause, verdict.severity), want, "{status} {agent:?}");
        }
    }

    #[test]
    fn what_is_known_beyond_the_event_makes_it_expected() {
        let active = || member("ACTIVE", 3);
        let lost = change("ACTIVE", Some(false));
        let group = |state: &str| Keeper::Group { name: "asg".into(), state: state.into() };
        let back = super::super::Member { agent_connected: true, ..active() };
        for (membership, keeper, want) in [
            (Membership::Member(active()), group("InService"), Severity::Medium),
            (Membership::Member(active()), Keeper::Nobody, Severity::Medium),
            (Membership::default(), Keeper::default(), Severity::Medium),
            (Membership::Nowhere, Keeper::default(), Severity::Medium),
            (Membership::Member(back), group("InService"), Severity::Info),
            (Membership::Member(member("DRAINING", 3)), group("InService"), Severity::Info),
            (Membership::Member(member("DEREGISTERING", 3)), group("InService"), Severity::Info),
            (Membership::Member(active()), group("Terminating:Wait"), Severity::Info),
        ] {
            let known = known(Known { membership, keeper, is_interrupted: false });
            assert_eq!(verdict(Happening::Change(&lost), &known).severity, want, "{known:?}");
        }
        let known = known(Known { is_interrupted: true, ..Known::default() });
        assert_eq!(verdict(Happening::Change(&lost), &known).severity, Severity::Info);
    }

    #[test]
    fn where_nothing_can_wait_it_is_low() {
        let (lost, known) = (change("ACTIVE", Some(false)), nothing());
        let context = Context { can_wait: false, ..testing::context(&known) };
        let verdict = judge(Happening::Change(&lost), &Policy::default(), context);
        assert_eq!((verdict.cause, verdict.severity), (Cause::AgentDisconnected, Severity::Low));
    }
}
