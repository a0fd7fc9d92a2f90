//! Which instance, which cluster, which hook: wrong, doubled and changing places.

use fleet_sim::api::Op;
use fleet_sim::drive::Feed;
use fleet_sim::ecs::ServicePlan;
use fleet_sim::world::ledger::Deed;
use fleet_sim::{Fleet, GroupPlan, HookPlan};
use shared::drain::auto_scaling::ActionResult;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use shared::ports::Clock;

use super::ports::{self, Odd};
use super::{
    HOUR, count, drive, group, hook, instance, job, mins, ours, restless, secs, subjects, terminate,
};

#[test]
fn an_older_registration_of_the_same_instance_hides_no_task() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = ports::drive(&sim, Odd { ghosts: true, ..Odd::default() }, Feed::default());
    driver.run_until_quiet(2 * HOUR);
    assert_eq!(driver.report().killed, 0, "{:?}", subjects(&sim));
}

#[test]
fn a_typo_in_the_clusters_to_drain_kills_nothing() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let settings = Settings { clusters: vec!["harbour".into()], ..Settings::default() };
    let mut driver = ours::drive(&sim, Feed::default(), Policy::default(), settings);
    driver.run_until_quiet(2 * HOUR);
    assert_eq!(driver.report().killed, 0, "{:?}", subjects(&sim));
}

#[test]
fn a_wrong_cluster_tag_kills_nothing_in_silence() {
    let tagged = group(1).tag("ecs-steward:cluster", "dock");
    let sim = Fleet::seeded(1).cluster("dock").group(tagged).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(2 * HOUR);
    let killed = driver.report().killed;
    assert!(killed == 0 || !subjects(&sim).is_empty(), "killed {killed} and told nobody");
}

#[test]
fn a_service_made_anew_with_another_strategy_is_waited_for() {
    let web = ServicePlan::replica("web", "harbor", 4).percent(100, 100).stops_in(secs(1));
    let sim = Fleet::seeded(1).group(group(2)).service(web).simulate();
    let daemon_until = Some(sim.now().plus(mins(20)));
    terminate(&sim, 0);
    let mut driver = ports::drive(&sim, Odd { daemon_until, ..Odd::default() }, Feed::default());
    driver.run_for(HOUR);
    let before = driver.report().killed;
    terminate(&sim, 1);
    driver.run_for(mins(30));
    assert_eq!(driver.report().killed - before, 0, "40 min after the service became REPLICA");
}

#[test]
fn two_hooks_of_ours_on_a_group_are_both_kept_alive() {
    let named = |name| HookPlan::named(name).heartbeat_timeout(mins(5));
    let two = GroupPlan::named("web-group", 1)
        .in_cluster("harbor")
        .hook(named("ecs-steward-a"))
        .hook(named("ecs-steward-b"));
    let sim = Fleet::seeded(1).group(two).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(2 * HOUR);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn a_hook_that_becomes_ours_is_answered_at_once() {
    let sim = Fleet::seeded(1).group(restless(2)).simulate();
    job(&sim, 0, Some(mins(8)));
    job(&sim, 1, Some(mins(40)));
    terminate(&sim, 0);
    // The group's hook is another tool's; then ours takes its place, and a second instance goes.
    let hook_until = Some((sim.now().plus(secs(6)), "node-drain"));
    let mut driver = ports::drive(&sim, Odd { hook_until, ..Odd::default() }, Feed::default());
    driver.run_for(secs(8));
    terminate(&sim, 1);
    driver.run_until_quiet(2 * HOUR);
    let second = instance(&sim, 1);
    let killed = count(&sim, |deed| matches!(deed, Deed::TaskKilled { instance, .. } if *instance == second));
    let expired = count(&sim, |deed| matches!(deed, Deed::HookExpired(instance, ..) if *instance == second));
    assert_eq!((killed, expired), (0, 0));
}

#[test]
fn an_instance_that_never_joined_is_not_searched_for_after_its_hook_is_done() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..20 {
        fleet = fleet.cluster(&format!("c{number}"));
    }
    // Another tool's hook holds the instance for two hours more.
    let other = HookPlan::named("log-shipper").heartbeat_timeout(2 * HOUR);
    let idle =
        GroupPlan::named("idle", 1).hook(hook(HOUR)).hook(other.default_result(ActionResult::Continue));
    let sim = fleet.group(idle).simulate();
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(130));
    let lists = driver.report().calls.get(&Op::ListContainerInstances).copied().unwrap_or_default();
    assert!(lists < 100, "{lists} searches for one empty instance that was let go after a minute");
}
