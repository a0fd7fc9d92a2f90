//! What is counted, by what. Never by task: every value of a dimension is a metric somebody pays for.

pub mod emf;
pub mod job;

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
/// How many looks did not see everything there is to see.
pub const NOT_AUDITED: &str = "NotAudited";
/// How many ticks were handled.
pub const TICKS: &str = "Ticks";
/// How many instances wait for a hook of ours.
pub const DRAINS_IN_FLIGHT: &str = "DrainsInFlight";
/// For how long the oldest of them has waited.
pub const OLDEST_DRAIN_SECONDS: &str = "OldestDrainSeconds";
/// How many instances are protected from scale-in by us.
pub const PROTECTED_INSTANCES: &str = "ProtectedInstances";
/// How many instances run tasks that must not be cut, and scale-in may take them.
pub const INSTANCES_AT_RISK: &str = "InstancesAtRisk";
/// How many groups have no instance left that scale-in may take.
pub const FULLY_PROTECTED_GROUPS: &str = "FullyProtectedGroups";
/// How many volumes have a burst balance that was read.
pub const VOLUMES_MEASURED: &str = "VolumesMeasured";
/// How many need none.
pub const VOLUMES_SKIPPED: &str = "VolumesSkipped";
/// How many should have one, and CloudWatch has no value of late.
pub const VOLUMES_WITHOUT_VALUE: &str = "VolumesWithoutValue";
/// How many have one that could not be read.
pub const VOLUMES_UNREAD: &str = "VolumesUnread";
/// The lowest of them.
pub const LOWEST_BURST_BALANCE: &str = "LowestBurstBalance";
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

/// How drains stood after a look at every instance that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drains {
    /// Instances that wait for a hook of ours.
    pub in_flight: u32,
    /// Seconds since the hook of the oldest of them began to hold it; 0 where there is none.
    pub oldest_seconds: u32,
}

/// What is protected from scale-in, after a look at every instance that matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protections {
    /// Instances that are protected by us.
    pub protected: u32,
    /// Instances that run tasks which count, and that scale-in may take: in a dry run, those that would be protected.
    pub at_risk: u32,
    /// Groups of which we protect an instance and of which scale-in may take none.
    pub full_groups: u32,
}

/// Volumes after a look at all clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volumes {
    /// Those whose burst balance was read.
    pub measured: u32,
    /// Those that have none, or never need it.
    pub skipped: u32,
    /// Those that should have one, and of which CloudWatch has no value of late.
    pub without_value: u32,
    /// Those whose balance could not be read.
    pub unread: u32,
    /// The lowest balance in percent; none where there is none. Unknown is not full.
    pub lowest_percent: Option<u32>,
}

impl Volumes {
    /// As metrics.
    fn measures(self) -> impl Iterator<Item = Measure> {
        let counts = [
            (VOLUMES_MEASURED, self.measured),
            (VOLUMES_SKIPPED, self.skipped),
            (VOLUMES_WITHOUT_VALUE, self.without_value),
            (VOLUMES_UNREAD, self.unread),
        ];
        let counts = counts.into_iter().map(|(name, value)| Measure { name, unit: Unit::Count, value });
        let lowest = self.lowest_percent.map(|value| Measure {
            name: LOWEST_BURST_BALANCE,
            unit: Unit::Percent,
            value,
        });
        counts.chain(lowest)
    }
}

/// What the number of a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Seconds,
    /// A share.
    Percent,
    /// A code.
    None,
}

impl Unit {
    /// CloudWatch's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Percent => "Percent",
            Self::None => "None",
        }
    }
}

/// The value of a metric of the function as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The metric's name.
    pub name: &'static str,
    /// What the value is.
    pub unit: Unit,
    /// The value.
    pub value: u32,
}

/// What one invocation counted and measured.
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
    /// Looks that did not see everything there is to see.
    pub not_audited: u32,
    /// Ticks that were handled.
    pub ticks: u32,
    /// How drains stand; none where nobody looked, or not everything could be seen. Unknown is not zero.
    pub drains: Option<Drains>,
    /// What is protected; none where nobody looked, or not everything could be seen.
    pub protections: Option<Protections>,
    /// Jobs that ended, of those the policy speaks of.
    pub jobs: Vec<job::JobRun>,
    /// How volumes stand; none where nobody looked.
    pub volumes: Option<Volumes>,
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

    /// What is told of the function as a whole: counts of what happened, and what was measured, 0 too.
    #[must_use]
    pub fn of_function(&self) -> Vec<Measure> {
        let counts = [
            (MESSAGES, self.messages),
            (SUPPRESSED, self.suppressed),
            (PUBLISH_FAILURES, self.publish_failures),
            (TABLE_FAILURES, self.table_failures),
            (VERDICTS_LOST, self.verdicts_lost),
            (NOT_AUDITED, self.not_audited),
            (TICKS, self.ticks),
        ];
        let counts = counts.into_iter().filter(|(_, value)| *value > 0);
        let counts = counts.map(|(name, value)| Measure { name, unit: Unit::Count, value });
        let measured = self.drains.map(|Drains { in_flight, oldest_seconds }| {
            [
                Measure { name: DRAINS_IN_FLIGHT, unit: Unit::Count, value: in_flight },
                Measure { name: OLDEST_DRAIN_SECONDS, unit: Unit::Seconds, value: oldest_seconds },
            ]
        });
        let protections = self.protections.map(|Protections { protected, at_risk, full_groups }| {
            [
                (PROTECTED_INSTANCES, protected),
                (INSTANCES_AT_RISK, at_risk),
                (FULLY_PROTECTED_GROUPS, full_groups),
            ]
            .map(|(name, value)| Measure { name, unit: Unit::Count, value })
        });
        let volumes = self.volumes.map(Volumes::measures);
        counts
            .chain(measured.into_iter().flatten())
            .chain(protections.into_iter().flatten())
            .chain(volumes.into_iter().flatten())
            .collect()
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.jobs.is_empty() && self.of_function().is_empty()
    }
}
