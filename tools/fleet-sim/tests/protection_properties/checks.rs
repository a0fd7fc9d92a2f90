//! What must never be, held against all that happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_sim::World;
use fleet_sim::api::Op;
use fleet_sim::auto_scaling::Stage;
use fleet_sim::ec2::{InstanceNo, Power};
use fleet_sim::ecs::TaskNo;
use fleet_sim::world::ledger::Deed;
use shared::drain::container_instance::Status;
use shared::event::Timestamp;
use shared::protect::marks::PROTECTED_SINCE;

use super::fleets::Run;

/// Two ticks, and what chance makes of the rest.
const TWO_TICKS: Duration = Duration::from_secs(130);
/// An invocation's own time: between what it saw and what it does.
const RACE: Duration = Duration::from_secs(15);

/// Whose the protection of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// There is none.
    Nobody,
    /// Ours.
    Us,
    /// Somebody else's.
    Others,
}

/// What a run's history shows.
#[derive(Default)]
pub struct History {
    /// How often the function set a protection.
    pub set: usize,
    /// How often it took one back.
    pub taken: usize,
    /// What must not be.
    pub wrong: Vec<String>,
}

/// Whether a task is one that counts.
fn counts(run: &Run, world: &World, task: TaskNo) -> bool {
    run.families.contains(&world.task(task).family.as_str())
}

/// Whether ECS protects the instance's group itself.
fn is_managed(world: &World, instance: InstanceNo) -> bool {
    let member = world.instance(instance).membership.as_ref();
    let provider = member.and_then(|member| world.group(member.group).capacity_provider.clone());
    provider.is_some_and(|(_, protects)| protects)
}

/// The stage noted.
fn stage_of(notes: &[(String, String)]) -> Option<&str> {
    let note = notes.iter().find(|(name, _)| name == PROTECTED_SINCE)?;
    note.1.rsplit(' ').next()
}

/// Goes through everything that happened.
pub fn history(run: &Run) -> History {
    let world = run.sim.world();
    let mut seen = History::default();
    let mut owners: BTreeMap<InstanceNo, (Owner, Timestamp)> = BTreeMap::new();
    let mut drains: BTreeMap<InstanceNo, Timestamp> = BTreeMap::new();
    // Tasks for which it must not be set again, since somebody took it back.
    let mut not_again: BTreeMap<InstanceNo, BTreeSet<TaskNo>> = BTreeMap::new();
    for entry in world.deeds() {
        let at = entry.at;
        let (instance, now, before, by_call, notes, tasks) = match &entry.deed {
            Deed::Protection { instance, now, before, by_call, notes, tasks } => {
                (*instance, *now, *before, *by_call, notes, tasks)
            }
            Deed::StatusChanged(instance, status) => {
                if *status == Status::Active {
                    drains.remove(instance);
                } else {
                    drains.entry(*instance).or_insert(at);
                }
                continue;
            }
            _ => continue,
        };
        let (owner, since) = owners.get(&instance).copied().unwrap_or((Owner::Nobody, world.beginning()));
        let is_fresh = at.elapsed_since(since) < RACE;
        let named: BTreeSet<_> = tasks.iter().copied().filter(|task| counts(run, &world, *task)).collect();
        let mut wrong = |what: &str| seen.wrong.push(format!("{at} {instance:?} {what}"));
        let next = match (by_call, now) {
            (true, true) => {
                seen.set += 1;
                if !run.acts {
                    wrong("protected in a dry run");
                }
                if stage_of(notes).is_none() {
                    wrong("protected without a note");
                }
                if owner == Owner::Others && before && !is_fresh {
                    wrong("protected what somebody else protects");
                }
                if drains.get(&instance).is_some_and(|since| at.elapsed_since(*since) > RACE) {
                    wrong("protected while it drains");
                }
                if is_managed(&world, instance) {
                    wrong("protected in a managed group");
                }
                if not_again.get(&instance).is_some_and(|tasks| {
                    let lives =
                        |task: &TaskNo| world.task(*task).stopped_at.is_none_or(|stopped| stopped > at);
                    tasks.iter().any(lives)
                }) {
                    wrong("protected again for tasks for which somebody had taken that back");
                }
                if owner == Owner::Others && before { Owner::Others } else { Owner::Us }
            }
            (true, false) => {
                seen.taken += 1;
                if owner == Owner::Others {
                    wrong("took what somebody else had set");
                }
                let old = |task: &TaskNo| at.elapsed_since(world.task(*task).created) > RACE;
                if named.iter().any(old) {
                    wrong("took it from under a task that counts");
                }
                Owner::Nobody
            }
            // Where our note still says that it is ours, nobody can tell.
            (false, true) => match stage_of(notes) {
                Some("begun" | "held" | "idle") => Owner::Us,
                _ if owner == Owner::Us && before => Owner::Us,
                _ => Owner::Others,
            },
            (false, false) => {
                if before && stage_of(notes) == Some("held") {
                    not_again.insert(instance, named);
                }
                Owner::Nobody
            }
        };
        if next == Owner::Us && !by_call {
            // It may be set again by them at once; what was taken is taken no more.
            not_again.remove(&instance);
        }
        owners.insert(instance, (next, at));
    }
    let writes = [Op::SetInstanceProtection, Op::PutAttributes, Op::DeleteAttributes];
    if !run.acts && world.calls().iter().any(|call| writes.contains(&call.op)) {
        seen.wrong.push("a dry run called something that changes".to_owned());
    }
    seen
}

