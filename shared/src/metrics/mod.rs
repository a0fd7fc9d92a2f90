//! What is counted, by what. Never by task: every value of a dimension is a metric somebody pays for.

pub mod emf;

use std::collections::BTreeMap;

use crate::alert::{Subject, limits};
use crate::verdict::{Cause, Verdict};

/// The namespace unless the environment names another.
pub const DEFAULT_NAMESPACE: &str = "ecs-steward";
/// How many verdicts there were.
pub const VERDICTS: &str = "Verdicts";
/// How many of them were alerts.
pub const ALERTS: &str = "Alerts";
/// How many messages were accepted.
pub const MESSAGES: &str = "Messages";
/// How many alerts nobody was told of one by one.
pub const SUPPRESSED: &str = "Suppressed";
/// How many verdicts did not reach the bus.
pub const VERDICTS_LOST: &str = "VerdictsLost";
/// How many calls of the alert table failed.
pub const TABLE_FAILURES: &str = "TableFailures";
/// How many alerts could not be published.
pub const PUBLISH_FAILURES: &str = "PublishFailures";
/// Stands for a cluster or workload nobody knows; CloudWatch refuses an empty dimension.
const UNKNOWN: &str = "-";

/// The sets of dimensions each count is published under.
pub const DIMENSIONS: [&[&str]; 3] = [&["Cause"], &["Cluster", "Cause"], &["Cluster", "Workload", "Cause"]];

/// What verdicts are counted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimensions {
    /// The cluster's name.
    pub cluster: String,
    /// The service, or the family of a job.
    pub workload: String,
    /// The cause.
    pub cause: Cause,
}

impl Dimensions {
    /// The value of a dimension by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        match name {
            "Cluster" => &self.cluster,
            "Workload" => &self.workload,
            _ => self.cause.word(),
        }
    }
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All verdicts.
    pub verdicts: u32,
    /// Those that are alerts.
    pub alerts: u32,
}

/// The counts of one invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Verdicts by their dimensions.
    pub counts: BTreeMap<Dimensions, Count>,
    /// Messages that were accepted: alerts, digests and recoveries.
    pub messages: u32,
    /// Alerts nobody was told of one by one, since people know.
    pub suppressed: u32,
    /// Alerts that could not be published.
    pub publish_failures: u32,
    /// Calls of the alert table that failed.
    pub table_failures: u32,
    /// Verdicts that did not reach the bus.
    pub verdicts_lost: u32,
}

impl Tally {
    /// Counts a verdict.
    pub fn add(&mut self, verdict: &Verdict, subject: &Subject) {
        let dimension = |text: Option<&str>| {
            let value = limits::ascii_line(text.unwrap_or_default(), limits::NAME_CHARS);
            if value.is_empty() { UNKNOWN.to_owned() } else { value }
        };
        let key = Dimensions {
            cluster: dimension(subject.cluster.as_deref()),
            workload: dimension(subject.workload()),
            cause: verdict.cause,
        };
        let count = self.counts.entry(key).or_default();
        count.verdicts += 1;
        count.alerts += u32::from(verdict.is_alert());
    }

    /// What is counted for the function as a whole, by the metric's name.
    #[must_use]
    pub const fn of_function(&self) -> [(&'static str, u32); 5] {
        [
            (MESSAGES, self.messages),
            (SUPPRESSED, self.suppressed),
            (PUBLISH_FAILURES, self.publish_failures),
            (TABLE_FAILURES, self.table_failures),
            (VERDICTS_LOST, self.verdicts_lost),
        ]
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.of_function().iter().all(|(_, count)| *count == 0)
    }
}
