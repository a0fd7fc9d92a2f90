//! An instance is DRAINING and nobody drains it: neither this nor another drainer of ours has left its mark, and Auto
//! Scaling does not take it away.
//!
//! Somebody set it by hand, or gave up. It takes no tasks any more, and costs money until somebody ends it or sets it
//! ACTIVE again.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html>.

use super::agent_disconnected::is_leaving;
use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Snapshot, all};
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::container_instance::Status;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// Every instance that is DRAINING with nobody at it.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, _now: Timestamp) -> Read<Vec<State>> {
    let mut found = Vec::new();
    for instance in all(&snapshot.instances)? {
        let member = snapshot.member(instance)?;
        let is_drained = member.is_some_and(|member| {
            // What is retained is told as that.
            is_leaving(&member.state) || member.state == LifecycleState::Retained
        });
        if instance.status != Status::Draining || instance.has_drain_mark || is_drained {
            continue;
        }
        let (severity, summary) = match instance.tasks {
            0 => (Severity::Low, "is DRAINING, runs nothing and is taken away by nobody.".to_owned()),
            tasks => (
                Severity::Medium,
                format!("is DRAINING with {tasks} tasks left, and nobody sees to it that it ends."),
            ),
        };
        let group = match member {
            Some(member) => format!("Auto Scaling group {}, {}", member.group, member.state.word()),
            None => "in no Auto Scaling group".to_owned(),
        };
        let state = State::new(
            Thing::of(instance),
            Cause::DrainStuck,
            severity,
            summary,
            policy.audit.drain_stuck_after,
        );
        found.push(state.with([group, "no mark of instance-drain on it".to_owned()]));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Severity, Status, look};
    use crate::audit::checks::testing::{NOW, instance, member, snapshot};
    use crate::audit::seen::Instance;
    use crate::policy::Policy;

    #[test]
    fn it_is_found_where_nobody_drains() {
        let draining = |tasks| Instance { status: Status::Draining, tasks, ..instance("i-1") };
        for (instance, state, want) in [
            (draining(2), Some("InService"), Some(Severity::Medium)),
            (draining(0), Some("InService"), Some(Severity::Low)),
            (draining(0), None, Some(Severity::Low)),
            (draining(2), Some("Terminating:Wait"), None),
            (draining(2), Some("Terminating:Proceed"), None),
            (draining(2), Some("Terminating:Retained"), None),
            (Instance { has_drain_mark: true, ..draining(2) }, Some("InService"), None),
            (Instance { status: Status::Active, ..draining(2) }, Some("InService"), None),
        ] {
            let mut seen = snapshot();
            seen.instances = Ok(vec![instance]);
            seen.members = Ok(state.map(|state| member("i-1", state, false)).into_iter().collect());
            let found = look(&seen, &Policy::default(), NOW).unwrap();
            assert_eq!(
                found.first().map(|state| state.finding.severity),
                want,
                "{:?} {state:?}",
                seen.instances
            );
        }
    }
}
