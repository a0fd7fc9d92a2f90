//! How long things take that AWS decides.

use std::time::Duration;

/// Spans of AWS's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Between two rounds of ECS's service scheduler.
    pub scheduler_every: Duration,
    /// A call takes at least this long.
    pub latency_least: Duration,
    /// A call takes at most this long.
    pub latency_most: Duration,
    /// From `Terminating:Proceed` to the end of the instance.
    pub proceed_takes: Duration,
    /// From the end of an instance to when ECS knows.
    pub deregistration_takes: Duration,
    /// From a Spot warning to the end of the instance.
    pub spot_notice: Duration,
    /// How long a task that stopped can be described.
    pub stopped_tasks_stay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scheduler_every: Duration::from_secs(5),
            latency_least: Duration::from_millis(5),
            latency_most: Duration::from_millis(60),
            proceed_takes: Duration::from_secs(10),
            deregistration_takes: Duration::from_secs(20),
            spot_notice: Duration::from_mins(2),
            stopped_tasks_stay: Duration::from_hours(1),
        }
    }
}
