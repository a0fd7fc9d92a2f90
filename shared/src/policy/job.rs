//! `[[job]]`: how often a job is to succeed, and how long it may run.

use std::time::Duration;

use super::Policy;

/// The longest time between two successes, a month and some days: what is remembered of a job is kept for longer.
pub const LONGEST: Duration = Duration::from_hours(35 * 24);

/// One `[[job]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRule {
    /// The cluster's name. It is no pattern: of a job that never ran, nothing else says where it should have.
    pub cluster: String,
    /// The task definition's family.
    pub family: String,
    /// How long after one success there has to be another.
    pub succeeds_every: Option<Duration>,
    /// How long a run may take.
    pub runs_at_most: Option<Duration>,
}

impl Policy {
    /// What is said of a family's jobs in a cluster.
    #[must_use]
    pub fn job(&self, cluster: &str, family: &str) -> Option<&JobRule> {
        self.jobs_in(cluster).find(|job| job.family == family)
    }

    /// The jobs of a cluster that something is said of, each once: the last that is said of it.
    pub fn jobs_in(&self, cluster: &str) -> impl Iterator<Item = &JobRule> {
        let of_cluster = self.jobs.iter().enumerate().filter(move |(_, job)| job.cluster == cluster);
        let is_last = |(at, job): &(usize, &JobRule)| {
            !self
                .jobs
                .iter()
                .skip(at + 1)
                .any(|later| (&later.cluster, &later.family) == (&job.cluster, &job.family))
        };
        of_cluster.filter(is_last).map(|(_, job)| job)
    }
}
