//! How drains stand as a whole, as a tick measures it.

use super::round::Round;
use super::target::{Deed, Target};
use crate::drain::{Leave, Step};
use crate::event::Timestamp;
use crate::metrics::Drains;
use crate::ports::Clock;

impl<E, A, P, M, C: Clock, L> Round<'_, E, A, P, M, C, L> {
    /// How many instances wait for a hook of ours after a look at all that wait, and for how long the oldest
    /// has. None where Auto Scaling left anything open: unknown is not zero.
    pub(super) fn measure(&self) -> Option<Drains> {
        if self.targets.values().any(Target::is_unseen) {
            return None;
        }
        let now = self.calls.now();
        let mut drains = Drains::default();
        for since in self.targets.values().filter_map(|target| target.held_since(now)) {
            let seconds = u32::try_from(now.elapsed_since(since).as_secs()).unwrap_or(u32::MAX);
            drains.in_flight += 1;
            drains.oldest_seconds = drains.oldest_seconds.max(seconds);
        }
        Some(drains)
    }
}

impl Target {
    /// Since when a hook of ours holds it; none where none does, or ours is done with it.
    fn held_since(&self, now: Timestamp) -> Option<Timestamp> {
        let hook = self.hook.as_ref().filter(|_| self.waits())?;
        let is_done = self.step == Some(Step::Leave(Leave::Released))
            || self.done.contains(&Deed::Completed)
            || self.done.contains(&Deed::WasOver);
        let marked = self.new_marks.map(|marks| marks.since);
        (!is_done).then(|| marked.unwrap_or_else(|| self.seen.held_since(Some(hook), now)))
    }

    /// Whether Auto Scaling did not say that it waits, or for which hooks.
    fn is_unseen(&self) -> bool {
        let is_nobodys = || matches!(&self.step, Some(Step::Leave(Leave::NoHookOfOurs(_) | Leave::Released)));
        self.hook.is_none() && if self.waits() { !is_nobodys() } else { self.step.is_none() }
    }
}
