//! Whether calls kept to an allowance.

use shared::event::Timestamp;

use crate::api::{Allowance, Call};

/// How many of these calls there were above `burst` plus `rate` a second, in whatever window that is most.
/// The times have to be in order.
#[must_use]
pub fn over_budget(times: impl IntoIterator<Item = Timestamp>, burst: u64, rate: u64) -> u64 {
    // In thousandths of a call, which a millisecond refills a whole number of.
    let (mut level, mut highest, mut last): (u64, u64, Option<Timestamp>) = (0, 0, None);
    for at in times {
        let passed = last.map_or(0, |last| u64::try_from(at.millis_since(last)).unwrap_or(0));
        level = level.saturating_sub(passed.saturating_mul(rate)) + 1000;
        highest = highest.max(level);
        last = Some(at);
    }
    highest.div_ceil(1000).saturating_sub(burst)
}

/// How many calls of ECS's shared read allowance there were above what it allows.
#[must_use]
pub fn reads_over_budget(calls: &[Call]) -> u64 {
    let (burst, rate) = Allowance::ClusterResourceRead.burst_and_rate();
    over_budget(reads(calls), u64::from(burst), u64::from(rate))
}

/// When calls of ECS's shared read allowance were made.
pub fn reads(calls: &[Call]) -> impl Iterator<Item = Timestamp> {
    calls.iter().filter(|call| call.op.allowance() == Allowance::ClusterResourceRead).map(|call| call.at)
}
