//! Heartbeats that must be sent in time whatever else is slow, refused or wrong.

use fleet_sim::algorithms::ours;
use fleet_sim::api::faults::{Fault, Rule};
use fleet_sim::api::{Op, Service};
use fleet_sim::drive::Feed;
use fleet_sim::{Fleet, GroupPlan};
use shared::drain::container_instance::Attribute;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use shared::ports::{Clock, Ecs};

use super::{HOUR, container_arn, drive, hook, job, mins, now, restless, secs, subjects_saying, terminate};

#[test]
fn a_slow_ecs_keeps_no_heartbeat_from_being_sent() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..8 {
        let plan = GroupPlan::named(&format!("g{number}"), 1).in_cluster(&format!("c{number}"));
        fleet = fleet.group(plan.hook(hook(mins(5))));
    }
    let sim = fleet.simulate();
    for number in 0..8 {
        job(&sim, number, Some(mins(40)));
        terminate(&sim, number);
    }
    let (from, until) = (sim.now().plus(mins(5)), sim.now().plus(mins(20)));
    sim.world().api.faults.add(Rule::of(Service::Ecs, Fault::Slow(secs(9))).during(from, until));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(2 * HOUR);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn an_outage_of_describe_lifecycle_hooks_alone_loses_no_heartbeat() {
    let sim = Fleet::seeded(1).group(restless(1)).simulate();
    job(&sim, 0, Some(mins(40)));
    terminate(&sim, 0);
    let (from, until) = (sim.now().plus(mins(5)), sim.now().plus(mins(20)));
    sim.world().api.faults.add(Rule::on(Op::DescribeLifecycleHooks, Fault::Throttled).during(from, until));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(2 * HOUR);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn a_heartbeat_mark_of_the_future_stops_no_heartbeat() {
    let sim = Fleet::seeded(1).group(restless(1)).simulate();
    job(&sim, 0, Some(mins(40)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_for(mins(2));
    let attribute = Attribute {
        container_instance: container_arn(&sim, 0),
        name: "ecs-steward.heartbeat",
        value: "2027-11-23T07:05:00Z".into(),
    };
    now(sim.put_attributes("harbor", &[attribute])).expect("room for it");
    driver.run_until_quiet(2 * HOUR);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn a_hook_of_thirty_seconds_kills_nothing_in_silence() {
    let plan = GroupPlan::named("batch", 1).in_cluster("harbor").hook(hook(secs(30)));
    let sim = Fleet::seeded(1).group(plan).simulate();
    job(&sim, 0, Some(mins(5)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(HOUR);
    let killed = driver.report().killed;
    let warned = !subjects_saying(&sim, "shorter").is_empty();
    assert!(killed == 0 || warned, "killed {killed}, and nobody was told that the hook is too short");
}

/// Hooks that expire while so many instances wait for half an hour.
fn expired_of(instances: usize, events: bool) -> usize {
    let sim = Fleet::seeded(1).group(restless(instances)).simulate();
    for number in 0..instances {
        job(&sim, number, Some(mins(30)));
    }
    for number in 0..instances {
        terminate(&sim, number);
    }
    let feed = Feed { events, ..Feed::default() };
    let mut driver = ours::drive(&sim, feed, Policy::default(), Settings::default());
    driver.run_for(mins(29));
    driver.report().expired
}

#[test]
fn heartbeats_of_hundreds_of_instances_fit_into_the_ticks() {
    for instances in [200, 600] {
        assert_eq!(expired_of(instances, false), 0, "{instances} instances");
    }
}

#[test]
fn heartbeats_of_hundreds_of_instances_fit_between_events() {
    for instances in [200, 600] {
        assert_eq!(expired_of(instances, true), 0, "{instances} instances");
    }
}
