//! From what the policy says of the tasks on an instance to what is done, or would be.

use std::time::Duration;

use super::decide::{Snapshot, Tasks, step};
use super::step::{Leave, Step};
use crate::event::Timestamp;

/// What is known of the tasks on an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnHost {
    /// Tasks for which the policy protects.
    pub acting: usize,
    /// Tasks for which it only says what it would do.
    pub trial: usize,
    /// All its tasks were listed, and those for which the policy protects have stopped.
    pub seen_gone: bool,
    /// Why not everything is known, where it is not.
    pub trouble: Option<String>,
}

impl OnHost {
    /// So many tasks that count, or none.
    fn tasks(&self, count: usize) -> Tasks {
        match (count, &self.trouble) {
            (1.., _) => Tasks::Some(count),
            (0, Some(why)) => Tasks::Unknown(why.clone()),
            (0, None) if self.seen_gone => Tasks::Gone,
            (0, None) => Tasks::NoneSeen,
        }
    }
}

/// What is next, and whether it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is next.
    pub step: Step,
    /// Whether it is done, not only said.
    pub acts: bool,
}

/// Plans for one instance of a cluster. `cluster_acts`: whether the policy protects anything in it, or takes
/// back; where it does not, nothing is changed.
#[must_use]
pub fn plan(
    seen: &Snapshot,
    on: &OnHost,
    cluster_acts: bool,
    now: Timestamp,
    release_after: Duration,
) -> Plan {
    let of = |count| step(&Snapshot { tasks: on.tasks(count), ..seen.clone() }, now, release_after);
    if !cluster_acts {
        return Plan { step: of(on.acting + on.trial), acts: false };
    }
    let step = of(on.acting);
    if step == Step::Leave(Leave::NothingToProtect) && on.trial > 0 {
        return Plan { step: of(on.trial), acts: false };
    }
    Plan { step, acts: true }
}
