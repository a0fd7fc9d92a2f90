//! Jobs that are missing, and runs that take too long.

use std::time::Duration;

use fleet_sim::Sim;
use fleet_sim::drive::Feed;
use fleet_sim::ecs::StandalonePlan;
use fleet_sim::outbox::Kind;
use shared::handler::cluster_audit::AuditSettings;
use shared::handler::monitor::Beat;

use super::fleet;
use super::world::{audit, audit_with, in_short, told};

/// A run of the family on the first instance that ends well after so many minutes.
fn run(sim: &Sim, minutes: u64) {
    let mut world = sim.world();
    let instance = world.all_instances().next().expect("an instance");
    let plan = StandalonePlan::of_family("nightly").runs_for(Duration::from_mins(minutes));
    world.start_standalone(instance, &plan).expect("a task");
}

#[test]
fn a_run_that_takes_too_long_is_told_until_it_has_ended() {
    let sim = fleet(1).simulate();
    let policy = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nruns-at-most = \"30m\"";
    let mut audit = audit(&sim, policy, AuditSettings::default());
    run(&sim, 20);
    audit.minutes(40);
    assert_eq!(told(&sim), []);
    run(&sim, 60);
    audit.minutes(100);
    let all = told(&sim);
    let notices: Vec<_> = all.iter().map(|one| (one.notice.as_str(), one.cause.as_str())).collect();
    assert_eq!(notices, [("alert", "job-overrunning"), ("recovery", "job-overrunning")]);
    assert!((70..=72).contains(&all[0].minute) && (100..=104).contains(&all[1].minute), "{all:#?}");
    assert_eq!(all[0].summary, "Job nightly on harbor runs for more than 30m.");
}

#[test]
fn a_job_that_never_began_is_missing_until_it_succeeds() {
    let mut fleet = fleet(1);
    fleet.road.kinds = vec![Kind::TaskChange];
    let sim = fleet.simulate();
    let policy = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"2h\"";
    // Both functions in one, with the events of tasks.
    let feed = Feed { events: true, ..Feed::default() };
    let mut both = audit_with(&sim, policy, AuditSettings::default(), Beat::Tasks, feed);
    run(&sim, 10);
    both.minutes(120);
    assert_eq!(told(&sim), []);
    both.minutes(240);
    let begun = in_short(&sim);
    assert_eq!(begun.len(), 1, "{begun:?}");
    assert_eq!((begun[0].0.as_str(), begun[0].1.as_str()), ("alert", "job-missing"));
    assert!((130..=136).contains(&begun[0].2), "{begun:?}");
    run(&sim, 5);
    both.minutes(20);
    let last = told(&sim).pop().expect("its end");
    assert_eq!((last.notice.as_str(), last.cause.as_str(), told(&sim).len()), ("recovery", "job-missing", 2));
    assert!((365..=370).contains(&last.minute), "{last:?}");
}
