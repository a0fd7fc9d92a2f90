//! Small fleets by chance, and what goes wrong with them: for tests that run thousands of them.

use std::time::Duration;

use shared::drain::auto_scaling::ActionResult;

use super::{Fleet, GroupPlan, HookPlan};
use crate::api::Service;
use crate::api::faults::{Failing, Fault, Rule};
use crate::dice::Dice;
use crate::ec2::InstanceNo;
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::outbox::Road;
use crate::sim::Sim;
use crate::span::after;
use crate::world::World;

/// The name of each group's first hook, the one to drain for.
pub const HOOK: &str = "drain";
/// The tag each group has; its value is `yes`.
pub const TAG: &str = "drain";
/// Every termination has begun by then.
pub const TERMINATIONS_WITHIN: Duration = Duration::from_mins(5);

/// How rough it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// How many of a thousand calls fail, each in one of many ways.
    pub calls_fail: u32,
    /// How many of a thousand calls are their caller's last.
    pub callers_die: u32,
    /// How many of a thousand events are lost, and how many come twice.
    pub events_suffer: u32,
    /// How late an event may be.
    pub events_late: Duration,
    /// Whether agents disconnect for a while.
    pub agents_leave: bool,
    /// Whether a service is out for some minutes.
    pub outage: bool,
    /// Whether EC2 takes some instances back.
    pub spot: bool,
}

impl Weather {
    /// All of it.
    #[must_use]
    pub const fn storm() -> Self {
        Self {
            calls_fail: 60,
            callers_die: 15,
            events_suffer: 150,
            events_late: Duration::from_secs(100),
            agents_leave: true,
            outage: true,
            spot: false,
        }
    }
}

/// A small fleet in which some instances are terminated within [`TERMINATIONS_WITHIN`].
#[must_use]
pub fn small(seed: u64, weather: &Weather) -> Sim {
    let mut dice = Dice::new(seed);
    let mut fleet = Fleet::seeded(seed);
    fleet.road = Road {
        delay_most: weather.events_late.max(Duration::from_secs(1)),
        lost_per_mille: weather.events_suffer,
        repeated_per_mille: weather.events_suffer,
        ..Road::default()
    };
    let clusters = ["blue", "green"];
    for number in 0..=dice.below(2) {
        fleet.groups.push(group(&mut dice, number, &clusters));
    }
    for number in 0..dice.below(4) {
        let cluster = clusters[dice.place(clusters.len())];
        fleet.services.push(service(&mut dice, &format!("web{number}"), cluster));
    }
    if dice.happens(500) {
        fleet.services.push(ServicePlan::daemon("agent", clusters[0]).stops_in(secs(&mut dice, 40)));
    }
    let mut world = fleet.cluster(clusters[0]).cluster(clusters[1]).build();
    for instance in world.all_instances() {
        trouble(&mut world, &mut dice, instance, weather);
    }
    faults(&mut world, &mut dice, weather);
    Sim::new(world)
}

/// A span of whole seconds below `end`.
fn secs(dice: &mut Dice, end: u64) -> Duration {
    Duration::from_secs(dice.below(end))
}

/// A group.
fn group(dice: &mut Dice, number: u64, clusters: &[&str]) -> GroupPlan {
    let instances = 1 + dice.place(6);
    let timeout = Duration::from_secs(120 + dice.below(1800));
    let hook = HookPlan::named(HOOK).heartbeat_timeout(timeout);
    let results = [ActionResult::Continue, ActionResult::Abandon];
    let hook = hook.default_result(results[dice.place(2)]);
    let mut plan = GroupPlan::named(&format!("group{number}"), instances)
        .capacity(2 + dice.place(8))
        .tag(TAG, "yes")
        .hook(hook);
    plan.retains_on_abandon = dice.happens(200);
    if dice.happens(900) {
        plan = plan.in_cluster(clusters[dice.place(clusters.len())]);
    }
    plan
}

/// A REPLICA service.
fn service(dice: &mut Dice, name: &str, cluster: &str) -> ServicePlan {
    let percents = [(100, 200), (50, 200), (50, 100), (0, 100), (100, 150), (100, 100)];
    // The last one cannot be drained, and is rare.
    let choice = percents.len() - usize::from(!dice.happens(100));
    let (minimum, maximum) = percents[dice.place(choice)];
    let plan = ServicePlan::replica(name, cluster, 1 + dice.place(8)).percent(minimum, maximum);
    let plan = plan.starts_in(secs(dice, 60)).stops_in(secs(dice, 150));
    let plan = plan.stop_timeout(Duration::from_secs([2, 30, 120][dice.place(3)]));
    if dice.happens(300) { plan.deregistration_delay(secs(dice, 300)) } else { plan }
}

/// What happens on an instance and to it.
fn trouble(world: &mut World, dice: &mut Dice, instance: InstanceNo, weather: &Weather) {
    if dice.happens(300) {
        let plan = StandalonePlan::of_family("job").stops_in(secs(dice, 60));
        let ends = dice.happens(900);
        let plan = if ends { plan.runs_for(secs(dice, 1800)) } else { plan };
        world.run_standalone(instance, &plan);
    }
    if dice.happens(100) {
        let until = after(world.now(), secs(dice, 3600));
        if let Some(task) = world.live_tasks(instance).first().copied() {
            world.protect(task, Some(until));
        }
    }
    if weather.agents_leave && dice.happens(300) {
        let (leaves, back) = (secs(dice, 900), secs(dice, 600));
        world.after(leaves, move |world| {
            let until = after(world.now(), back);
            world.disconnect_agent(instance, Some(until));
        });
    }
    if weather.spot && dice.happens(150) {
        world.after(secs(dice, 900), move |world| world.spot_interrupt(instance));
    }
    if dice.happens(500) {
        let parks = dice.happens(100);
        let within = dice.span(Duration::ZERO, TERMINATIONS_WITHIN);
        world.after(within, move |world| {
            if parks {
                world.terminate_to_warm_pool(instance);
            } else {
                world.terminate(instance);
            }
        });
    }
}

/// What goes wrong with calls.
fn faults(world: &mut World, dice: &mut Dice, weather: &Weather) {
    let now = world.now();
    let ways = [
        Fault::Throttled,
        Fault::FailsBefore(Failing::ServerError),
        Fault::FailsBefore(Failing::TimedOut),
        Fault::FailsAfter(Failing::Reset),
        Fault::Partial("MISSING"),
    ];
    if weather.outage && dice.happens(500) {
        let service = [Service::Ecs, Service::AutoScaling][dice.place(2)];
        let from = after(now, secs(dice, 900));
        let until = after(from, secs(dice, 300));
        let fault = Fault::FailsBefore(Failing::ServerError);
        world.api.faults.add(Rule::of(service, fault).during(from, until));
    }
    for way in ways {
        world.api.faults.add(Rule::any(way).per_mille(weather.calls_fail.div_ceil(5)));
    }
    for way in [Fault::DiesBefore, Fault::DiesAfter] {
        world.api.faults.add(Rule::any(way).per_mille(weather.callers_die.div_ceil(2)));
    }
}
