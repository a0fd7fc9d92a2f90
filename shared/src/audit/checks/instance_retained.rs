//! An instance stands in `Terminating:Retained`: its termination was abandoned, its group does not count it any more,
//! and it runs, and costs, until somebody ends it.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html>. Who abandoned it
//! told of it at once; this is about one that was left behind.

use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Snapshot, all};
use crate::drain::auto_scaling::LifecycleState;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// Every instance of the cluster that is retained.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, _now: Timestamp) -> Read<Vec<State>> {
    let mut found = Vec::new();
    for instance in all(&snapshot.instances)? {
        let member = snapshot.member(instance)?;
        let Some(member) = member.filter(|member| member.state == LifecycleState::Retained) else { continue };
        let summary = match instance.tasks {
            0 => "was retained at the end of a drain, and runs nothing any more.".to_owned(),
            tasks => format!("was retained at the end of a drain, with {tasks} tasks on it."),
        };
        let (thing, grace) = (Thing::of(instance), policy.audit.retained_after);
        let state = State::new(thing, Cause::InstanceRetained, Severity::Medium, summary, grace);
        found.push(state.with([format!("Auto Scaling group {}, Terminating:Retained", member.group)]));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::look;
    use crate::audit::checks::testing::{NOW, instance, member, snapshot};
    use crate::policy::Policy;

    #[test]
    fn it_is_found_by_its_state_alone() {
        for (state, want) in [("Terminating:Retained", 1), ("Terminating:Wait", 0), ("InService", 0)] {
            let mut seen = snapshot();
            seen.instances = Ok(vec![instance("i-1"), instance("i-2")]);
            seen.members = Ok([member("i-1", state, false)].into());
            assert_eq!(look(&seen, &Policy::default(), NOW).unwrap().len(), want, "{state}");
        }
    }
}
