//! The algorithms that are compared.

use shared::drain::settings::Settings;
use shared::policy::Policy;

use crate::algorithms::{
    completes_on_retry, count_only, first_page_only, ours, republishes, running_list_only,
    sleeps_to_the_limit,
};
use crate::drive::Drive;
use crate::scenario::Scenario;
use crate::sim::Sim;

/// A way of seeing instances out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ours.
    Ours,
    /// [`count_only`].
    CountOnly,
    /// [`running_list_only`].
    RunningListOnly,
    /// [`completes_on_retry`].
    CompletesOnRetry,
    /// [`first_page_only`].
    FirstPageOnly,
    /// [`sleeps_to_the_limit`].
    SleepsToTheLimit,
    /// [`republishes`].
    Republishes,
}

impl Algorithm {
    /// Every one of them, ours first.
    pub const ALL: [Self; 7] = [
        Self::Ours,
        Self::CountOnly,
        Self::RunningListOnly,
        Self::CompletesOnRetry,
        Self::FirstPageOnly,
        Self::SleepsToTheLimit,
        Self::Republishes,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::CountOnly => "count-only",
            Self::RunningListOnly => "running-list-only",
            Self::CompletesOnRetry => "completes-on-retry",
            Self::FirstPageOnly => "first-page-only",
            Self::SleepsToTheLimit => "sleeps-to-the-limit",
            Self::Republishes => "republishes",
        }
    }

    /// What it does that the others do not.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ours => "instance-drain itself: events and a tick each minute, nothing waits",
            Self::CountOnly => "empty is when ECS counts no running and no pending task",
            Self::RunningListOnly => "empty is when ListTasks lists nothing as RUNNING",
            Self::CompletesOnRetry => "completes the hook where a call fails or the event comes again",
            Self::FirstPageOnly => "never asks for a second page of instances or tasks",
            Self::SleepsToTheLimit => "waits 15 minutes inside one invocation, without heartbeats",
            Self::Republishes => "looks again by a message to itself, 16 times before Lambda ends the loop",
        }
    }

    /// Drives it in the world of a scenario.
    #[must_use]
    pub fn drive(self, sim: &Sim, scenario: &Scenario) -> Box<dyn Drive> {
        match self {
            Self::Ours => ours::drive(sim, scenario.feed(), Policy::default(), Settings::default()),
            Self::CountOnly => count_only::drive(sim),
            Self::RunningListOnly => running_list_only::drive(sim),
            Self::CompletesOnRetry => completes_on_retry::drive(sim),
            Self::FirstPageOnly => first_page_only::drive(sim),
            Self::SleepsToTheLimit => sleeps_to_the_limit::drive(sim),
            Self::Republishes => republishes::drive(sim),
        }
    }
}
