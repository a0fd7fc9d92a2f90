//! What is looked for in a cluster: one check a file, each from a snapshot, the graces of the policy and the time to
//! the states that are not as they should be.
//!
//! A check that needs what was not read answers that, and never "nothing found".

mod agent_disconnected;
mod below_desired;
mod drain_stuck;
mod instance_retained;
mod job_missing;
mod job_overrunning;
mod stale_protection;
mod task_stuck;
#[cfg(test)]
mod testing;

pub use stale_protection::may_be_stale;

use super::finding::State;
use super::seen::{Read, Snapshot};
use crate::event::Timestamp;
use crate::policy::Policy;

/// A check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What it looks for, as one word; the name of its look.
    pub name: &'static str,
    /// Everything it finds in a cluster.
    pub look: fn(&Snapshot, &Policy, Timestamp) -> Read<Vec<State>>,
}

/// Every check.
pub const CHECKS: &[Check] = &[
    Check { name: "below-desired", look: below_desired::look },
    Check { name: "task-stuck", look: task_stuck::look },
    Check { name: "agent-disconnected", look: agent_disconnected::look },
    Check { name: "drain-stuck", look: drain_stuck::look },
    Check { name: "instance-retained", look: instance_retained::look },
    Check { name: "stale-protection", look: stale_protection::look },
    Check { name: "job-missing", look: job_missing::look },
    Check { name: "job-overrunning", look: job_overrunning::look },
];

/// Whether the tasks of a cluster have to be read, as far as the rest of the snapshot says: one waits to start, it
/// depends on them whether a protection is stale, or the policy says how long a job may run.
#[must_use]
pub fn wants_tasks(snapshot: &Snapshot, policy: &Policy) -> bool {
    let waits = |services: &Vec<super::seen::Service>| services.iter().any(|service| service.pending > 0);
    snapshot.cluster.pending_tasks > 0
        || snapshot.services.as_ref().is_ok_and(waits)
        || job_overrunning::has_limits(&snapshot.cluster.name, policy)
        || may_be_stale(snapshot).is_ok_and(|instances| instances.iter().any(|instance| instance.tasks > 0))
}

#[cfg(test)]
mod tests {
    use super::testing::{NOW, instance, member, snapshot};
    use super::{CHECKS, wants_tasks};
    use crate::audit::seen::{Service, Unread};
    use crate::policy::Policy;

    #[test]
    fn what_was_not_read_is_never_taken_for_well() {
        let unread = || Unread("throttled".to_owned());
        let mut nothing = snapshot();
        nothing.services = Err(unread());
        nothing.instances = Err(unread());
        nothing.tasks = Err(unread());
        nothing.members = Err(unread());
        nothing.jobs = Err(unread());
        let text = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"1h\"\nruns-at-most = \"1h\"";
        let policy = Policy::parse(text).unwrap();
        for check in CHECKS {
            assert_eq!((check.look)(&nothing, &policy, NOW), Err(unread()), "{}", check.name);
        }
        for check in CHECKS {
            assert_eq!((check.look)(&snapshot(), &Policy::default(), NOW), Ok(Vec::new()), "{}", check.name);
        }
    }

    #[test]
    fn tasks_are_read_where_something_hangs_on_them() {
        assert!(!wants_tasks(&snapshot(), &Policy::default()));
        let mut pending = snapshot();
        pending.cluster.pending_tasks = 1;
        assert!(wants_tasks(&pending, &Policy::default()));
        let text = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nruns-at-most = \"1h\"";
        assert!(wants_tasks(&snapshot(), &Policy::parse(text).unwrap()));
        let mut of_a_service = snapshot();
        of_a_service.services = Ok(vec![Service { pending: 1, ..Service::default() }]);
        assert!(wants_tasks(&of_a_service, &Policy::default()));
        let mut protected = snapshot();
        protected.services = Ok(vec![Service { is_daemon: true, ..Service::default() }]);
        protected.instances = Ok(vec![instance("i-1")]);
        protected.members = Ok([member("i-1", "InService", true)].into());
        assert!(!wants_tasks(&protected, &Policy::default()), "it runs nothing at all");
        protected.instances.iter_mut().flatten().for_each(|instance| instance.tasks = 1);
        assert!(wants_tasks(&protected, &Policy::default()), "is it the daemon?");
        protected.instances.iter_mut().flatten().for_each(|instance| instance.tasks = 2);
        assert!(!wants_tasks(&protected, &Policy::default()), "more than daemons");
    }
}
