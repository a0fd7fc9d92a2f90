//! The same fleets and seeds for every algorithm: what each costs, and whom.

mod algorithm;
#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;

use std::collections::BTreeSet;

use crate::ec2::InstanceNo;
use crate::ecs::Class;
use crate::report::{Drain, Report};
use crate::scenario::Scenario;
use crate::world::World;
use crate::world::ledger::Deed;

/// What became of an algorithm's drains, over some seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub algorithm: Algorithm,
    /// Terminations.
    pub drains: usize,
    /// Tasks that were killed with their instance; those of daemon services not counted.
    pub killed: usize,
    /// Terminations that nobody completed: their hooks expired, or hold them still.
    pub never_completed: usize,
    /// Hooks whose time was over.
    pub expired: usize,
    /// Calls.
    pub calls: usize,
    /// Of these, those that were throttled.
    pub throttled: usize,
    /// Milliseconds from an instance's last stop to the completion of its hook, in order; only of instances on
    /// which no task was killed, since the others were let go too early.
    lateness: Vec<i64>,
}

impl Row {
    /// Nothing yet.
    const fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            drains: 0,
            killed: 0,
            never_completed: 0,
            expired: 0,
            calls: 0,
            throttled: 0,
            lateness: Vec::new(),
        }
    }

    /// Adds a run.
    fn add(&mut self, report: &Report, world: &World) {
        let harmed = harmed(world);
        self.drains += report.drains.len();
        self.killed += report.killed;
        self.never_completed += report.drains.iter().filter(|drain| drain.completed.is_none()).count();
        self.expired += report.expired;
        self.calls += report.all_calls();
        self.throttled += report.throttled;
        let unharmed = report.drains.iter().filter(|drain| !harmed.contains(&drain.instance));
        self.lateness.extend(unharmed.filter_map(Drain::lateness));
        self.lateness.sort_unstable();
    }

    /// Calls for each termination.
    #[must_use]
    pub fn calls_per_instance(&self) -> f64 {
        each(self.calls, self.drains)
    }

    /// Milliseconds from the last stop to the completion, of instances on which no task was killed: the middle
    /// one and the longest; none where there is none.
    #[must_use]
    pub fn lateness(&self) -> Option<(i64, i64)> {
        Some((*self.lateness.get(self.lateness.len() / 2)?, *self.lateness.last()?))
    }
}

/// Instances on which a task was killed that is of no daemon service.
fn harmed(world: &World) -> BTreeSet<InstanceNo> {
    let killed = world.deeds().iter().filter_map(|entry| {
        let Deed::TaskKilled { instance, class: Class::Replica | Class::Standalone, .. } = &entry.deed else {
            return None;
        };
        Some(*instance)
    });
    killed.collect()
}

/// Runs one algorithm on so many seeds, beginning with the scenario's.
#[must_use]
pub fn row(algorithm: Algorithm, scenario: &Scenario, seeds: u64) -> Row {
    let mut row = Row::new(algorithm);
    for number in 0..seeds {
        let scenario = Scenario { seed: scenario.seed.wrapping_add(number), ..*scenario };
        let sim = scenario.simulate();
        let mut driver = algorithm.drive(&sim, &scenario);
        // Where it never becomes quiet, the row says how many were never completed.
        scenario.run(driver.as_mut());
        row.add(&driver.report(), &sim.world());
    }
    row
}

/// How many there are for each, to the tenth.
#[must_use]
pub fn each(count: usize, of: usize) -> f64 {
    let tenths = (count * 10 + of / 2).checked_div(of).unwrap_or(0);
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
}

/// Runs every algorithm, ours first.
pub fn rows(scenario: &Scenario, seeds: u64) -> impl Iterator<Item = Row> + use<> {
    let scenario = *scenario;
    Algorithm::ALL.into_iter().map(move |algorithm| row(algorithm, &scenario, seeds))
}
