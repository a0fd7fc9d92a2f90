//! Random fleets, and random things that go wrong with them.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_sim::api::Service;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::auto_scaling::GroupNo;
use fleet_sim::dice::Dice;
use fleet_sim::drive::Feed;
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::outbox::Kind;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use shared::drain::auto_scaling::ActionResult;
use shared::policy::Policy;

/// All terminations begin within this time.
pub const TERMINATIONS: Duration = Duration::from_mins(20);
/// The name of our hook.
pub const OURS: &str = "ecs-steward";

/// Policies, from the defaults on.
const POLICIES: [&str; 7] = [
    "",
    "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"",
    "[[drain]]\ndeadline = \"30m\"\nat-deadline = \"retain\"",
    "[[drain]]\nstandalone = { stop-after = \"10m\" }\nprotected = { stop-after = \"15m\" }",
    "[[drain]]\ndeadline = \"40m\"\nat-deadline = \"continue\"\nstandalone = { stop-after = \"5m\" }\nstop-grace = \"3m\"",
    "[[drain]]\ndaemon = \"wait\"",
    "[[drain]]\nagent-gone = { stop-after = \"20m\" }\nservice = { stop-after = \"30m\" }",
];

/// A world, what happens to it, and under which policy.
pub struct Storm {
    pub sim: Sim,
    pub feed: Feed,
    pub policy: Policy,
    /// The group of each instance, at the beginning.
    pub groups: BTreeMap<InstanceNo, GroupNo>,
    pub in_words: String,
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The storm of a seed.
pub fn storm(seed: u64) -> Storm {
    let mut dice = Dice::new(seed ^ 0x5707);
    let rough = dice.happens(700);
    let (sim, heartbeat) = fleet(seed, rough, &mut dice);
    let text = POLICIES[dice.place(POLICIES.len())];
    let ticks_lost = if rough && heartbeat >= 600 { 20 } else { 0 };
    let feed = Feed { ticks_lost_per_mille: ticks_lost, ..Feed::default() };
    tasks(&sim, &mut dice);
    terminations(&sim, &mut dice);
    if rough {
        faults(&sim, heartbeat, &mut dice);
    }
    let logs = host_logs(&sim, rough, &mut dice);
    let policy = Policy::parse(&format!("{text}\n{logs}")).expect("a policy");
    let in_words = format!("rough {rough}, heartbeat {heartbeat} s, policy {text:?}, {logs:?}");
    let world = sim.world();
    let member = |instance| Some((instance, world.instance(instance).membership.as_ref()?.group));
    let groups = world.all_instances().filter_map(member).collect();
    drop(world);
    Storm { sim, feed, policy, groups, in_words }
}

/// Clusters, groups, hooks, services.
fn fleet(seed: u64, rough: bool, dice: &mut Dice) -> (Sim, u64) {
    let mut fleet = Fleet::seeded(seed).cluster("empty");
    let clusters = ["harbor", "dock", "quay"];
    let heartbeat = [300, 600, 1800, 3600][dice.place(4)];
    if rough {
        fleet.road.lost_per_mille = [0, 100, 500, 1000][dice.place(4)];
        fleet.road.repeated_per_mille = [0, 200][dice.place(2)];
        fleet.road.delay_most = secs([1, 20, 90][dice.place(3)]);
    }
    if dice.happens(300) {
        fleet.road.kinds.push(Kind::TaskChange);
    }
    for number in 0..=dice.place(3) {
        let cluster = clusters[dice.place(clusters.len())];
        let mut hook = HookPlan::named(OURS).heartbeat_timeout(secs(heartbeat));
        if dice.happens(500) {
            hook = hook.default_result(ActionResult::Continue);
        }
        let named = dice.place(3);
        if named == 0 {
            hook = hook.metadata(&format!("{{\"cluster\": \"{cluster}\", \"team\": 7}}"));
        } else if dice.happens(300) {
            hook = hook.metadata("please drain");
        }
        let mut group =
            GroupPlan::named(&format!("group-{number}"), 1 + dice.place(10)).capacity(2 + dice.place(8));
        if !dice.happens(100) {
            group = group.in_cluster(cluster);
        }
        if named == 1 {
            group = group.tag("ecs-steward:cluster", cluster);
        }
        if dice.happens(400) {
            group = group.retaining();
        }
        if dice.happens(200) {
            // Nobody completes it, so it goes on by itself after two hours.
            let other = HookPlan::named("log-shipper").heartbeat_timeout(secs(7200));
            group = group.hook(other.default_result(ActionResult::Continue));
        }
        fleet = fleet.group(group.hook(hook));
    }
    for number in 0..dice.place(4) {
        let cluster = clusters[dice.place(clusters.len())];
        let (least, most) =
            [(100, 200), (50, 100), (0, 100), (100, 150), (66, 133), (100, 100)][dice.place(6)];
        let plan = ServicePlan::replica(&format!("web-{number}"), cluster, 1 + dice.place(20))
            .percent(least, most)
            .starts_in(dice.span(secs(1), secs(60)))
            .stops_in(dice.span(secs(0), secs(90)))
            .stop_timeout(secs([30, 60, 120][dice.place(3)]))
            .deregistration_delay(secs([0, 0, 30][dice.place(3)]));
        fleet = fleet.service(plan);
    }
    if dice.happens(500) {
        fleet = fleet.service(ServicePlan::daemon("agent", clusters[dice.place(clusters.len())]));
    }
    (fleet.simulate(), heartbeat)
}

/// Tasks nobody moves, protections, agents that go away.
fn tasks(sim: &Sim, dice: &mut Dice) {
    let mut world = sim.world();
    let instances: Vec<_> = world.all_instances().collect();
    for _ in 0..dice.place(6) {
        let instance = instances[dice.place(instances.len())];
        let mut plan = StandalonePlan::of_family("nightly")
            .stops_in(dice.span(secs(0), secs(60)))
            .stop_timeout(secs([30, 120][dice.place(2)]));
        if !dice.happens(150) {
            plan = plan.runs_for(dice.span(secs(60), secs(7200)));
        }
        world.run_standalone(instance, &plan);
    }
    let running: Vec<_> = world.all_tasks().collect();
    for _ in 0..dice.place(3) {
        if running.is_empty() {
            break;
        }
        let until = world_after(&world, dice.span(secs(60), secs(9000)));
        let task = running[dice.place(running.len())];
        world.protect(task, Some(until));
    }
    for _ in 0..dice.place(3) {
        let instance = instances[dice.place(instances.len())];
        let (from, lasts) = (dice.span(secs(0), secs(1800)), dice.span(secs(10), secs(3600)));
        let until = (!dice.happens(200)).then(|| world_after(&world, from + lasts));
        world.after(from, move |world| world.disconnect_agent(instance, until));
    }
}

fn world_after(world: &fleet_sim::World, span: Duration) -> shared::event::Timestamp {
    world.now().plus(span)
}

/// Which instances go, and when.
fn terminations(sim: &Sim, dice: &mut Dice) {
    let mut world = sim.world();
    let instances: Vec<_> = world.all_instances().collect();
    let at_once = dice.happens(300);
    let when = dice.span(secs(1), secs(600));
    for instance in instances {
        if dice.happens(450) {
            let at = if at_once { when } else { dice.span(secs(1), TERMINATIONS.saturating_sub(secs(1))) };
            world.after(at, move |world| {
                world.terminate(instance);
            });
        } else if dice.happens(30) {
            let at = dice.span(secs(1), secs(600));
            world.after(at, move |world| world.spot_interrupt(instance));
        }
    }
}

/// Whether logs are collected, how commands go, and which instances take none.
fn host_logs(sim: &Sim, rough: bool, dice: &mut Dice) -> String {
    if dice.happens(400) {
        return String::new();
    }
    let mut world = sim.world();
    world.run_command.takes = (secs(5), secs([30, 300, 1200][dice.place(3)]));
    world.run_command.fails_per_mille = [0, 300][dice.place(2)];
    world.run_command.hangs_per_mille = [0, 300, 1000][dice.place(3)];
    let instances: Vec<_> = world.all_instances().collect();
    let unmanaged = instances.into_iter().filter(|_| dice.happens(200)).collect();
    world.run_command.unmanaged = unmanaged;
    if rough {
        for fault in [Fault::Throttled, Fault::FailsAfter(Failing::TimedOut), Fault::Slow(secs(3))] {
            if dice.happens(400) {
                world.api.faults.add(Rule::of(Service::Ssm, fault).per_mille([100, 1000][dice.place(2)]));
            }
        }
    }
    let within = [1, 5, 15][dice.place(3)];
    format!("[collect-logs]\nbucket = \"harbor-logs\"\nwithin = \"{within}m\"")
}

/// Calls that go wrong.
fn faults(sim: &Sim, heartbeat: u64, dice: &mut Dice) {
    let mut world = sim.world();
    let now = world.now();
    let often = if heartbeat < 600 { 5 } else { 30 };
    let faults = &mut world.api.faults;
    for service in [Service::Ecs, Service::AutoScaling] {
        for fault in [
            Fault::Throttled,
            Fault::FailsBefore(Failing::ServerError),
            Fault::FailsAfter(Failing::Reset),
            Fault::FailsBefore(Failing::TimedOut),
        ] {
            if dice.happens(400) {
                faults.add(Rule::of(service, fault).per_mille(often));
            }
        }
        if heartbeat >= 600 && dice.happens(300) {
            let from = now.plus(dice.span(secs(0), secs(3600)));
            let until = from.plus(dice.span(secs(10), secs(180)));
            faults.add(Rule::of(service, Fault::FailsBefore(Failing::ServerError)).during(from, until));
        }
    }
    if dice.happens(300) {
        faults.add(Rule::of(Service::Ecs, Fault::Partial("MISSING")).per_mille(30));
    }
    if dice.happens(200) {
        faults.add(Rule::of(Service::Sns, Fault::FailsBefore(Failing::ServerError)).per_mille(300));
    }
    for _ in 0..dice.place(4) {
        let fault = if dice.happens(500) { Fault::DiesBefore } else { Fault::DiesAfter };
        faults.add(Rule::any(fault).nth(1 + dice.below(400)));
    }
}
