//! How stops are grouped: when people hear of an incident again, and when it is over.

use std::time::Duration;

use crate::event::Timestamp;

/// From the first alert to the first digest.
pub const FIRST_DIGEST: Duration = Duration::from_mins(5);
/// The spacing of digests doubles up to this.
pub const LONGEST_SPACING: Duration = Duration::from_hours(4);
/// How long a cluster-wide alert gathers names before it is sent.
pub const STORM_GATHERS: Duration = Duration::from_secs(30);
/// Within this many seconds the incidents of a cluster are counted for a storm.
pub const STORM_WINDOW: Duration = Duration::from_mins(1);
/// How long after its last newcomer a storm still takes newcomers in.
pub const STORM_ABSORBS: Duration = Duration::from_mins(5);
/// How long ECS may be silent about trouble of a service that goes on: it repeats itself after six hours, and an hour
/// is on top of that
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html>).
pub const SILENCE_OF_ECS: Duration = Duration::from_hours(7);
/// A state that nobody has seen again for this long is taken for over: whoever looked at it does not any more. It is
/// longer than two of the daily reminders.
pub const SILENCE_OF_AUDITS: Duration = Duration::from_hours(50);
/// How late a digest may be and still be taken for one on time: ticks come each minute.
const ON_TIME: Duration = Duration::from_mins(2);

/// What a team may set of it, in `[grouping]` of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// How long a fingerprint is quiet before its incident is over. Longer than 27 minutes, the longest pause ECS
    /// makes between two attempts to start a failing service's task
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>).
    pub quiet_after: Duration,
    /// The same where ECS has said meanwhile that the service is steady.
    pub steady_after: Duration,
    /// More new incidents of one cluster than this within a minute are told together; 0 where never.
    pub storm_at: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { quiet_after: Duration::from_hours(1), steady_after: Duration::from_mins(10), storm_at: 5 }
    }
}

/// The spacing before the digest after this many: 5, 10, 20 … 240 minutes.
#[must_use]
pub fn spacing(digests: u32) -> Duration {
    let doubled = FIRST_DIGEST.saturating_mul(1_u32.checked_shl(digests.min(10)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_SPACING)
}

/// When the digest after this one is due: counted from when this one was due where it is on time, so that
/// late ticks do not add up.
#[must_use]
pub fn next_after(due: Timestamp, now: Timestamp, digests: u32) -> Timestamp {
    let from = if now.elapsed_since(due) <= ON_TIME { due } else { now };
    from.plus(spacing(digests))
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, next_after, spacing};

    #[test]
    fn the_spacing_doubles_up_to_four_hours() {
        let minutes: Vec<_> = (0..9).map(|digests| spacing(digests).as_secs() / 60).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 80, 160, 240, 240, 240]);
        assert_eq!(spacing(u32::MAX).as_secs(), 240 * 60);
    }

    #[test]
    fn a_late_tick_does_not_shift_the_digests() {
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        assert_eq!(next_after(at(5), at(6), 1), at(15));
        assert_eq!(next_after(at(5), at(100), 1), at(110), "nothing was told for long: from now on");
    }
}
