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

#[test]
fn clusters_are_the_same_by_name_and_by_arn() {
    let arn = |name: &str| format!("arn:aws:ecs:eu-central-1:111122223333:cluster/{name}");
    let (by_name, by_arn) = (["harbor".to_owned(), "quay".to_owned()], ["harbor", "quay"].map(arn));
    let mixed = [by_arn[0].clone(), by_name[1].clone()];
    // Of some the group's tag says where they are; of others, and where spot capacity is lost, nothing does.
    let outcomes = [by_name, by_arn, mixed].map(|clusters| {
        let group = |name, cluster| GroupPlan::named(name, 4).in_cluster(cluster).capacity(20).hook(hook());
        let sim = Fleet::seeded(1)
            .cluster("elsewhere")
            .group(group("web-group", "harbor").tag("ecs-steward:cluster", "harbor"))
            .group(group("batch", "quay"))
            .service(web(6))
            .service(ServicePlan::replica("queue", "quay", 6))
            .simulate();
        {
            let mut world = sim.world();
            let instances: Vec<_> = world.all_instances().collect();
            for number in [0, 1, 4, 5] {
                world.terminate(instances[number]);
            }
            for number in [2, 6] {
                world.spot_interrupt(instances[number]);
            }
        }
        let settings = Settings { clusters: clusters.to_vec(), ..Settings::default() };
        let mut driver = ours::drive(&sim, Feed::default(), Policy::default(), settings);
        driver.run_until_quiet(2 * HOUR);
        let report = driver.report();
        let messages: Vec<_> =
            sim.world().told.messages.iter().map(|(_, message)| message.body.clone()).collect();
        assert_eq!(report.calls.get(&Op::ListClusters), None);
        ((report.killed, report.continued, report.expired), report.calls, messages)
    });
    let [by_name, by_arn, mixed] = outcomes;
    assert_eq!((by_name.0, by_name.2.is_empty()), ((0, 4, 0), false));
    assert_eq!((&by_name.1, &by_name.1), (&by_arn.1, &mixed.1), "the calls");
    assert!(by_name == by_arn && by_name == mixed, "the same ends and the same messages, word for word");
}
