//! What is read, in our words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use crate::drain::auto_scaling::{Group, Hook};
use crate::ports::ApiError;

/// Something that was read, or why it was not.
pub type Read<T> = Result<T, NotRead>;

/// Why something was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// The IAM action the call takes, such as `sqs:GetQueueAttributes`.
    pub action: &'static str,
    /// What came instead of an answer.
    pub why: ApiError,
}

/// What the services say of a thing that does not exist: SQS in both of its protocols, SNS, and all others.
const ABSENT: [&str; 6] = [
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
];

impl NotRead {
    /// Whether the service says that there is no such thing.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match &self.why {
            ApiError::Refused { code, .. } => ABSENT.contains(&code.as_str()),
            ApiError::Throttled(_) | ApiError::Unavailable(_) => false,
        }
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.action, self.why)
    }
}

/// An Auto Scaling group with its hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSeen {
    /// The group.
    pub group: Group,
    /// Its ARN.
    pub arn: String,
    /// Whether new instances are protected from scale-in.
    pub protects_new: bool,
    /// Its hooks of every transition.
    pub hooks: Read<Vec<HookSeen>>,
}

/// A hook with what happens where nobody answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookSeen {
    /// The hook.
    pub hook: Hook,
    /// AWS's word: `ABANDON`, which is its default, or `CONTINUE`.
    pub default_result: String,
}

/// A cluster and which EC2 instances are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSeen {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Container instances, as ECS counts them.
    pub registered: u64,
    /// Its capacity providers' names.
    pub capacity_providers: Vec<String>,
    /// The EC2 instances of its container instances.
    pub instances: Read<BTreeSet<String>>,
}

/// A capacity provider over an Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityProviderSeen {
    /// Its name.
    pub name: String,
    /// The group, by its ARN or its name.
    pub group: String,
    /// Whether ECS drains the group's instances by a hook of its own.
    pub drains: bool,
    /// Whether ECS sets the group's size.
    pub scales: bool,
    /// Whether ECS protects instances with tasks from scale-in.
    pub protects: bool,
}

/// A Lambda function's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSeen {
    /// Its ARN, without a version.
    pub arn: String,
    /// Its role's ARN.
    pub role: String,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Its variables; where Lambda could not decrypt them, why.
    pub variables: Result<BTreeMap<String, String>, String>,
    /// Where an asynchronous invocation ends that failed for good, by ARN.
    pub dead_letters: Option<String>,
    /// Its log group's name.
    pub log_group: Option<String>,
}

/// An event source mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingSeen {
    /// Its UUID.
    pub id: String,
    /// The queue's ARN.
    pub source: String,
    /// AWS's word, such as `Enabled` or `Disabled`.
    pub state: String,
    /// Whether Lambda reads which messages of a batch failed (`ReportBatchItemFailures`).
    pub reports_failures: bool,
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSeen {
    /// The ARN of its dead-letter queue.
    pub dead_letters: Option<String>,
    /// How long a message that was received stays hidden.
    pub visibility: Duration,
    /// Messages in it, about.
    pub messages: u64,
}

/// A rule of the default event bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSeen {
    /// Its name.
    pub name: String,
    /// AWS's word, such as `ENABLED` or `DISABLED`.
    pub state: String,
    /// Its schedule, such as `rate(1 minute)`.
    pub schedule: Option<String>,
    /// Its event pattern, as JSON.
    pub pattern: Option<String>,
    /// Its targets.
    pub targets: Read<Vec<TargetSeen>>,
}

/// A rule's target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetSeen {
    /// Its id within the rule.
    pub id: String,
    /// What gets the events.
    pub arn: String,
    /// The ARN of the queue for what could not be delivered.
    pub dead_letters: Option<String>,
}

/// A subscription of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionSeen {
    /// `email`, `https`, …
    pub protocol: String,
    /// Where it goes.
    pub endpoint: String,
    /// Whether nobody has confirmed it yet.
    pub is_pending: bool,
    /// Whether it gets only what a filter lets through.
    pub is_filtered: Read<bool>,
}

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSeen {
    /// Its ARN.
    pub arn: String,
    /// Its indexes' names.
    pub indexes: Vec<String>,
    /// The attribute that says when an item expires, where that is enabled.
    pub expires_by: Read<Option<String>>,
}

/// Actions on one resource, for a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// IAM actions.
    pub actions: Vec<&'static str>,
    /// The resource's ARN; `*` for actions that know none.
    pub resource: String,
    /// Condition keys of type string, such as `ecs:cluster`, with their values.
    pub context: Vec<(&'static str, String)>,
}
