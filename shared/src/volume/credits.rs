//! Which volumes have burst credits that can run out.
//!
//! Sources: <https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html> (gp2: 3 IOPS for each GiB, bursts
//! to 3,000), <https://docs.aws.amazon.com/ebs/latest/userguide/hdd-vols.html> (st1: 40 MiB/s for each TiB, bursts to
//! 500 at most; sc1: 12 MiB/s for each TiB, bursts to 250 at most and is 16 TiB at most).

use super::{Volume, VolumeType};

/// GiB from which on a gp2 volume always does what others burst to.
const GP2_NEVER_BURSTS: i64 = 1_000;
/// The same of an st1 volume: 12.5 TiB.
const ST1_NEVER_BURSTS: i64 = 12_800;

/// Why a volume is not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// Its type has no burst credits.
    NoCredits,
    /// It is so large that it always does what smaller ones burst to.
    BaselineIsEnough,
}

impl Skipped {
    /// The reason as one word, for the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoCredits => "no-credits",
            Self::BaselineIsEnough => "baseline-is-enough",
        }
    }
}

/// Why a volume is not measured; nothing where it is. A type nobody knows is measured, and so is one of unknown size:
/// CloudWatch knows whether there is a balance.
#[must_use]
pub fn skipped(volume: &Volume) -> Option<Skipped> {
    let has_reached = |limit| volume.size_gib.is_some_and(|size| size >= limit);
    match volume.kind {
        VolumeType::Gp3 | VolumeType::Io1 | VolumeType::Io2 | VolumeType::Standard => {
            Some(Skipped::NoCredits)
        }
        VolumeType::Gp2 => has_reached(GP2_NEVER_BURSTS).then_some(Skipped::BaselineIsEnough),
        VolumeType::St1 => has_reached(ST1_NEVER_BURSTS).then_some(Skipped::BaselineIsEnough),
        VolumeType::Sc1 | VolumeType::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Skipped, Volume, VolumeType, skipped};

    #[test]
    fn what_has_no_credits_or_never_needs_them_is_skipped() {
        for (kind, size, want) in [
            ("gp2", Some(8), None),
            ("gp2", Some(999), None),
            ("gp2", Some(1_000), Some(Skipped::BaselineIsEnough)),
            ("gp2", Some(16_384), Some(Skipped::BaselineIsEnough)),
            ("gp2", None, None),
            ("st1", Some(500), None),
            ("st1", Some(12_799), None),
            ("st1", Some(12_800), Some(Skipped::BaselineIsEnough)),
            ("sc1", Some(125), None),
            ("sc1", Some(16_384), None),
            ("gp3", Some(8), Some(Skipped::NoCredits)),
            ("io1", Some(100), Some(Skipped::NoCredits)),
            ("io2", None, Some(Skipped::NoCredits)),
            ("standard", Some(8), Some(Skipped::NoCredits)),
            ("gp9", Some(100_000), None),
            ("", None, None),
        ] {
            let volume = Volume {
                id: "vol-1".into(),
                kind: VolumeType::from_word(kind),
                size_gib: size,
                iops: None,
                availability_zone: None,
                attachments: Vec::new(),
            };
            assert_eq!(skipped(&volume), want, "{kind} {size:?}");
            assert_eq!(volume.kind.word(), kind);
        }
    }
}
