//! Fleets with jobs, and what happens to them.

use std::time::Duration;

use fleet_sim::api::Service;
use fleet_sim::api::faults::Failing;
use fleet_sim::dice::Dice;
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::{Fault, Fleet, GroupPlan, HookPlan, Rule, Sim};
use shared::drain::container_instance::Status;
use shared::policy::Policy;

/// How long calls fail and others meddle.
pub const TROUBLE: Duration = Duration::from_mins(90);
/// How long others meddle.
const MEDDLING: Duration = Duration::from_mins(80);
/// Minutes after that in which jobs still run.
pub const CALM_MINUTES: u32 = 10;
/// How long after that everything is let go.
pub const END: Duration = Duration::from_mins(75);

/// How rough it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Calls work, and nobody meddles.
    Calm,
    /// Calls fail, processes die, and others protect, take back, drain and terminate.
    Storm,
}

/// A run.
pub struct Run {
    /// The world.
    pub sim: Sim,
    /// Its policy.
    pub policy: Policy,
    /// Whether the policy changes anything.
    pub acts: bool,
    /// Which tasks it names, by family.
    pub families: &'static [&'static str],
}

/// Policies with the families they act for.
const POLICIES: [(&str, &[&str]); 6] = [
    ("[[protect]]\nfamily = \"nightly\"\nmode = \"protect\"\n", &["nightly"]),
    (
        "[[protect]]\ngroup = \"family:*ly\"\nmode = \"protect\"\nrelease-after = \"4m\"\n",
        &["nightly", "hourly"],
    ),
    ("[[protect]]\ntag = \"keep=yes\"\nmode = \"protect\"\nrelease-after = \"0s\"\n", &["nightly", "hourly"]),
    (
        "[[protect]]\nfamily = \"nightly\"\nmode = \"protect\"\n[[protect]]\nfamily = \"hourly\"\n",
        &["nightly"],
    ),
    ("[[protect]]\ngroup = \"service:broker\"\nmode = \"protect\"\n", &["broker"]),
    ("[[protect]]\nfamily = \"nightly\"\n[[protect]]\ntag = \"keep\"\n", &[]),
];

/// The run of a seed.
pub fn fleet(seed: u64, weather: Weather) -> Run {
    let mut dice = Dice::new(seed.wrapping_mul(0x51ed) ^ 0x9e37);
    let mut fleet = Fleet::seeded(seed).cluster("blue").cluster("green");
    for number in 0..=dice.below(2) {
        let mut group = GroupPlan::named(&format!("group{number}"), 1 + dice.place(5)).capacity(12);
        if dice.happens(500) {
            group = group.hook(HookPlan::named("hold").heartbeat_timeout(Duration::from_mins(30)));
        }
        if dice.happens(900) {
            group = group.in_cluster(["blue", "green"][dice.place(2)]);
        }
        if dice.happens(400) {
            group = group.capacity_provider(&format!("provider{number}"), dice.happens(400));
        }
        fleet = fleet.group(group);
    }
    fleet = fleet.service(ServicePlan::replica("broker", "blue", 1 + dice.place(3)));
    fleet = fleet.service(ServicePlan::daemon("agent", "green"));
    let sim = fleet.simulate();
    let (policy, families) = POLICIES[dice.place(POLICIES.len())];
    let storm = weather == Weather::Storm;
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        for _ in 0..4 + dice.place(16) {
            let instance = instances[dice.place(instances.len())];
            job(&mut world, &mut dice, instance);
        }
        if storm {
            for instance in instances {
                meddle(&mut world, &mut dice, instance);
            }
            faults(&mut world, &mut dice);
        }
    }
    let policy = Policy::parse(policy).expect("a policy");
    Run { sim, policy, acts: !families.is_empty(), families }
}

