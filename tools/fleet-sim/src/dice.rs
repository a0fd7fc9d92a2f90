//! Chance that a seed repeats: `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.

use std::time::Duration;

/// A seeded source of numbers: same seed, same numbers.
#[derive(Clone, Debug)]
pub struct Dice(u64);

/// Scrambles a number: one step of the generator.
const fn scrambled(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Dice {
    /// Dice that a seed determines.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scrambled(self.0)
    }

    /// A number below `end`; zero where `end` is zero.
    pub fn below(&mut self, end: u64) -> u64 {
        let number = self.number();
        u64::try_from((u128::from(number) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// A place in a list of this length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Whether something happens that happens this often in a thousand.
    pub fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1000) < u64::from(per_mille)
    }

    /// A span from `least` to `most`, to the millisecond.
    pub fn span(&mut self, least: Duration, most: Duration) -> Duration {
        let room = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or(u64::MAX);
        least + Duration::from_millis(self.below(room.saturating_add(1)))
    }

    /// Dice of their own, so that what they decide does not change what these decide.
    #[must_use]
    pub const fn fork(&mut self) -> Self {
        Self(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;
    use std::time::Duration;

    #[test]
    fn a_seed_repeats_and_bounds_hold() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        for _ in 0..1000 {
            let span = one.span(Duration::from_millis(5), Duration::from_millis(60));
            assert_eq!(span, two.span(Duration::from_millis(5), Duration::from_millis(60)));
            assert!((5..=60).contains(&span.as_millis()));
            assert_eq!(one.below(0), two.below(0));
        }
        assert!((0..200).all(|_| !one.happens(0) && two.happens(1000)));
    }
}
