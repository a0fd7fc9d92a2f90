//! Stops and messages by time, in a bounded number of buckets that get wider as the span grows.

use std::collections::BTreeMap;

use shared::alert::incident::Notice;
use shared::event::Timestamp;
use shared::judge::Cause;

use super::NOTICES;

/// Buckets, at most.
pub const BUCKETS: i64 = 120;
/// Widths of a bucket in milliseconds; each is a multiple of the one before.
const WIDTHS: [i64; 14] = [
    1_000,
    5_000,
    10_000,
    30_000,
    60_000,
    300_000,
    600_000,
    1_800_000,
    3_600_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
];

/// What happened within a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Stops worth an alert, by cause.
    pub abnormal: [u64; Cause::ALL.len()],
    /// Stops that were expected.
    pub expected: u64,
    /// Messages, by what they say.
    pub messages: [u64; NOTICES.len()],
}

impl Default for Bucket {
    fn default() -> Self {
        Self { abnormal: [0; Cause::ALL.len()], expected: 0, messages: [0; NOTICES.len()] }
    }
}

impl Bucket {
    /// Adds another.
    fn add(&mut self, other: &Self) {
        for (one, more) in self.abnormal.iter_mut().zip(other.abnormal) {
            *one += more;
        }
        for (one, more) in self.messages.iter_mut().zip(other.messages) {
            *one += more;
        }
        self.expected += other.expected;
    }

    /// Its stops worth an alert.
    #[must_use]
    pub fn all_abnormal(&self) -> u64 {
        self.abnormal.iter().sum()
    }

    /// Its messages.
    #[must_use]
    pub fn all_messages(&self) -> u64 {
        self.messages.iter().sum()
    }
}

/// Buckets by their number: times divided by the width.
#[derive(Debug)]
pub struct Timeline {
    /// The width of a bucket, in milliseconds.
    width: i64,
    /// Those that something happened in.
    buckets: BTreeMap<i64, Bucket>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { width: WIDTHS[0], buckets: BTreeMap::new() }
    }
}

impl Timeline {
    /// Notes a stop.
    pub fn stop(&mut self, at: Timestamp, cause: Cause, abnormal: bool) {
        let bucket = self.bucket(at);
        if abnormal {
            bucket.abnormal[cause as usize] += 1;
        } else {
            bucket.expected += 1;
        }
    }

    /// Notes a message.
    pub fn message(&mut self, at: Timestamp, notice: Notice) {
        self.bucket(at).messages[notice as usize] += 1;
    }

    /// The bucket of a time; makes all of them wider where there would be too many.
    fn bucket(&mut self, at: Timestamp) -> &mut Bucket {
        let millis = at.as_millis();
        while !self.has_room_for(millis.div_euclid(self.width)) {
            self.widen();
        }
        self.buckets.entry(millis.div_euclid(self.width)).or_default()
    }

    /// Whether all buckets with this one are few enough.
    fn has_room_for(&self, number: i64) -> bool {
        let first = self.buckets.first_key_value().map_or(number, |(first, _)| number.min(*first));
        let last = self.buckets.last_key_value().map_or(number, |(last, _)| number.max(*last));
        last.saturating_sub(first) < BUCKETS
    }

    /// Goes to the next width.
    fn widen(&mut self) {
        let next = WIDTHS.iter().find(|width| **width > self.width);
        let next = next.copied().unwrap_or_else(|| self.width.saturating_mul(2));
        let factor = next / self.width;
        for (number, bucket) in std::mem::take(&mut self.buckets) {
            self.buckets.entry(number.div_euclid(factor)).or_default().add(&bucket);
        }
        self.width = next;
    }

    /// The width of a bucket, in milliseconds.
    #[must_use]
    pub const fn width(&self) -> i64 {
        self.width
    }

    /// The buckets that something happened in, each with its begin.
    pub fn buckets(&self) -> impl Iterator<Item = (Timestamp, &Bucket)> {
        let width = self.width;
        self.buckets.iter().map(move |(number, bucket)| (Timestamp::from_millis(number * width), bucket))
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Cause, Notice, Timeline, Timestamp, WIDTHS};

    #[test]
    fn each_width_is_a_multiple_of_the_one_before() {
        assert!(WIDTHS.windows(2).all(|pair| pair[1] % pair[0] == 0 && pair[1] > pair[0]));
    }

    #[test]
    fn buckets_get_wider_and_nothing_is_lost() {
        let mut timeline = Timeline::default();
        for second in 0..200_000_i64 {
            timeline.stop(Timestamp::from_millis(second * 700), Cause::Killed, second % 2 == 0);
        }
        timeline.message(Timestamp::from_millis(-5_000), Notice::Digest);
        assert!(timeline.buckets.len() <= usize::try_from(BUCKETS).unwrap_or(0));
        let all: u64 = timeline.buckets().map(|(_, bucket)| bucket.all_abnormal()).sum();
        let expected: u64 = timeline.buckets().map(|(_, bucket)| bucket.expected).sum();
        assert_eq!((all, expected), (100_000, 100_000));
        assert_eq!(timeline.buckets().map(|(_, bucket)| bucket.all_messages()).sum::<u64>(), 1);
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        let mut timeline = Timeline::default();
        for millis in [i64::MIN / 4, 0, i64::MAX / 4] {
            timeline.stop(Timestamp::from_millis(millis), Cause::Killed, true);
        }
        assert_eq!(timeline.buckets().map(|(_, bucket)| bucket.all_abnormal()).sum::<u64>(), 3);
    }
}
