//! What is remembered of a protection, as one custom attribute on the container instance it is about.

use std::time::Duration;

use crate::drain::container_instance::{Attribute, ContainerInstance};
use crate::event::Timestamp;

/// Since when we protect it, when that last changed, and how far it has come:
/// `2026-11-23T15:00:00Z 2026-11-23T15:00:02Z held`.
pub const PROTECTED_SINCE: &str = "ecs-steward.protected-since";

/// How long a protection that is there may be the work of a call of ours that got no answer.
pub const CLAIM: Duration = Duration::from_mins(10);
/// How long Auto Scaling may go on to show what was before our call.
pub const SETTLING: Duration = Duration::from_secs(45);

/// How far a protection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// We are about to ask for it; whether it is there nobody knows.
    Begun,
    /// It was there, by us.
    Held,
    /// Its tasks were seen to be gone; it goes when they have been for a while.
    Idle,
    /// It is not ours any more: somebody took it back, or set it before us. Stays until the tasks are gone.
    Yielded,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Begun, Self::Held, Self::Idle, Self::Yielded];

    /// The word in the attribute.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Held => "held",
            Self::Idle => "idle",
            Self::Yielded => "yielded",
        }
    }
}

/// What is remembered of a protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When we began to protect it.
    pub since: Timestamp,
    /// When it came to this stage.
    pub changed: Timestamp,
    /// How far it has come.
    pub stage: Stage,
}

impl Mark {
    /// Of a protection that begins, as it will be read again.
    #[must_use]
    pub const fn begun(now: Timestamp) -> Self {
        Self { since: now.to_the_second(), changed: now.to_the_second(), stage: Stage::Begun }
    }

    /// The same at another stage.
    #[must_use]
    pub const fn at(self, stage: Stage, now: Timestamp) -> Self {
        Self { stage, changed: now.to_the_second(), ..self }
    }

    /// From a container instance's attributes; none where there is none. One that cannot be read is yielded: who
    /// knows whose it is.
    #[must_use]
    pub fn of(instance: &ContainerInstance) -> Option<Self> {
        let text = instance.attribute(PROTECTED_SINCE)?;
        let unreadable = Self { stage: Stage::Yielded, ..Self::begun(Timestamp::from_millis(0)) };
        Some(Self::read(text).unwrap_or(unreadable))
    }

    /// From the attribute's value.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let since = Timestamp::parse(words.next()?)?;
        let changed = Timestamp::parse(words.next()?)?;
        let word = words.next()?;
        let stage = Stage::ALL.into_iter().find(|stage| stage.word() == word)?;
        words.next().is_none().then_some(Self { since, changed, stage })
    }

    /// The attribute [`PROTECTED_SINCE`].
    #[must_use]
    pub fn attribute(&self, container_instance: &str) -> Attribute {
        Attribute {
            container_instance: container_instance.to_owned(),
            name: PROTECTED_SINCE,
            value: format!("{} {} {}", self.since, self.changed, self.stage.word()),
        }
    }
}
