//! Counts of the whole replay.

use std::collections::BTreeMap;

use shared::alert::incident::Notice;
use shared::judge::{Cause, Severity};

use super::{Fate, Happening, NOTICES, is_repeat};

/// The events of one cause by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfCause {
    /// Not worth an alert.
    pub quiet: u64,
    /// Told at once.
    pub told: u64,
    /// Worth an alert, not told now, by reason.
    pub suppressed: BTreeMap<&'static str, u64>,
    /// The message was not accepted.
    pub failed: u64,
}

impl OfCause {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.quiet + self.told + self.failed + self.suppressed()
    }

    /// Those that were suppressed.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.suppressed.values().sum()
    }

    /// Those worth an alert, without repeats.
    #[must_use]
    pub fn abnormal(&self) -> u64 {
        let new = self.suppressed.iter().filter(|(why, _)| !is_repeat(why)).map(|(_, count)| count);
        self.told + self.failed + new.sum::<u64>()
    }
}

/// Everything that is counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Events by cause.
    pub causes: BTreeMap<Cause, OfCause>,
    /// Messages by what they are.
    notices: [u64; NOTICES.len()],
    /// Messages by how loud they are.
    severities: BTreeMap<Severity, u64>,
}

/// Whether a cause is about a stop that is final and new. Trouble of a service counts as one, and so does a container
/// that ends while its task runs on; a service that goes its way does not.
#[must_use]
pub const fn is_stop(cause: Cause) -> bool {
    !matches!(
        cause,
        Cause::NotStopped
            | Cause::Duplicate
            | Cause::Steady
            | Cause::UnknownEvent
            | Cause::UnreadableEvent
            | Cause::ClusterWide
            | Cause::DrainStarted
            | Cause::DrainStuck
            | Cause::DrainFinished
            | Cause::InstanceRetained
    )
}

impl Counts {
    /// Counts an event.
    pub fn event(&mut self, happening: &Happening<'_>) {
        let of_cause = self.causes.entry(happening.cause).or_default();
        match happening.fate {
            Fate::Quiet => of_cause.quiet += 1,
            Fate::Told => of_cause.told += 1,
            Fate::Suppressed(why) => *of_cause.suppressed.entry(why).or_default() += 1,
            Fate::Failed => of_cause.failed += 1,
        }
    }

    /// Counts a message.
    pub fn message(&mut self, notice: Notice, severity: Severity) {
        self.notices[notice as usize] += 1;
        *self.severities.entry(severity).or_default() += 1;
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.causes.values().map(OfCause::all).sum()
    }

    /// Stops, the quiet ones too, without repeats.
    #[must_use]
    pub fn stops(&self) -> u64 {
        let stops = self.causes.iter().filter(|(cause, _)| is_stop(**cause));
        stops.map(|(_, count)| count.quiet + count.abnormal()).sum()
    }

    /// Stops worth an alert, without repeats.
    #[must_use]
    pub fn abnormal(&self) -> u64 {
        let stops = self.causes.iter().filter(|(cause, _)| is_stop(**cause));
        stops.map(|(_, count)| count.abnormal()).sum()
    }

    /// Events whose message was not accepted.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.causes.values().map(|count| count.failed).sum()
    }

    /// Those that were worth an alert and not told now, by reason.
    #[must_use]
    pub fn suppressed(&self) -> BTreeMap<&'static str, u64> {
        let mut reasons = BTreeMap::new();
        for (why, count) in self.causes.values().flat_map(|count| &count.suppressed) {
            *reasons.entry(*why).or_default() += count;
        }
        reasons
    }

    /// All messages.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.notices.iter().sum()
    }

    /// Messages that say this.
    #[must_use]
    pub const fn of_notice(&self, notice: Notice) -> u64 {
        self.notices[notice as usize]
    }

    /// Messages this loud.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> u64 {
        self.severities.get(&severity).copied().unwrap_or(0)
    }
}
