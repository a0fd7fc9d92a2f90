//! The promises, held against what happened.

use std::collections::BTreeMap;
use std::time::Duration;

use fleet_sim::World;
use fleet_sim::auto_scaling::{Group, HookNo};
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::Class;
use fleet_sim::report::{Report, over_budget, reads};
use fleet_sim::world::ledger::Deed;
use shared::drain::auto_scaling::ActionResult;
use shared::drain::times::{RESERVE, TICK};
use shared::event::Timestamp;
use shared::policy::drain::{AtDeadline, DrainPolicy, Treatment};

use crate::fleets::{OURS, Storm};

/// A quarter of what ECS allows: so many reads at once, and so many a second.
const QUARTER: (u64, u64) = (25, 5);
/// Reads of one spot warning, which waits for no budget: four clusters to search, and two descriptions.
const READS_OF_SPOT: u64 = 10;

/// Everything that was promised and not kept.
pub fn wrong(storm: &Storm, report: &Report, quiet: bool) -> Vec<String> {
    let world = storm.sim.world();
    let mut wrong = Vec::new();
    if !quiet || report.unfinished > 0 {
        wrong.push(format!("(b) {} drains never ended", report.unfinished));
    }
    if report.invocations.panicked > 0 || report.invocations.dead_letters > 0 {
        wrong.push(format!("{:?}", report.invocations));
    }
    let policy = storm.policy.drain_of("", None);
    for entry in world.deeds() {
        if let Deed::HookExpired(instance, hook, _) = &entry.deed
            && is_ours(storm, &world, *instance, *hook)
        {
            wrong.push(format!("(b, c) the hook of {} expired at {}", name(&world, *instance), entry.at));
        }
        if let Deed::HookCompleted(instance, hook, result) = &entry.deed
            && is_ours(storm, &world, *instance, *hook)
        {
            let left = unfinished(&world, *instance, entry.at, &policy);
            if left > 0 && !is_declared(storm, &world, *instance, *result, entry.at) {
                let instance = name(&world, *instance);
                wrong.push(format!("(a) {instance} was let go at {} with {left} tasks left", entry.at));
            }
        }
    }
    let spots = world.deeds().iter().filter(|entry| matches!(entry.deed, Deed::SpotWarned(_))).count();
    // Each process begins with a full quarter, for a crash takes its memory along.
    let processes = 1 + report.invocations.died;
    let allowed = QUARTER.0 * processes + READS_OF_SPOT * 6 * u64::try_from(spots).expect("few");
    let over = over_budget(reads(world.calls()), allowed, QUARTER.1);
    if over > 0 {
        wrong.push(format!("(d) {over} reads above a quarter of the allowance"));
    }
    for (instance, times) in commands(&world) {
        let begun =
            world.deeds().iter().filter(|entry| entry.deed == Deed::TerminationBegan(instance)).count();
        if times > begun {
            wrong.push(format!("(e) {times} commands for {begun} drains of {}", name(&world, instance)));
        }
    }
    wrong
}

/// How many commands each instance got.
fn commands(world: &World) -> BTreeMap<InstanceNo, usize> {
    let mut commands = BTreeMap::new();
    for sent in &world.run_command.sent {
        *commands.entry(sent.instance).or_default() += 1;
    }
    commands
}

fn name(world: &World, instance: InstanceNo) -> String {
    world.instance(instance).id.clone()
}

/// The group an instance was in when the storm began: it is in none any more once it has gone.
fn group_of<'a>(storm: &Storm, world: &'a World, instance: InstanceNo) -> &'a Group {
    let group = storm.groups.get(&instance).expect("a member of a group");
    world.group(*group)
}

fn is_ours(storm: &Storm, world: &World, instance: InstanceNo, hook: HookNo) -> bool {
    group_of(storm, world, instance).hooks[hook.0].name == OURS
}

/// Tasks of an instance that had not stopped at a time, save those the policy ignores.
fn unfinished(world: &World, instance: InstanceNo, at: Timestamp, policy: &DrainPolicy) -> usize {
    let counts = |class: Class| class != Class::Daemon || policy.daemon != Treatment::Ignore;
    let tasks = world.all_tasks().map(|task| world.task(task));
    tasks
        .filter(|task| task.instance == instance && task.created < at && counts(task.class))
        .filter(|task| task.stopped_at.is_none_or(|stopped| stopped > at))
        .count()
}

/// Whether the policy declares that an instance may go at this time with tasks left.
fn is_declared(
    storm: &Storm,
    world: &World,
    instance: InstanceNo,
    result: ActionResult,
    at: Timestamp,
) -> bool {
    let policy = storm.policy.drain_of("", None);
    let group = group_of(storm, world, instance);
    let hold = group.hooks.iter().find(|hook| hook.name == OURS).expect("our hook").longest_hold();
    let began = |deed: &Deed| *deed == Deed::TerminationBegan(instance);
    let began =
        world.deeds().iter().rfind(|entry| entry.at <= at && began(&entry.deed)).expect("it began").at;
    // The begin may be taken for a tick too early, where its event was lost.
    let lasted = at.elapsed_since(began) + TICK + Duration::from_secs(5);
    let over = lasted >= hold.saturating_sub(RESERVE);
    let late = lasted >= policy.deadline;
    match (policy.at_deadline, result) {
        (AtDeadline::Continue, ActionResult::Continue) => late,
        (AtDeadline::Retain, ActionResult::Abandon) => late && group.retains_on_abandon,
        (AtDeadline::Hold, ActionResult::Abandon) => over && group.retains_on_abandon,
        (AtDeadline::Retain | AtDeadline::Hold, ActionResult::Continue) => over && !group.retains_on_abandon,
        (AtDeadline::Continue, ActionResult::Abandon) => false,
    }
}
