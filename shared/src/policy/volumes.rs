//! `[volumes]`: which burst balances are low.

use std::time::Duration;

use crate::volume::balance::Limits;

/// Which burst balances people are told of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolumePolicy {
    /// What is low.
    pub limits: Limits,
    /// A balance below this is high, in percent.
    pub high_below: f64,
}

impl Default for VolumePolicy {
    fn default() -> Self {
        let limits = Limits { below: 20.0, empty_within: Duration::from_hours(1) };
        Self { limits, high_below: 5.0 }
    }
}
