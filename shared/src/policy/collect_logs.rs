//! `[collect-logs]`: where the logs of a host in trouble are put, and how they are collected.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::verdict::Cause;

/// How long a collection may take where the policy does not say.
pub const WITHIN: Duration = Duration::from_mins(5);
/// The shortest time box: a collector that archives some logs needs half a minute.
pub const SHORTEST: Duration = Duration::from_mins(1);
/// The longest: hooks are held for it.
pub const LONGEST: Duration = Duration::from_mins(15);
/// The collector that ECS-optimized AMIs bring along, of a version that the AMI pins.
/// Source: <https://github.com/aws/amazon-ecs-ami#ecs-logs-collector>.
pub const OF_THE_AMI: &str = "/opt/amazon/ecs/ecs-logs-collector.sh";

/// What is told of that logs are collected for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// A drain takes long.
    DrainStuck,
    /// ECS or EC2 says that a host is impaired.
    HostImpaired,
    /// The agent of a host is away for long.
    AgentDisconnected,
}

impl Occasion {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::DrainStuck, Self::HostImpaired, Self::AgentDisconnected];

    /// The word in the policy, which is the cause's.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DrainStuck => "drain-stuck",
            Self::HostImpaired => "host-impaired",
            Self::AgentDisconnected => "agent-disconnected",
        }
    }

    /// By its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.word() == word)
    }
}

/// Where an instance takes the collector from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collector {
    /// A file on the instance, by its path.
    File(String),
    /// An object, as `s3://bucket/key`, with the SHA-256 it must have where one is given.
    Object(String, Option<String>),
    /// An address, with the SHA-256 it must have: what is fetched from there runs as root.
    Url(String, String),
}

/// `[collect-logs]`: every text in it is checked when the policy is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectLogs {
    /// The bucket's name.
    pub bucket: String,
    /// What stands before each key: empty, or ends with `/`.
    pub prefix: String,
    /// What is told of that logs are collected for.
    pub on: BTreeSet<Occasion>,
    /// How long one collection may take, and a hook wait for it.
    pub within: Duration,
    /// Where an instance takes the collector from.
    pub collector: Collector,
}

impl CollectLogs {
    /// Whether logs are collected when people are told of this.
    #[must_use]
    pub fn is_for(&self, cause: Cause) -> bool {
        Occasion::from_word(cause.word()).is_some_and(|occasion| self.on.contains(&occasion))
    }
}
