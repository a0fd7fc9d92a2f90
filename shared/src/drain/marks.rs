//! What a drain remembers, as two custom attributes on the container instance it is about.
//!
//! AWS keeps them for us, next to what they are about: no table, nothing to lose, and anybody can read them
//! with `aws ecs describe-container-instances`.

use std::time::Duration;

use super::auto_scaling::Hook;
use super::container_instance::{Attribute, ContainerInstance};
use crate::event::Timestamp;

/// How far another clock may be ahead of ours. What is later than that nobody wrote who drains.
const SKEW: Duration = Duration::from_mins(1);

/// What clocks and whole seconds may make of one moment.
const ROUNDING: Duration = Duration::from_secs(5);

/// When the drain began, when DRAINING was set, and what people were told:
/// `2026-11-23T15:00:00Z 2026-11-23T15:00:02Z stuck-25`.
pub const DRAIN_STARTED: &str = "ecs-steward.drain-started";
/// When the last heartbeat was accepted: `2026-11-23T15:30:00Z`.
pub const HEARTBEAT: &str = "ecs-steward.heartbeat";

/// How far a drain has come in what people were told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Nothing was told yet.
    Begun,
    /// That it started.
    Started,
    /// That a quarter of the time has gone.
    Stuck25,
    /// Half of it.
    Stuck50,
    /// Three quarters.
    Stuck75,
    /// That the deadline has come.
    Deadline,
    /// The hook is done with; another one may still hold the instance.
    Released,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 7] = [
        Self::Begun,
        Self::Started,
        Self::Stuck25,
        Self::Stuck50,
        Self::Stuck75,
        Self::Deadline,
        Self::Released,
    ];

    /// The word in the attribute.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Started => "started",
            Self::Stuck25 => "stuck-25",
            Self::Stuck50 => "stuck-50",
            Self::Stuck75 => "stuck-75",
            Self::Deadline => "deadline",
            Self::Released => "released",
        }
    }
}

/// What is remembered of a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// When the hook began to hold the instance, as far as it is known; the deadline counts from here.
    pub since: Timestamp,
    /// When DRAINING was set or first seen.
    pub draining: Timestamp,
    /// What people were told.
    pub stage: Stage,
    /// The last heartbeat; none yet where it is missing.
    pub heartbeat: Option<Timestamp>,
}

impl Marks {
    /// Of a drain that begins, as they will be read again.
    #[must_use]
    pub const fn new(since: Timestamp, draining: Timestamp) -> Self {
        let (since, draining) = (since.to_the_second(), draining.to_the_second());
        Self { since, draining, stage: Stage::Begun, heartbeat: None }
    }

    /// From a container instance's attributes; none where there are none that can be read.
    #[must_use]
    pub fn of(instance: &ContainerInstance) -> Option<Self> {
        let mut words = instance.attribute(DRAIN_STARTED)?.split_ascii_whitespace();
        let since = Timestamp::parse(words.next()?)?;
        let draining = Timestamp::parse(words.next()?)?;
        let word = words.next()?;
        let stage = Stage::ALL.into_iter().find(|stage| stage.word() == word)?;
        let heartbeat = instance.attribute(HEARTBEAT).and_then(Timestamp::parse);
        Some(Self { since, draining, stage, heartbeat })
    }

    /// Without a heartbeat of the future, after which none would ever be due.
    #[must_use]
    pub fn heard_by(self, now: Timestamp) -> Self {
        Self { heartbeat: self.heartbeat.filter(|heartbeat| *heartbeat <= now.plus(SKEW)), ..self }
    }

    /// Whether the attribute [`DRAIN_STARTED`] would be the same.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.drain_started("").value == other.drain_started("").value
    }

    /// When anything of the drain was last noted.
    #[must_use]
    pub fn last_sign(&self) -> Timestamp {
        self.draining.max(self.heartbeat.unwrap_or(self.since))
    }

    /// Whether they may be of the drain that goes on now. Those of an earlier life of the container instance,
    /// one that was set back to ACTIVE by hand or came back from a warm pool, are not: the hook began to hold
    /// it after their last sign, or they are older than it can hold anything.
    #[must_use]
    pub fn may_be_of_this_drain(&self, hook: &Hook, hook_began: Option<Timestamp>, now: Timestamp) -> bool {
        self.since <= now.plus(SKEW)
            && now.elapsed_since(self.since) <= hook.global_timeout + SKEW
            && hook_began.is_none_or(|began| began <= self.last_sign().plus(ROUNDING))
    }

    /// The attribute [`DRAIN_STARTED`].
    #[must_use]
    pub fn drain_started(&self, container_instance: &str) -> Attribute {
        Attribute {
            container_instance: container_instance.to_owned(),
            name: DRAIN_STARTED,
            value: format!("{} {} {}", self.since, self.draining, self.stage.word()),
        }
    }
}

/// The attribute [`HEARTBEAT`].
#[must_use]
pub fn heartbeat(container_instance: &str, at: Timestamp) -> Attribute {
    Attribute { container_instance: container_instance.to_owned(), name: HEARTBEAT, value: at.to_string() }
}
