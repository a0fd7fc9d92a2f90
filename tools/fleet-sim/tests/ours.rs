//! `instance-drain` in the simulated fleet, case by case.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod web_group;

use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::api::Op;
use fleet_sim::drive::Feed;
use fleet_sim::ecs::ServicePlan;
use fleet_sim::outbox::Kind;
use fleet_sim::report::{Report, over_budget, reads};
use fleet_sim::{Fleet, GroupPlan, Sim};
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use web_group::{HOUR, group, hook};

fn web(desired: usize) -> ServicePlan {
    ServicePlan::replica("web", "harbor", desired).stops_in(Duration::from_secs(25))
}

/// Terminates the first `count` instances and runs until all is over.
fn terminated(sim: &Sim, count: usize, policy: &str) -> Report {
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().take(count).collect();
        for instance in instances {
            world.terminate(instance);
        }
    }
    let policy = Policy::parse(policy).expect("a policy");
    let mut driver = ours::drive(sim, Feed::default(), policy, Settings::default());
    let quiet = driver.run_until_quiet(50 * HOUR);
    let report = driver.report();
    assert!(quiet, "{report:#?}");
    report
}

#[test]
fn a_service_is_moved_and_the_instance_let_go() {
    let sim = Fleet::seeded(1).group(group(4)).service(web(16)).simulate();
    let report = terminated(&sim, 2, "");
    assert_eq!((report.killed, report.continued, report.expired, report.unfinished), (0, 2, 0, 0));
}

#[test]
fn events_of_stopped_tasks_end_a_drain_within_seconds() {
    let mut late = Vec::new();
    for events_of_tasks in [false, true] {
        let mut fleet = Fleet::seeded(1).group(group(6)).service(web(18));
        if events_of_tasks {
            fleet.road.kinds.push(Kind::TaskChange);
        }
        let report = terminated(&fleet.simulate(), 3, "");
        assert_eq!((report.killed, report.continued, report.expired), (0, 3, 0));
        late.push(report.lateness().expect("drains").1);
    }
    assert!(late[0] <= 65_000 && late[1] <= 5_000, "{late:?} ms after the last stop");
}

#[test]
fn a_thousand_instances_at_once_are_drained_within_the_budget() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("web-group", 2000).in_cluster("harbor").capacity(20).hook(hook()))
        .service(web(20_000))
        .simulate();
    let report = terminated(&sim, 1000, "");
    assert_eq!((report.killed, report.continued, report.expired, report.unfinished), (0, 1000, 0, 0));
    assert_eq!(report.throttled, 0);
    assert_eq!(over_budget(reads(sim.world().calls()), 25, 5), 0, "a quarter of what ECS allows");
    let calls = report.all_calls() - report.calls[&Op::Publish];
    assert!(calls < 6_000, "{calls} calls for 1,000 instances: {:?}", report.calls);
}
