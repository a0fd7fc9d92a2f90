//! What became of a run.

mod drains;
mod spending;
#[cfg(test)]
mod tests;

pub use drains::Drain;
pub use spending::{over_budget, reads, reads_over_budget};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use shared::drain::auto_scaling::ActionResult;

use crate::api::{Op, Outcome};
use crate::drive::invocations::Invocations;
use crate::ec2::InstanceNo;
use crate::ecs::Class;
use crate::world::World;
use crate::world::ledger::Deed;

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tasks of REPLICA services and of none that had not stopped when their instance ended.
    pub killed: usize,
    /// Of these, those on instances whose hook was completed with CONTINUE: nobody else is to blame.
    pub killed_after_continue: usize,
    /// Of these, those whose stop had not even been asked for.
    pub killed_unasked: usize,
    /// Of these, those that EC2 took with a Spot instance.
    pub killed_by_spot: usize,
    /// Of these, those that were protected.
    pub killed_protected: usize,
    /// Tasks of DAEMON services that had not stopped when their instance ended.
    pub daemons_killed: usize,
    /// Hooks completed with CONTINUE.
    pub continued: usize,
    /// Hooks completed with ABANDON.
    pub abandoned: usize,
    /// Hooks whose time was over.
    pub expired: usize,
    /// Heartbeats that were taken.
    pub heartbeats: usize,
    /// Instances that were kept since a hook was abandoned.
    pub retained: usize,
    /// Terminations that began and are not over: a hook still holds the instance.
    pub unfinished: usize,
    /// Each termination that began.
    pub drains: Vec<Drain>,
    /// Calls by operation.
    pub calls: BTreeMap<Op, usize>,
    /// Calls that were throttled.
    pub throttled: usize,
    /// How many calls of ECS's shared read allowance there were above what it allows, at worst.
    pub reads_over_budget: u64,
    /// How invocations ended.
    pub invocations: Invocations,
}

impl Report {
    /// What became of a world so far.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut report = Self { reads_over_budget: reads_over_budget(world.calls()), ..Self::default() };
        for call in world.calls() {
            *report.calls.entry(call.op).or_default() += 1;
            report.throttled += usize::from(call.outcome == Outcome::Throttled);
        }
        let mut let_go = BTreeSet::new();
        for entry in world.deeds() {
            report.count(world, &entry.deed, &mut let_go);
        }
        report.drains = drains::all(world);
        report.unfinished = report.drains.iter().filter(|drain| drain.is_held(world)).count();
        report
    }

    /// Counts one deed.
    fn count(&mut self, world: &World, deed: &Deed, let_go: &mut BTreeSet<InstanceNo>) {
        match deed {
            Deed::TaskKilled { class: Class::Daemon, .. } => self.daemons_killed += 1,
            Deed::TaskKilled {
                class: Class::Replica | Class::Standalone,
                instance,
                asked_to_stop,
                protected,
                ..
            } => {
                self.killed += 1;
                self.killed_unasked += usize::from(!asked_to_stop);
                self.killed_protected += usize::from(*protected);
                let ended = world.instance(*instance);
                let by_spot = ended.spot_ends_at.is_some() && ended.spot_ends_at == ended.ended_at;
                self.killed_by_spot += usize::from(by_spot);
                self.killed_after_continue += usize::from(!by_spot && let_go.contains(instance));
            }
            Deed::HookCompleted(instance, _, ActionResult::Continue) => {
                self.continued += 1;
                let_go.insert(*instance);
            }
            Deed::HookCompleted(instance, _, ActionResult::Abandon) => {
                self.abandoned += 1;
                let_go.remove(instance);
            }
            Deed::HookExpired(instance, _, _) => {
                self.expired += 1;
                let_go.remove(instance);
            }
            Deed::Heartbeat(..) => self.heartbeats += 1,
            Deed::Retained(_) => self.retained += 1,
            Deed::TerminationBegan(_)
            | Deed::SpotWarned(_)
            | Deed::Terminated(..)
            | Deed::Parked(_)
            | Deed::Protection { .. }
            | Deed::HookSkipped(..)
            | Deed::StatusChanged(..)
            | Deed::Agent(..)
            | Deed::StopAsked { .. }
            | Deed::TaskStopped { .. } => {}
        }
    }

    /// All calls.
    #[must_use]
    pub fn all_calls(&self) -> usize {
        self.calls.values().sum()
    }

    /// Milliseconds from an instance's last stop to the completion of its hooks: the middle one and the longest.
    #[must_use]
    pub fn lateness(&self) -> Option<(i64, i64)> {
        let mut late: Vec<i64> = self.drains.iter().filter_map(Drain::lateness).collect();
        late.sort_unstable();
        Some((*late.get(late.len() / 2)?, *late.last()?))
    }
}

impl fmt::Display for Report {
    /// In one line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (middle, longest) = self.lateness().unwrap_or_default();
        let per_drain = self.all_calls() * 10 / self.drains.len().max(1);
        write!(
            formatter,
            "{} drains: {} continued, {} abandoned, {} expired, {} unfinished; {} tasks killed ({} after a \
             CONTINUE, {} by Spot), {} daemons; {} calls, {}.{} a drain, {} throttled, reads {} over the \
             allowance; {} heartbeats; let go {} to {} s after the last stop (median, longest)",
            self.drains.len(),
            self.continued,
            self.abandoned,
            self.expired,
            self.unfinished,
            self.killed,
            self.killed_after_continue,
            self.killed_by_spot,
            self.daemons_killed,
            self.all_calls(),
            per_drain / 10,
            per_drain % 10,
            self.throttled,
            self.reads_over_budget,
            self.heartbeats,
            middle / 1000,
            longest / 1000,
        )
    }
}
