//! `instance-drain` in the simulated fleet, case by case.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::drive::Feed;
use fleet_sim::ecs::ServicePlan;
use fleet_sim::report::Report;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;

const HOUR: Duration = Duration::from_hours(1);

fn hook() -> HookPlan {
    HookPlan::named("ecs-steward").heartbeat_timeout(HOUR)
}

fn group(instances: usize) -> GroupPlan {
    GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(8).hook(hook())
}

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
fn a_thousand() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("web-group", 2000).in_cluster("harbor").capacity(20).hook(hook()))
        .service(web(20_000))
        .simulate();
    let report = terminated(&sim, 1000, "");
    assert_eq!((report.killed, report.continued, report.expired, report.unfinished), (0, 1000, 0, 0));
}
