//! A token bucket.

use shared::event::Timestamp;

/// A call costs a thousand of these, so that a millisecond refills a whole number of them.
const CALL: u64 = 1000;

/// What is left of an allowance.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// How much it holds.
    most: u64,
    /// Calls a second.
    rate: u64,
    /// What is left.
    left: u64,
    /// When it was last looked at.
    seen: Timestamp,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub const fn full(burst: u32, rate: u32, now: Timestamp) -> Self {
        let most = burst as u64 * CALL;
        Self { most, rate: rate as u64, left: most, seen: now }
    }

    /// Pays for a call; whether there was enough.
    pub fn pay(&mut self, now: Timestamp) -> bool {
        let passed = u64::try_from(now.millis_since(self.seen)).unwrap_or(0);
        self.left = self.left.saturating_add(passed.saturating_mul(self.rate)).min(self.most);
        self.seen = self.seen.max(now);
        let enough = self.left >= CALL;
        if enough {
            self.left -= CALL;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use crate::world::BEGINNING;
    use shared::event::Timestamp;

    #[test]
    fn a_bucket_empties_and_fills() {
        let mut bucket = Bucket::full(100, 20, BEGINNING);
        assert_eq!((0..150).filter(|_| bucket.pay(BEGINNING)).count(), 100);
        let later = |millis| Timestamp::from_millis(BEGINNING.as_millis() + millis);
        assert!(!bucket.pay(later(49)), "49 ms are not a call yet");
        assert!(bucket.pay(later(50)));
        assert!(!bucket.pay(later(50)));
        assert_eq!((0..150).filter(|_| bucket.pay(later(1_000_000))).count(), 100, "never above the burst");
    }
}
