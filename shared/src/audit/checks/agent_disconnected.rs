//! An agent is not connected, though nobody takes its instance away.
//!
//! Agents lose their connection several times an hour and get it back:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-disconnected-troubleshooting.html>. One that
//! stays away leaves its tasks to themselves: ECS neither starts nor stops any, and hears of no end.

use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Snapshot, all};
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::container_instance::Status;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// Every ACTIVE instance whose agent is not connected.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, _now: Timestamp) -> Read<Vec<State>> {
    let mut found = Vec::new();
    for instance in all(&snapshot.instances)? {
        let member = snapshot.member(instance)?;
        if instance.agent_connected || instance.status != Status::Active {
            continue;
        }
        if member.is_some_and(|member| is_leaving(&member.state)) {
            continue;
        }
        let thing = Thing::of(instance);
        let summary = format!("has lost the connection of its agent, with {} tasks on it.", instance.tasks);
        let grace = policy.hosts.agent_grace;
        let state = State::new(thing, Cause::AgentDisconnected, Severity::Medium, summary, grace);
        found.push(state.with(["agentConnected is false, status ACTIVE".to_owned()]));
    }
    Ok(found)
}

/// Whether Auto Scaling takes an instance away.
pub(super) fn is_leaving(state: &LifecycleState) -> bool {
    match state {
        LifecycleState::TerminatingWait => true,
        LifecycleState::Retained => false,
        LifecycleState::Other(word) => word.starts_with("Terminat") || word.starts_with("Detach"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, look};
    use crate::audit::checks::testing::{NOW, instance, member, snapshot};
    use crate::audit::seen::Instance;
    use crate::policy::Policy;

    #[test]
    fn it_is_found_where_it_should_be_there() {
        let away = |status: &str| Instance {
            agent_connected: false,
            status: Status::from_word(status),
            ..instance("i-1")
        };
        for (instance, state, want) in [
            (away("ACTIVE"), Some("InService"), true),
            (away("ACTIVE"), None, true),
            (away("ACTIVE"), Some("Terminating:Retained"), true),
            (away("ACTIVE"), Some("Terminating:Wait"), false),
            (away("ACTIVE"), Some("Terminating:Proceed"), false),
            (away("ACTIVE"), Some("Terminated"), false),
            (away("ACTIVE"), Some("Detaching"), false),
            (away("DRAINING"), Some("InService"), false),
            (away("REGISTERING"), Some("InService"), false),
            (Instance { agent_connected: true, ..away("ACTIVE") }, Some("InService"), false),
        ] {
            let mut seen = snapshot();
            seen.instances = Ok(vec![instance]);
            seen.members = Ok(state.map(|state| member("i-1", state, false)).into_iter().collect());
            let found = look(&seen, &Policy::default(), NOW).unwrap();
            assert_eq!(found.len(), usize::from(want), "{:?} {state:?}", seen.instances);
            assert!(found.iter().all(|state| state.thing.part.as_deref() == Some("i-1")));
        }
    }

    #[test]
    fn an_external_instance_is_known_by_its_container_instance() {
        let mut seen = snapshot();
        let external = Instance { ec2_instance: None, agent_connected: false, ..instance("mi-1") };
        seen.instances = Ok(vec![external]);
        let found = look(&seen, &Policy::default(), NOW).unwrap();
        assert_eq!(found[0].thing.part.as_deref(), Some("of-mi-1"));
    }
}
