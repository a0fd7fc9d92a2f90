//! What a look counted.

use std::collections::BTreeMap;

use crate::metrics::Volumes;
use crate::volume::credits::Skipped;

/// Volumes of all clusters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counted {
    /// Those that have a balance.
    pub(super) measured: u32,
    /// Those that need none, by the reason.
    pub(super) skipped: BTreeMap<Skipped, u32>,
    /// Those that should have a balance, and of which `CloudWatch` has no value of late.
    pub(super) without_value: u32,
    /// Those whose balance could not be read.
    pub(super) unread: u32,
    /// Those that are low.
    pub(super) low: u32,
    /// The lowest balance, in percent.
    pub(super) lowest: Option<f64>,
}

impl Counted {
    /// Counts a balance.
    pub(super) fn add(&mut self, percent: f64) {
        self.measured += 1;
        self.lowest = Some(self.lowest.map_or(percent, |lowest| lowest.min(percent)));
    }

    /// For metrics: a share of a percent counts as none of it, for the one that is used up is the one to see.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a balance is 0 to 100")]
    pub(super) fn measured(&self) -> Volumes {
        Volumes {
            measured: self.measured,
            skipped: self.skipped.values().sum(),
            without_value: self.without_value,
            unread: self.unread,
            lowest_percent: self.lowest.map(|lowest| lowest.floor() as u32),
        }
    }

    /// The line of a look.
    pub(super) fn log(&self) {
        let skipped = |why| self.skipped.get(&why).copied().unwrap_or_default();
        tracing::info!(
            measured = self.measured,
            low = self.low,
            lowest_percent = self.lowest,
            without_value = self.without_value,
            unread = self.unread,
            skipped_no_credits = skipped(Skipped::NoCredits),
            skipped_baseline_is_enough = skipped(Skipped::BaselineIsEnough),
            "volumes looked at"
        );
    }
}
