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

/// A change of a protection.
struct Change<'a> {
    /// When.
    at: Timestamp,
    /// Of which instance.
    instance: InstanceNo,
    /// Whether it was protected before.
    before: bool,
    /// The stage noted on it.
    stage: Option<&'a str>,
    /// The tasks on it that count and had not stopped.
    tasks: BTreeSet<TaskNo>,
}

/// What is known of the past, up to some time.
struct Past<'a> {
    /// The run.
    run: &'a Run,
    /// The world, after it.
    world: &'a World,
    /// Whose each protection is, and since when.
    owners: BTreeMap<InstanceNo, (Owner, Timestamp)>,
    /// Since when an instance drains.
    drains: BTreeMap<InstanceNo, Timestamp>,
    /// Tasks for which an instance must not be protected again, since somebody took that back.
    not_again: BTreeMap<InstanceNo, BTreeSet<TaskNo>>,
    /// What was seen.
    seen: History,
}

impl Past<'_> {
    /// Whose it was, and whether that is so recent that an invocation may not have seen it.
    fn owner(&self, change: &Change<'_>) -> (Owner, bool) {
        let (owner, since) = self.owners.get(&change.instance).copied().unwrap_or((Owner::Nobody, change.at));
        (owner, change.at.elapsed_since(since) < RACE)
    }

    /// Notes what must not be.
    fn wrong(&mut self, change: &Change<'_>, what: &str) {
        self.seen.wrong.push(format!("{} {:?} {what}", change.at, change.instance));
    }

    /// The function set it; whose it is now.
    fn set(&mut self, change: &Change<'_>) -> Owner {
        self.seen.set += 1;
        let (owner, is_fresh) = self.owner(change);
        let is_others = owner == Owner::Others && change.before;
        let drains = self.drains.get(&change.instance).copied();
        let lives =
            |task: &TaskNo| self.world.task(*task).stopped_at.is_none_or(|stopped| stopped > change.at);
        let again = self.not_again.get(&change.instance).is_some_and(|tasks| tasks.iter().any(lives));
        for (is_wrong, what) in [
            (!self.run.acts, "protected in a dry run"),
            (change.stage.is_none(), "protected without a note"),
            (is_others && !is_fresh, "protected what somebody else protects"),
            (drains.is_some_and(|since| change.at.elapsed_since(since) > RACE), "protected while it drains"),
            (is_managed(self.world, change.instance), "protected in a managed group"),
            (again, "protected again for tasks for which somebody had taken that back"),
        ] {
            if is_wrong {
                self.wrong(change, what);
            }
        }
        if is_others { Owner::Others } else { Owner::Us }
    }

    /// The function took it.
    fn taken(&mut self, change: &Change<'_>) -> Owner {
        self.seen.taken += 1;
        if self.owner(change).0 == Owner::Others {
            self.wrong(change, "took what somebody else had set");
        }
        let old = |task: &TaskNo| change.at.elapsed_since(self.world.task(*task).created) > RACE;
        if change.tasks.iter().any(old) {
            self.wrong(change, "took it from under a task that counts");
        }
        Owner::Nobody
    }

    /// Somebody else set it. Where our note still says that it is ours, nobody can tell.
    fn set_by_others(&mut self, change: &Change<'_>) -> Owner {
        let is_noted = matches!(change.stage, Some("begun" | "held" | "idle"));
        if is_noted || (self.owner(change).0 == Owner::Us && change.before) {
            self.not_again.remove(&change.instance);
            Owner::Us
        } else {
            Owner::Others
        }
    }

    /// Somebody else took it.
    fn taken_by_others(&mut self, change: &Change<'_>) -> Owner {
        if change.before && change.stage == Some("held") {
            self.not_again.insert(change.instance, change.tasks.clone());
        }
        Owner::Nobody
    }
}

/// Goes through everything that happened.
pub fn history(run: &Run) -> History {
    let world = run.sim.world();
    let (owners, drains, not_again) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut past = Past { run, world: &world, owners, drains, not_again, seen: History::default() };
    for entry in world.deeds() {
        if let Deed::StatusChanged(instance, status) = &entry.deed {
            if *status == Status::Active {
                past.drains.remove(instance);
            } else {
                past.drains.entry(*instance).or_insert(entry.at);
            }
        }
        let Deed::Protection { instance, now, before, by_call, notes, tasks } = &entry.deed else { continue };
        let tasks = tasks.iter().copied().filter(|task| counts(run, &world, *task)).collect();
        let stage = stage_of(notes);
        let change = Change { at: entry.at, instance: *instance, before: *before, stage, tasks };
        let owner = match (by_call, now) {
            (true, true) => past.set(&change),
            (true, false) => past.taken(&change),
            (false, true) => past.set_by_others(&change),
            (false, false) => past.taken_by_others(&change),
        };
        past.owners.insert(*instance, (owner, entry.at));
    }
    let mut seen = past.seen;
    let writes = [Op::SetInstanceProtection, Op::PutAttributes, Op::DeleteAttributes];
    if !run.acts && world.calls().iter().any(|call| writes.contains(&call.op)) {
        seen.wrong.push("a dry run called something that changes".to_owned());
    }
    seen
}

/// When an instance last became what it is: set to ACTIVE, or protected or not by anybody.
fn changed(world: &World, instance: InstanceNo) -> Option<Timestamp> {
    world.deeds().iter().rev().find_map(|entry| {
        let is_it = match &entry.deed {
            Deed::StatusChanged(other, Status::Active) | Deed::Protection { instance: other, .. } => {
                *other == instance
            }
            Deed::StatusChanged(..)
            | Deed::TerminationBegan(_)
            | Deed::SpotWarned(_)
            | Deed::Terminated(..)
            | Deed::Parked(_)
            | Deed::Retained(_)
            | Deed::Heartbeat(..)
            | Deed::HookCompleted(..)
            | Deed::HookExpired(..)
            | Deed::HookSkipped(..)
            | Deed::Agent(..)
            | Deed::StopAsked { .. }
            | Deed::TaskStopped { .. }
            | Deed::TaskKilled { .. } => false,
        };
        is_it.then_some(entry.at)
    })
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
        let notes: Vec<_> = container.attributes.clone().into_iter().collect();
        if !is_open
            || stage_of(&notes) == Some("yielded")
            || changed(&world, instance).is_some_and(|at| now.elapsed_since(at) < TWO_TICKS)
        {
            continue;
        }
        let old = |task: &TaskNo| {
            let task = world.task(*task);
            now.elapsed_since(task.created) > TWO_TICKS && task.asked_at.is_none()
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