/// Instances that run a task that counts for longer than two ticks, could be protected and are not.
pub fn unprotected(run: &Run) -> Vec<String> {
    if !run.acts {
        return Vec::new();
    }
    let world = run.sim.world();
    let now = world.now();
    let mut wrong = Vec::new();
    for instance in world.all_instances() {
        let one = world.instance(instance);
        let (Some(member), Some(container)) = (&one.membership, &one.container) else { continue };
        let is_open = member.stage == Stage::InService
            && !member.protected_from_scale_in
            && container.status == Status::Active
            && !is_managed(&world, instance);
        let became_active = world.deeds().iter().rev().find_map(|entry| match &entry.deed {
            Deed::StatusChanged(other, Status::Active) if *other == instance => Some(entry.at),
            Deed::Protection { instance: other, .. } if *other == instance => Some(entry.at),
            _ => None,
        });
        let notes: Vec<_> = container.attributes.clone().into_iter().collect();
        if !is_open
            || stage_of(&notes) == Some("yielded")
            || became_active.is_some_and(|at| now.elapsed_since(at) < TWO_TICKS)
        {
            continue;
        }
        let old = |task: &TaskNo| {
            let task = world.task(*task);
            now.elapsed_since(task.created) > TWO_TICKS
                && task.asked_at.is_none_or(|asked| asked.elapsed_since(task.created) > TWO_TICKS)
                && task.asked_at.is_none()
        };
        let tasks = world.live_tasks(instance);
        if let Some(task) = tasks.into_iter().filter(|task| counts(run, &world, *task)).find(old) {
            let family = &world.task(task).family;
            wrong.push(format!("{now} {instance:?} runs {family} and is not protected ({notes:?})"));
        }
    }
    wrong
}

/// What is left when no job runs any more: notes, and protection of ours.
pub fn left_behind(run: &Run) -> Vec<String> {
    let world = run.sim.world();
    let mut wrong = Vec::new();
    for instance in world.all_instances() {
        let one = world.instance(instance);
        let (Some(member), Some(container)) = (&one.membership, &one.container) else { continue };
        let runs = world.live_tasks(instance).into_iter().any(|task| counts(run, &world, task));
        if one.power != Power::Running || member.stage != Stage::InService || runs {
            continue;
        }
        if let Some(note) = container.attributes.get(PROTECTED_SINCE) {
            let protected = member.protected_from_scale_in;
            wrong.push(format!("{instance:?} has the note {note}, protected: {protected}"));
        }
    }
    wrong
}
