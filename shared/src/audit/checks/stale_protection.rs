//! An instance is protected from scale-in and runs nothing that needs it.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html>. A
//! capacity provider with managed termination protection protects its instances itself, so one that runs anything but
//! daemons is never stale: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html>.

use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Instance, Read, Service, Snapshot, all};
use crate::drain::auto_scaling::LifecycleState;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// Protected instances in service that run no more tasks than there are daemons: which these are only the tasks say.
///
/// # Errors
/// Where services, instances or groups were not read.
pub fn may_be_stale(snapshot: &Snapshot) -> Read<Vec<&Instance>> {
    let daemons = all(&snapshot.services)?.iter().filter(|service| service.is_daemon).count();
    let daemons = i64::try_from(daemons).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    for instance in all(&snapshot.instances)? {
        let is_protected = snapshot.member(instance)?.is_some_and(|member| {
            member.is_protected && member.state == LifecycleState::from_word("InService")
        });
        if is_protected && instance.tasks <= daemons {
            found.push(instance);
        }
    }
    Ok(found)
}

/// Every instance that is protected and runs daemons at most.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, _now: Timestamp) -> Read<Vec<State>> {
    let mut found = Vec::new();
    for instance in may_be_stale(snapshot)? {
        if instance.tasks > 0 && !runs_only_daemons(instance, snapshot)? {
            continue;
        }
        let summary = match instance.tasks {
            0 => "is protected from scale-in and runs nothing.",
            _ => "is protected from scale-in and runs nothing but daemons.",
        };
        let group = snapshot.member(instance)?.map(|member| format!("Auto Scaling group {}", member.group));
        let provider = instance.capacity_provider.as_ref().map(|name| format!("capacity provider {name}"));
        let (thing, grace) = (Thing::of(instance), policy.audit.stale_protection_after);
        let state = State::new(thing, Cause::StaleProtection, Severity::Low, summary.to_owned(), grace);
        found.push(state.with(group).with(provider));
    }
    Ok(found)
}

/// Whether every task on an instance is a daemon's. As many have to be seen as ECS counts, or some other one may be
/// among them.
fn runs_only_daemons(instance: &Instance, snapshot: &Snapshot) -> Read<bool> {
    let services = all(&snapshot.services)?;
    let is_daemon = |name: &str| services.iter().any(|one: &Service| one.is_daemon && one.name == name);
    let (mut seen, mut only_daemons) = (0_i64, true);
    for task in all(&snapshot.tasks)? {
        if task.container_instance.as_deref() == Some(instance.arn.as_str()) {
            seen += 1;
            only_daemons &= task.service().is_some_and(is_daemon);
        }
    }
    Ok(only_daemons && seen >= instance.tasks)
}

#[cfg(test)]
mod tests {
    use super::look;
    use crate::audit::checks::testing::{NOW, instance, member, service, snapshot, task};
    use crate::audit::seen::{Instance, Service, Task};
    use crate::policy::Policy;

    #[test]
    fn it_is_stale_where_nothing_but_daemons_runs() {
        let on = |group: &str| task("t1", group, "RUNNING", Some("i-1"));
        for (what, tasks, state, is_protected, want) in [
            ("nothing runs", Vec::new(), "InService", true, 1),
            ("a daemon runs", vec![on("service:agent")], "InService", true, 1),
            ("a service runs", vec![on("service:web")], "InService", true, 0),
            ("a job runs", vec![on("family:agent")], "InService", true, 0),
            ("it is not protected", Vec::new(), "InService", false, 0),
            ("it goes anyway", Vec::new(), "Terminating:Wait", true, 0),
            ("it is in standby", Vec::new(), "Standby", true, 0),
        ] {
            let mut seen = snapshot();
            let count = i64::try_from(tasks.len()).unwrap();
            seen.services = Ok(vec![Service { is_daemon: true, ..service("agent") }, service("web")]);
            seen.instances = Ok(vec![Instance { tasks: count, ..instance("i-1") }]);
            seen.members = Ok([member("i-1", state, is_protected)].into());
            seen.tasks = Ok(tasks);
            assert_eq!(look(&seen, &Policy::default(), NOW).unwrap().len(), want, "{what}");
        }
    }

    #[test]
    fn a_task_that_was_not_seen_may_need_it() {
        let mut seen = snapshot();
        seen.services = Ok(vec![Service { is_daemon: true, ..service("agent") }]);
        seen.instances = Ok(vec![Instance { tasks: 1, ..instance("i-1") }]);
        seen.members = Ok([member("i-1", "InService", true)].into());
        seen.tasks = Ok(Vec::<Task>::new());
        assert_eq!(look(&seen, &Policy::default(), NOW), Ok(Vec::new()));
    }
}
