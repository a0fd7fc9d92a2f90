//! Events on their way, and what happens to them there: delay, loss, repetition.

use std::time::Duration;

use shared::event::Timestamp;

use crate::dice::Dice;
use crate::span::after;
use crate::world::agenda::Agenda;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A terminate hook holds an instance.
    LifecycleAction,
    /// EC2 takes an instance back.
    SpotWarning,
    /// A container instance changed.
    ContainerInstanceChange,
    /// A task changed.
    TaskChange,
}

impl Kind {
    /// Every one of them.
    pub const ALL: &[Self] =
        &[Self::LifecycleAction, Self::SpotWarning, Self::ContainerInstanceChange, Self::TaskChange];

    /// AWS's word.
    #[must_use]
    pub const fn detail_type(self) -> &'static str {
        match self {
            Self::LifecycleAction => "EC2 Instance-terminate Lifecycle Action",
            Self::SpotWarning => "EC2 Spot Instance Interruption Warning",
            Self::ContainerInstanceChange => "ECS Container Instance State Change",
            Self::TaskChange => "ECS Task State Change",
        }
    }
}

/// What `EventBridge` passes on, and how well.
#[derive(Clone, Debug)]
pub struct Road {
    /// What a rule lets through; by default all but changes of tasks.
    pub kinds: Vec<Kind>,
    /// An event takes at least so long.
    pub delay_least: Duration,
    /// An event takes at most so long; different delays change the order.
    pub delay_most: Duration,
    /// How many of a thousand are lost.
    pub lost_per_mille: u32,
    /// Those of these numbers are lost too, in the order in which they were sent, counted from one.
    pub lost_numbers: Vec<u64>,
    /// How many of a thousand come twice.
    pub repeated_per_mille: u32,
}

impl Default for Road {
    fn default() -> Self {
        Self {
            kinds: vec![Kind::LifecycleAction, Kind::SpotWarning, Kind::ContainerInstanceChange],
            delay_least: Duration::from_millis(200),
            delay_most: Duration::from_millis(800),
            lost_per_mille: 0,
            lost_numbers: Vec::new(),
            repeated_per_mille: 0,
        }
    }
}

/// An event that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When it arrived.
    pub at: Timestamp,
    /// What it tells.
    pub kind: Kind,
    /// The event, JSON.
    pub event: String,
}

/// Events on their way.
#[derive(Debug)]
pub struct Outbox {
    /// What is done to them.
    pub road: Road,
    /// Decides what is done to each.
    dice: Dice,
    /// By the time of arrival.
    under_way: Agenda<(Kind, String)>,
    /// How many were sent.
    sent: u64,
    /// How many were lost.
    pub lost: u64,
}

impl Outbox {
    /// An outbox with nothing in it.
    #[must_use]
    pub fn new(dice: Dice) -> Self {
        Self { road: Road::default(), dice, under_way: Agenda::default(), sent: 0, lost: 0 }
    }

    /// Whether a rule lets this kind through.
    #[must_use]
    pub fn takes(&self, kind: Kind) -> bool {
        self.road.kinds.contains(&kind)
    }

    /// The id of the next event.
    pub(crate) fn next_id(&mut self) -> String {
        self.sent += 1;
        format!("0e7e0000-0000-4000-8000-{:012x}", self.sent)
    }

    /// Sends an event.
    pub(crate) fn send(&mut self, now: Timestamp, kind: Kind, event: String) {
        if self.dice.happens(self.road.lost_per_mille) || self.road.lost_numbers.contains(&self.sent) {
            self.lost += 1;
            return;
        }
        if self.dice.happens(self.road.repeated_per_mille) {
            let delay = self.dice.span(self.road.delay_least, self.road.delay_most);
            self.under_way.note(after(now, delay), (kind, event.clone()));
        }
        let delay = self.dice.span(self.road.delay_least, self.road.delay_most);
        self.under_way.note(after(now, delay), (kind, event));
    }

    /// How many events were sent, lost ones too.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Takes what has arrived.
    pub fn due(&mut self, now: Timestamp) -> Vec<Delivery> {
        let mut due = Vec::new();
        while let Some((at, (kind, event))) = self.under_way.take_due(now) {
            due.push(Delivery { at, kind, event });
        }
        due
    }

    /// When the next event arrives.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.under_way.next_at()
    }
}
