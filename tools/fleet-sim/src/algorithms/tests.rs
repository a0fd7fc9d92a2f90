//! Each algorithm does what it is known for, in a small world; ours does not.

use std::time::Duration;

use shared::drain::settings::Settings;
use shared::policy::Policy;

use super::{
    completes_on_retry, count_only, first_page_only, ours, republishes, running_list_only,
    sleeps_to_the_limit,
};
use crate::drive::{Drive, Feed};
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::report::Report;
use crate::sim::Sim;

type Start = fn(&Sim) -> Box<dyn Drive>;
type Make = fn() -> Sim;

fn drive_ours(sim: &Sim) -> Box<dyn Drive> {
    ours::drive(sim, Feed::default(), Policy::default(), Settings::default())
}

const PEERS: [(&str, Start); 6] = [
    ("count_only", count_only::drive),
    ("running_list_only", running_list_only::drive),
    ("completes_on_retry", completes_on_retry::drive),
    ("first_page_only", first_page_only::drive),
    ("sleeps_to_the_limit", sleeps_to_the_limit::drive),
    ("republishes", republishes::drive),
];

const MINUTE: Duration = Duration::from_mins(1);

fn group(instances: usize) -> GroupPlan {
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(15 * MINUTE);
    GroupPlan::named("g", instances).in_cluster("c").capacity(300).hook(hook)
}

/// Two instances with a service that stops in so many seconds.
fn service(seconds: u64) -> Fleet {
    let stops_in = Duration::from_secs(seconds);
    let web = ServicePlan::replica("web", "c", 4).stops_in(stops_in).stop_timeout(stops_in);
    Fleet::seeded(1).group(group(2)).service(web)
}

/// One instance with a job of so many minutes.
fn job(minutes: u32) -> Sim {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    let mut world = sim.world();
    let instance = world.all_instances().next().unwrap();
    world.run_standalone(instance, &StandalonePlan::of_family("job").runs_for(minutes * MINUTE));
    drop(world);
    sim
}

fn slow_stops() -> Sim {
    service(100).simulate()
}

fn slow_stops_beside_a_daemon() -> Sim {
    service(100).service(ServicePlan::daemon("agent", "c")).simulate()
}

fn long_job() -> Sim {
    job(40)
}

/// A job that ends while anybody still waits; every event comes twice.
fn repeated_events() -> Sim {
    let sim = job(5);
    sim.world().outbox.road.repeated_per_mille = 1000;
    sim
}

/// Of more instances than a page has; the last of them goes.
fn many_instances() -> Sim {
    let web = ServicePlan::replica("web", "c", 101).stops_in(Duration::from_secs(5));
    Fleet::seeded(1).group(group(101)).service(web).simulate()
}

/// More tasks than a page has are listed as stopped; the last of them still stops.
fn many_tasks() -> Sim {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    let mut world = sim.world();
    let instance = world.all_instances().next().unwrap();
    for _ in 0..100 {
        world.run_standalone(instance, &StandalonePlan::of_family("short").runs_for(MINUTE));
    }
    let slow = StandalonePlan::of_family("slow").stops_in(5 * MINUTE).stop_timeout(5 * MINUTE);
    let slow = world.run_standalone(instance, &slow).unwrap();
    world.advance_by(3 * MINUTE);
    world.stop_task(slow, "enough");
    drop(world);
    sim
}

/// Terminates the last instance and runs until all is over.
fn seen_out(sim: &Sim, start: Start) -> Report {
    let last = sim.world().all_instances().last().unwrap();
    assert!(sim.world().terminate(last));
    let mut driver = start(sim);
    assert!(driver.run_until_quiet(26 * 60 * MINUTE));
    driver.report()
}

/// What each does to whom: tasks killed, hooks expired.
#[test]
fn each_does_what_it_is_known_for_and_ours_does_not() {
    let worlds: [(&str, Make); 6] = [
        ("slow stops", slow_stops),
        ("slow stops beside a daemon", slow_stops_beside_a_daemon),
        ("long job", long_job),
        ("repeated events", repeated_events),
        ("many instances", many_instances),
        ("many tasks", many_tasks),
    ];
    for (name, row) in [
        ("ours", [(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)]),
        ("count_only", [(2, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0)]),
        ("running_list_only", [(2, 0), (0, 0), (0, 0), (0, 0), (0, 0), (1, 0)]),
        ("completes_on_retry", [(0, 0), (0, 0), (1, 0), (1, 0), (0, 0), (0, 0)]),
        ("first_page_only", [(0, 0), (0, 0), (0, 0), (0, 0), (1, 0), (1, 0)]),
        ("sleeps_to_the_limit", [(0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (0, 0)]),
        ("republishes", [(0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (0, 0)]),
    ] {
        let start = PEERS.iter().find(|(other, _)| *other == name).map_or(drive_ours as Start, |peer| peer.1);
        for ((world, sim), (killed, expired)) in worlds.iter().zip(row) {
            let report = seen_out(&sim(), start);
            assert_eq!((report.killed, report.expired), (killed, expired), "{name}, {world}: {report:#?}");
            assert_eq!(report.unfinished, 0, "{name}, {world}");
        }
    }
}

#[test]
fn where_nothing_is_hard_all_do_well() {
    for (name, start) in PEERS {
        let report = seen_out(&service(1).simulate(), start);
        assert_eq!((report.killed, report.expired, report.continued), (0, 0, 1), "{name}: {report:#?}");
        assert_eq!(report.invocations.all, 1, "{name}");
        let (late, _) = report.lateness().unwrap();
        assert!((0..=35_000).contains(&late), "{name}: {late}");
    }
}

#[test]
fn errands_go_on_at_the_same_time_and_repeat() {
    let run = || {
        let sim = Fleet::seeded(3).group(group(40)).service(ServicePlan::replica("web", "c", 80)).simulate();
        let instances: Vec<_> = sim.world().all_instances().take(20).collect();
        for instance in instances {
            sim.world().terminate(instance);
        }
        let mut driver = count_only::drive(&sim);
        driver.run_for(Duration::from_secs(5));
        let began = driver.report();
        assert_eq!(
            (began.invocations.all, began.calls[&crate::api::Op::UpdateContainerInstancesState]),
            (20, 20)
        );
        assert!(driver.run_until_quiet(60 * MINUTE));
        driver.report()
    };
    assert_eq!(run(), run());
}
