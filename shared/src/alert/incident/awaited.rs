//! What is told at a time unless it is withdrawn before: an agent that has lost its connection mostly comes back.

use serde::{Deserialize, Serialize};

use super::document::{Example, Incident, Seen};
use crate::event::Timestamp;

/// An alert that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// What is told.
    pub example: Example,
    /// When it is.
    pub due: Timestamp,
}

/// Which version of a thing an event is about: a later version makes an earlier one stale, whichever comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The key the thing is recognised by, such as [`task_key`](super::document::task_key) makes it.
    pub key: String,
    /// Its version.
    pub version: i64,
}

/// What the table holds of one fingerprint, beside its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// The last version that was dealt with.
    pub seen: Option<Seen>,
    /// What waits.
    pub awaited: Option<Awaited>,
    /// What people know of.
    pub incident: Option<Incident>,
}

impl Holds {
    /// Whether this version or a later one was dealt with; notes it where not.
    fn is_stale(&mut self, occasion: Option<&Occasion>, fingerprint: &str, now: Timestamp) -> bool {
        let Some(occasion) = occasion else { return false };
        if self.seen.as_ref().is_some_and(|seen| seen.version >= occasion.version) {
            return true;
        }
        let fingerprint = fingerprint.to_owned();
        self.seen = Some(Seen { version: occasion.version, fingerprint, at: now });
        false
    }
}

/// Has an alert wait until `due`, unless one of its fingerprint waits already, or people know of it. Answers whether
/// that was news: false where the occasion, or a later one, was dealt with before.
#[must_use]
pub fn wait(
    mut holds: Holds,
    example: Example,
    occasion: Option<&Occasion>,
    due: Timestamp,
    now: Timestamp,
) -> (Holds, bool) {
    if holds.is_stale(occasion, &example.verdict.fingerprint, now) {
        return (holds, false);
    }
    let is_known = holds.incident.as_ref().is_some_and(|incident| incident.course.steady.is_none());
    if !is_known {
        let due = holds.awaited.map_or(due, |awaited| awaited.due.min(due));
        holds.awaited = Some(Awaited { example, due });
    }
    (holds, true)
}

/// Notes that a state is over: what waits is withdrawn, and an incident ends. Answers false where the occasion, or a
/// later one, was dealt with before.
#[must_use]
pub fn over(
    mut holds: Holds,
    fingerprint: &str,
    occasion: Option<&Occasion>,
    now: Timestamp,
) -> (Holds, bool) {
    if holds.is_stale(occasion, fingerprint, now) {
        return (holds, false);
    }
    holds.awaited = None;
    if let Some(incident) = &mut holds.incident {
        incident.course.steady(now);
    }
    (holds, true)
}

#[cfg(test)]
mod tests {
    use super::{Awaited, Example, Holds, Occasion, Timestamp, over, wait};
    use crate::alert::Subject;
    use crate::judge::about::{About, conclude};
    use crate::judge::{Cause, Finding, Severity};
    use crate::policy::Policy;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn example() -> Example {
        let about = About { cluster: Some("harbor"), part: Some("i-1"), ..About::default() };
        let finding = Finding::new(Cause::AgentDisconnected, Severity::Medium, "lost its agent.");
        let verdict = conclude(&about, &Policy::default(), at(0), finding, Vec::new());
        Example { verdict, subject: Subject::default() }
    }

    fn version(version: i64) -> Occasion {
        Occasion { key: "instance#i-1".into(), version }
    }

    #[test]
    fn what_comes_back_in_time_is_withdrawn() {
        let (holds, news) = wait(Holds::default(), example(), Some(&version(3)), at(5), at(0));
        assert!(news && holds.awaited.as_ref().is_some_and(|awaited| awaited.due == at(5)));
        let (holds, news) = over(holds, "f", Some(&version(4)), at(1));
        assert!(news && holds.awaited.is_none());
    }

    #[test]
    fn a_late_event_of_an_earlier_version_says_nothing() {
        let (holds, _) = over(Holds::default(), "f", Some(&version(4)), at(1));
        let (holds, news) = wait(holds, example(), Some(&version(3)), at(6), at(1));
        assert!(!news && holds.awaited.is_none(), "it came back before this was heard");
        let (holds, _) = wait(holds, example(), Some(&version(5)), at(7), at(2));
        let (holds, news) = over(holds, "f", Some(&version(5)), at(3));
        assert!(!news && holds.awaited.is_some());
    }

    #[test]
    fn the_first_loss_sets_the_time() {
        let (holds, _) = wait(Holds::default(), example(), Some(&version(1)), at(5), at(0));
        let (holds, news) = wait(holds, example(), Some(&version(2)), at(9), at(4));
        assert!(news);
        assert_eq!(holds.awaited, Some(Awaited { example: example(), due: at(5) }));
    }
}
