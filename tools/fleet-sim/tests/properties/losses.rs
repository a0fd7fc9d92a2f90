//! The loss of any one event delays a completion by a tick at most.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::drive::Feed;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::{Fleet, GroupPlan, HookPlan};
use shared::event::Timestamp;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;

/// A tick, and what chance makes of the rest: the scheduler's round, an event's way, calls.
const A_TICK: i64 = 60_000 + 7_000;

/// When each instance was let go, and how many events there were, where one of them is lost.
fn completions(seed: u64, lost: Option<u64>) -> (BTreeMap<usize, Timestamp>, u64) {
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(Duration::from_mins(10));
    let mut fleet = Fleet::seeded(seed)
        .group(GroupPlan::named("web-group", 6).in_cluster("harbor").capacity(8).hook(hook.clone()))
        .group(GroupPlan::named("idle-group", 1).hook(hook))
        .service(ServicePlan::replica("web", "harbor", 12).stops_in(Duration::from_secs(11 + seed % 40)));
    fleet.road.lost_numbers = lost.into_iter().collect();
    let sim = fleet.simulate();
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        let job = StandalonePlan::of_family("nightly").runs_for(Duration::from_secs(400 + seed));
        world.run_standalone(instances[0], &job);
        for number in [0, 1, 6] {
            let instance = instances[number];
            world.after(Duration::from_secs(7 + seed % 50), move |world| {
                world.terminate(instance);
            });
        }
    }
    let mut driver = ours::drive(&sim, Feed::default(), Policy::default(), Settings::default());
    driver.run_for(Duration::from_mins(2));
    assert!(driver.run_until_quiet(Duration::from_hours(9)), "seed {seed}, lost {lost:?}");
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0), "seed {seed}, lost {lost:?}");
    let completed = report.drains.iter().enumerate();
    let sent = sim.world().outbox.sent();
    (completed.map(|(number, drain)| (number, drain.completed.expect("it was let go"))).collect(), sent)
}

#[test]
fn a_lost_event_delays_a_completion_by_a_tick_at_most() {
    let mut late = Vec::new();
    for seed in 0..12 {
        let (all_there, sent) = completions(seed, None);
        assert!(sent > 10);
        for lost in 1..=sent {
            let (one_lost, _) = completions(seed, Some(lost));
            for (instance, completed) in &all_there {
                let delay = one_lost[instance].millis_since(*completed);
                if delay > A_TICK {
                    late.push(format!(
                        "seed {seed}: without event {lost}, instance {instance} {delay} ms later"
                    ));
                }
            }
        }
    }
    assert!(late.is_empty(), "{late:#?}");
}