/// A job that starts some time and runs for a while, where its instance still takes tasks.
fn job(world: &mut fleet_sim::World, dice: &mut Dice, instance: InstanceNo) {
    let family = ["nightly", "hourly", "adhoc"][dice.place(3)];
    let plan = StandalonePlan::of_family(family)
        .runs_for(dice.span(Duration::from_secs(20), Duration::from_mins(40)))
        .stops_in(dice.span(Duration::ZERO, Duration::from_mins(2)))
        .stop_timeout(Duration::from_mins(2));
    let plan = if family == "adhoc" { plan } else { plan.tag("keep", "yes") };
    let starts = dice.span(Duration::ZERO, TROUBLE);
    let is_stopped_after = dice.happens(200).then(|| dice.span(Duration::ZERO, Duration::from_mins(20)));
    world.after(starts, move |world| {
        let container = world.instance(instance).container.as_ref();
        if !container.is_some_and(fleet_sim::ecs::Container::takes_tasks) {
            return;
        }
        if let (Some(task), Some(after)) = (world.start_standalone(instance, &plan), is_stopped_after) {
            world.after(after, move |world| world.stop_task(task, "enough"));
        }
    });
}

/// What others do to an instance.
fn meddle(world: &mut fleet_sim::World, dice: &mut Dice, instance: InstanceNo) {
    let mut at = || dice.span(Duration::ZERO, MEDDLING);
    let (first, second, third, fourth) = (at(), at(), at(), at());
    for when in [first, second] {
        if dice.happens(300) {
            let protects = dice.happens(500);
            world.after(when, move |world| world.set_scale_in_protection(instance, protects));
        }
    }
    if dice.happens(200) {
        world.after(third, move |world| set_draining(world, instance, true));
        if dice.happens(500) {
            let back = third + dice.span(Duration::ZERO, Duration::from_mins(15));
            world.after(back, move |world| set_draining(world, instance, false));
        }
    }
    if dice.happens(250) {
        world.after(fourth, move |world| {
            if let Some(group) = world.instance(instance).membership.as_ref().map(|member| member.group) {
                world.scale_in(group);
            }
        });
    }
    if dice.happens(50) {
        world.after(fourth, move |world| world.kill_instance(instance));
    }
}

/// Somebody drains an instance, or takes that back.
fn set_draining(world: &mut fleet_sim::World, instance: InstanceNo, is_draining: bool) {
    let container = world.instance(instance).container.as_ref();
    if container.is_some_and(|container| !container.is_inactive()) {
        world.set_status(instance, if is_draining { Status::Draining } else { Status::Active });
    }
}

/// What goes wrong with calls.
fn faults(world: &mut fleet_sim::World, dice: &mut Dice) {
    let now = world.now();
    let often = [5, 30, 120][dice.place(3)];
    for service in [Service::Ecs, Service::AutoScaling] {
        for fault in [
            Fault::Throttled,
            Fault::Refused("ValidationError"),
            Fault::FailsBefore(Failing::ServerError),
            Fault::FailsAfter(Failing::Reset),
            Fault::FailsBefore(Failing::TimedOut),
        ] {
            if dice.happens(500) {
                world.api.faults.add(Rule::of(service, fault).per_mille(often));
            }
        }
        if dice.happens(300) {
            let from = now.plus(dice.span(Duration::ZERO, TROUBLE));
            let until = from.plus(dice.span(Duration::from_secs(10), Duration::from_mins(15)));
            let fault = Fault::FailsBefore(Failing::ServerError);
            world.api.faults.add(Rule::of(service, fault).during(from, until));
        }
    }
    if dice.happens(400) {
        world.api.faults.add(Rule::of(Service::Ecs, Fault::Partial("MISSING")).per_mille(60));
    }
    for _ in 0..dice.place(8) {
        let fault = if dice.happens(500) { Fault::DiesBefore } else { Fault::DiesAfter };
        world.api.faults.add(Rule::any(fault).nth(1 + dice.below(400)));
    }
}
