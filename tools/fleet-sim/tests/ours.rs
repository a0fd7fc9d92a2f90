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
use fleet_sim::world::ledger::Deed;
use fleet_sim::{Fault, Fleet, GroupPlan, Rule, Sim};
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

#[test]
fn the_gauges_follow_drains_to_zero() {
    let sim = Fleet::seeded(1).group(group(4)).service(web(16)).simulate();
    sim.world().after(Duration::from_secs(90), |world| {
        let instances: Vec<_> = world.all_instances().take(2).collect();
        for instance in instances {
            world.terminate(instance);
        }
    });
    let mut driver = ours::drive(&sim, Feed::default(), Policy::default(), Settings::default());
    driver.run_for(Duration::from_mins(8));
    assert_eq!(driver.report().continued, 2);
    let world = sim.world();
    let ticks: Vec<_> = world.told.tallies.iter().filter(|(_, tally)| tally.ticks > 0).collect();
    assert!((7..=9).contains(&ticks.len()) && ticks.iter().all(|(_, tally)| tally.ticks == 1));
    let by_events = world.told.tallies.iter().filter(|(_, tally)| tally.ticks == 0);
    assert!(by_events.into_iter().all(|(_, tally)| tally.drains.is_none()), "only a tick sees all");
    let mut seen: Vec<_> =
        ticks.iter().map(|(_, tally)| tally.drains.map(|drains| drains.in_flight)).collect();
    seen.dedup();
    assert_eq!(seen, [Some(0), Some(2), Some(0)]);
    let began = world.deeds().iter().find(|entry| matches!(entry.deed, Deed::TerminationBegan(_)));
    let began = began.expect("a termination").at;
    for (at, tally) in ticks {
        let drains = tally.drains.expect("gauges");
        let held = if drains.in_flight > 0 { at.elapsed_since(began).as_secs() } else { 0 };
        let off = held.abs_diff(drains.oldest_seconds.into());
        assert!(off <= 3, "{drains:?} at {at}, since {began}");
    }
}

#[test]
fn a_tick_that_could_not_see_measures_nothing() {
    for op in [Op::DescribeAutoScalingGroups, Op::DescribeLifecycleHooks] {
        let sim = Fleet::seeded(1).group(group(4)).service(web(16)).simulate();
        {
            let mut world = sim.world();
            let first = world.all_instances().next().expect("an instance");
            world.terminate(first);
            world.api.faults.add(Rule::on(op, Fault::Throttled));
        }
        let mut driver = ours::drive(&sim, Feed::default(), Policy::default(), Settings::default());
        driver.run_for(Duration::from_mins(4));
        let tallies = std::mem::take(&mut sim.world().told.tallies);
        assert_eq!(tallies.iter().map(|(_, tally)| tally.ticks).sum::<u32>(), 4, "{op:?}");
        assert!(tallies.iter().all(|(_, tally)| tally.drains.is_none()), "{op:?}: {tallies:?}");
        sim.world().api.faults.clear();
        driver.run_for(Duration::from_mins(1));
        let drains = sim.world().told.tallies.iter().find_map(|(_, tally)| tally.drains);
        let drains = drains.expect("gauges, now that it sees");
        assert!(drains.in_flight == 1 && drains.oldest_seconds > 200, "{op:?}: {drains:?}");
    }
}
