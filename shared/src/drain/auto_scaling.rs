//! Auto Scaling's side of a drain: the instance's lifecycle state, its group, the hook that holds it.

use std::time::Duration;

use serde::Deserialize;

use crate::policy::drain::LONGEST_HOLD;

/// Where Auto Scaling says an instance stands.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifecycleState {
    /// `Terminating:Wait`, also of a warm pool (`Warmed:Terminating:Wait`): a hook holds it.
    TerminatingWait,
    /// `Terminating:Retained`: a hook was abandoned, and the group retains.
    Retained,
    /// Any other state, in AWS's own word.
    Other(Box<str>),
}

impl LifecycleState {
    /// From AWS's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "Terminating:Wait" | "Warmed:Terminating:Wait" => Self::TerminatingWait,
            "Terminating:Retained" => Self::Retained,
            _ => Self::Other(word.into()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::TerminatingWait => "Terminating:Wait",
            Self::Retained => "Terminating:Retained",
            Self::Other(word) => word,
        }
    }
}

/// An instance as its group sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInstance {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// The group's name.
    pub group: String,
    /// Where it stands.
    pub state: LifecycleState,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
    /// All its instances, those of the warm pool not included.
    pub instances: Vec<GroupInstance>,
    /// Whether an abandoned terminate hook leaves the instance running (`Terminating:Retained`):
    /// `InstanceLifecyclePolicy.RetentionTriggers.TerminateHookAbandon` is `retain`.
    pub retains_on_abandon: bool,
}

impl Group {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// A lifecycle hook as its group has it.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The group's name.
    pub group: String,
    /// AWS's word: `autoscaling:EC2_INSTANCE_TERMINATING` or `autoscaling:EC2_INSTANCE_LAUNCHING`.
    pub transition: String,
    /// How long the hook waits for a heartbeat.
    pub heartbeat_timeout: Duration,
    /// How long the hook holds an instance at most, whatever the heartbeats: the smaller of 48 hours and
    /// 100 times the heartbeat timeout.
    pub global_timeout: Duration,
    /// What the team wrote into the hook; any text, or none.
    pub notification_metadata: Option<String>,
}

/// The transition a drain is about.
pub use crate::event::lifecycle::TERMINATING;

/// How many heartbeat timeouts a hook holds an instance at most.
pub const HEARTBEATS: u32 = 100;

impl Hook {
    /// The longest a hook of this heartbeat timeout holds an instance.
    #[must_use]
    pub fn longest_hold(heartbeat_timeout: Duration) -> Duration {
        LONGEST_HOLD.min(heartbeat_timeout * HEARTBEATS)
    }

    /// The cluster its metadata names, by name or ARN: `{"cluster": "harbor"}`. Any other text names none.
    #[must_use]
    pub fn named_cluster(&self) -> Option<String> {
        serde_json::from_str(self.notification_metadata.as_deref()?).ok().map(|Metadata { cluster }| cluster)
    }

    /// Whether it fires when an instance is terminated.
    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.transition == TERMINATING
    }
}

/// What a hook's metadata may say; any other text says nothing.
#[derive(Deserialize)]
struct Metadata {
    /// The cluster, by name or ARN.
    cluster: String,
}

/// How a lifecycle action ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionResult {
    /// `CONTINUE`: the termination goes on.
    Continue,
    /// `ABANDON`: the termination goes on without asking the other hooks, or, where the group retains, the
    /// instance stays as `Terminating:Retained`.
    Abandon,
}

impl ActionResult {
    /// AWS's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Abandon => "ABANDON",
        }
    }
}
