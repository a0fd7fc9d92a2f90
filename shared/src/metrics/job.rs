//! How jobs ended that the policy speaks of.

use super::{Measure, Unit};
use crate::alert::limits;

/// How long a run took.
pub const JOB_SECONDS: &str = "JobSeconds";
/// What it ended with.
pub const JOB_EXIT_CODE: &str = "JobExitCode";
/// 1 where it failed, 0 where it succeeded.
pub const JOB_FAILURES: &str = "JobFailures";

/// What these are published under.
pub const DIMENSIONS: [&str; 2] = ["Cluster", "Family"];

/// One run that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// The cluster's name.
    pub cluster: String,
    /// The task definition's family.
    pub family: String,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How long it took; none where it never ran.
    pub seconds: Option<u32>,
    /// Its exit code; none where there is none. Codes of Windows lie above what a signed number holds.
    pub exit_code: Option<u32>,
}

impl JobRun {
    /// A run by names that `CloudWatch` takes as values of dimensions.
    #[must_use]
    pub fn new(cluster: &str, family: &str, succeeded: bool) -> Self {
        let value = |text| limits::ascii_line(text, limits::NAME_CHARS);
        Self { cluster: value(cluster), family: value(family), succeeded, seconds: None, exit_code: None }
    }

    /// Its metrics; what is not known is left out.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let measure = |name, unit| move |value| Measure { name, unit, value };
        [
            Some(u32::from(!self.succeeded)).map(measure(JOB_FAILURES, Unit::Count)),
            self.seconds.map(measure(JOB_SECONDS, Unit::Seconds)),
            self.exit_code.map(measure(JOB_EXIT_CODE, Unit::None)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
