//! `[audit]`: how long a state may last before people are told of it.

use std::time::Duration;

/// The graces of `cluster-audit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditPolicy {
    /// A service runs fewer tasks than it should.
    pub below_desired_after: Duration,
    /// A task has not reached RUNNING, since it was asked for.
    pub task_stuck_after: Duration,
    /// An instance is DRAINING and nobody drains it.
    pub drain_stuck_after: Duration,
    /// An instance is `Terminating:Retained`.
    pub retained_after: Duration,
    /// An instance is protected from scale-in and runs nothing.
    pub stale_protection_after: Duration,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self {
            below_desired_after: Duration::from_mins(10),
            task_stuck_after: Duration::from_mins(15),
            drain_stuck_after: Duration::from_hours(1),
            // Who drains tells of it at once: this is about one that was left behind.
            retained_after: Duration::from_hours(1),
            stale_protection_after: Duration::from_hours(6),
        }
    }
}
