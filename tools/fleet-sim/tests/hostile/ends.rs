//! Drains that must come to their end, and none too early.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fleet_sim::drive::Feed;
use fleet_sim::ecs::ServicePlan;
use fleet_sim::world::ledger::Deed;
use fleet_sim::{Fleet, GroupPlan};
use shared::drain::container_instance::Status;

use super::ports::{self, Odd};
use super::{
    HOUR, count, drive, group, hook, instance, job, lose_agent, mins, minutes, restless, secs, subjects,
    terminate,
};

#[test]
fn ignored_tasks_of_a_lost_agent_end_before_the_hooks_limit() {
    let web = ServicePlan::replica("web", "harbor", 4).stops_in(mins(4)).stop_timeout(mins(5));
    let sim = Fleet::seeded(1).group(group(2)).service(web).simulate();
    terminate(&sim, 0);
    lose_agent(&sim, 0);
    let mut driver = drive(&sim, "[[drain]]\nagent-gone = \"ignore\"");
    driver.run_until_quiet(49 * HOUR);
    let report = driver.report();
    let took = minutes(&report.drains[0]);
    assert_eq!(report.expired, 0, "completed after {took:?} min; {:?}", subjects(&sim));
}

#[test]
fn a_hanging_sns_keeps_nothing_from_being_completed() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..6 {
        let plan = GroupPlan::named(&format!("g{number}"), 1).in_cluster(&format!("c{number}"));
        fleet = fleet.group(plan.hook(hook(HOUR)));
    }
    let sim = fleet.simulate();
    for number in 0..6 {
        job(&sim, number, (number == 5).then_some(mins(10)));
        terminate(&sim, number);
    }
    let feed = Feed { events: false, ..Feed::default() };
    let mut driver = ports::drive(&sim, Odd { sns_hangs: true, ..Odd::default() }, feed);
    driver.run_for(2 * HOUR);
    let report = driver.report();
    assert!(
        report.drains[5].completed.is_some(),
        "its job ended after 10 min, it is two hours later; died {}",
        report.invocations.died
    );
}

#[test]
fn many_tasks_that_stopped_within_the_hour_do_not_keep_an_instance() {
    let sim = Fleet::seeded(1).group(group(1).capacity(4000)).simulate();
    for _ in 0..1700 {
        job(&sim, 0, Some(secs(30)));
    }
    sim.world().advance_by(mins(5));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(2 * HOUR);
    let took = minutes(&driver.report().drains[0]);
    assert!(took.is_some_and(|minutes| minutes <= 5), "completed after {took:?} min; nothing ran");
}

#[test]
fn put_back_into_service_by_hand_it_still_ends_before_the_hooks_limit() {
    let sim = Fleet::seeded(1).group(restless(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let first = instance(&sim, 0);
    sim.world().after(mins(30), move |world| world.set_status(first, Status::Active));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(10 * HOUR);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn a_stop_grace_longer_than_the_hook_stops_no_task_at_once() {
    let sim = Fleet::seeded(1).group(restless(1)).simulate();
    job(&sim, 0, Some(HOUR));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "[[drain]]\nstop-grace = \"10h\"");
    driver.run_for(mins(5));
    assert_eq!(count(&sim, |deed| matches!(deed, Deed::StopAsked { .. })), 0);
}

#[test]
fn no_active_action_is_done_only_if_it_no_longer_waits() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    terminate(&sim, 0);
    let none_active = Arc::new(AtomicBool::new(true));
    let mut driver = ports::drive(&sim, Odd { none_active, ..Odd::default() }, Feed::default());
    driver.run_until_quiet(2 * HOUR);
    let report = driver.report();
    assert_eq!((report.expired, report.continued), (0, 1), "Terminating:Wait, and ours is its only hook");
}

#[test]
fn spot_warnings_in_an_account_of_many_clusters_are_acted_on_in_time() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..60 {
        fleet = fleet.cluster(&format!("c{number}"));
    }
    let spot = GroupPlan::named("spot", 40).in_cluster("c59").hook(hook(HOUR));
    let sim = fleet.group(spot).simulate();
    {
        let mut world = sim.world();
        for instance in world.all_instances() {
            world.spot_interrupt(instance);
        }
    }
    drive(&sim, "").run_for(mins(3));
    let set = count(&sim, |deed| matches!(deed, Deed::StatusChanged(_, Status::Draining)));
    assert_eq!(set, 40, "DRAINING within three minutes of the warning");
}
