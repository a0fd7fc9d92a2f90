//! Volumes of container instances that live on burst credits: which do, how their balance stands, and what is worth
//! an alert.
//!
//! A volume whose credits are used up gets its baseline only, a hundredth of what its tasks are used to at worst:
//! docker stops answering, and health checks fail for no reason that anybody sees in ECS.

pub mod balance;
pub mod credits;
pub mod finding;
pub mod on_it;

/// The type of a volume.
/// Source: <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeType {
    /// General purpose, with burst credits.
    Gp2,
    /// General purpose, without.
    Gp3,
    /// Provisioned IOPS.
    Io1,
    /// Provisioned IOPS.
    Io2,
    /// Throughput, with burst credits.
    St1,
    /// Cold, with burst credits.
    Sc1,
    /// Magnetic, of an older generation.
    Standard,
    /// Any other, in AWS's own word; empty where it is not said.
    Other(Box<str>),
}

impl VolumeType {
    /// From AWS's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "gp2" => Self::Gp2,
            "gp3" => Self::Gp3,
            "io1" => Self::Io1,
            "io2" => Self::Io2,
            "st1" => Self::St1,
            "sc1" => Self::Sc1,
            "standard" => Self::Standard,
            _ => Self::Other(word.into()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::St1 => "st1",
            Self::Sc1 => "sc1",
            Self::Standard => "standard",
            Self::Other(word) => word,
        }
    }
}

/// A volume as `DescribeVolumes` shows it.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// For example `vol-0123456789abcdef0`.
    pub id: String,
    /// Its type.
    pub kind: VolumeType,
    /// GiB; none where it is not said.
    pub size_gib: Option<i64>,
    /// IOPS it was given, or its baseline; none where it is not said.
    pub iops: Option<i64>,
    /// For example `eu-west-1b`.
    pub availability_zone: Option<String>,
    /// What it is attached to.
    pub attachments: Vec<Attachment>,
}

/// What a volume is attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// For example `i-0123456789abcdef0`.
    pub instance: Option<String>,
    /// The name it was attached under, such as `/dev/xvdcz`; the kernel may have another one for it.
    pub device: Option<String>,
}

impl Volume {
    /// `100 GiB gp2`, as far as it is known.
    #[must_use]
    pub fn in_words(&self) -> String {
        let kind = match self.kind.word() {
            "" => "unknown type",
            word => word,
        };
        match self.size_gib {
            Some(size) => format!("{size} GiB {kind}"),
            None => kind.to_owned(),
        }
    }
}
