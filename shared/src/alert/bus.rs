//! The verdict as an event on a bus, for programs that act on stops.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>

use super::{Alert, structured};
use crate::event::Timestamp;
use crate::verdict::Cause;

/// The events' source.
pub const SOURCE: &str = "ecs-steward";
/// The events' detail-type.
pub const DETAIL_TYPE: &str = "ECS Steward Verdict";
/// Entries in one call, at most
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
pub const ENTRIES_PER_CALL: usize = 10;
/// What the entries of one call may have together, in bytes: the limit of every region and of older endpoints.
pub const BYTES_PER_CALL: usize = 262_144;
/// What a time counts for, in bytes.
const TIME_BYTES: usize = 14;

/// One verdict, ready to be put on a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The structured form of the alert, schema `ecs-steward.alert.v1`.
    pub detail: String,
    /// The task's ARN, else the service's, where one is known.
    pub resources: Vec<String>,
    /// When it happened, where that is known.
    pub time: Option<Timestamp>,
}

impl Entry {
    /// The entry of a verdict, quiet or not. None where the task had not stopped, or the stop was judged before:
    /// these are no news.
    #[must_use]
    pub fn of(alert: &Alert, time: Option<Timestamp>) -> Option<Self> {
        if matches!(alert.verdict.cause, Cause::NotStopped | Cause::Duplicate) {
            return None;
        }
        let arns = [&alert.subject.task_arn, &alert.subject.service_arn];
        let arn = arns.into_iter().flatten().find(|arn| !arn.is_empty());
        let resources = arn.map(|arn| super::limits::name(arn)).into_iter().collect();
        Some(Self { detail: structured::json(alert), resources, time })
    }

    /// The size `PutEvents` counts.
    /// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let resources: usize = self.resources.iter().map(String::len).sum();
        let time = self.time.map_or(0, |_| TIME_BYTES);
        time + SOURCE.len() + DETAIL_TYPE.len() + self.detail.len() + resources
    }
}

/// The entries of each call, in order and inside the limits of one. An entry too large for any call stands alone.
#[must_use]
pub fn calls<'a>(entries: &[&'a Entry]) -> Vec<Vec<&'a Entry>> {
    let mut calls: Vec<Vec<&Entry>> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let size = entry.bytes();
        match calls.last_mut() {
            Some(call) if call.len() < ENTRIES_PER_CALL && bytes + size <= BYTES_PER_CALL => {
                call.push(entry);
                bytes += size;
            }
            _ => {
                calls.push(vec![entry]);
                bytes = size;
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::{BYTES_PER_CALL, Entry, calls};
    use crate::alert::{Alert, Subject};
    use crate::event::Timestamp;
    use crate::intake::Unreadable;
    use crate::judge::unreadable_event;
    use crate::verdict::{Cause, Decision, Severity};

    fn alert(cause: Cause) -> Alert {
        let verdict = unreadable_event(&Unreadable::of_bug("a bug".into(), "{}"));
        let arn = "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b";
        let subject = Subject { task_arn: Some(arn.into()), ..Subject::default() };
        Alert::new(crate::verdict::Verdict { cause, ..verdict }, subject)
    }

    #[test]
    fn every_verdict_is_news_but_what_has_not_stopped_or_was_judged_before() {
        let mut quiet = alert(Cause::ScaledIn);
        (quiet.verdict.verdict, quiet.verdict.severity) = (Decision::Quiet, Severity::Info);
        let at = Timestamp::from_millis(1_000);
        let entry = Entry::of(&quiet, Some(at)).expect("an entry");
        assert_eq!(entry.resources, ["arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b"]);
        assert_eq!(entry.time, Some(at));
        for part in [r#""schema":"ecs-steward.alert.v1""#, r#""verdict":"quiet""#, r#""cause":"scaled-in""#] {
            assert!(entry.detail.contains(part), "{}", entry.detail);
        }
        for cause in Cause::ALL {
            let is_news = !matches!(cause, Cause::NotStopped | Cause::Duplicate);
            assert_eq!(Entry::of(&alert(*cause), None).is_some(), is_news, "{cause}");
        }
    }

    #[test]
    fn a_call_holds_ten_entries_and_256_kib_at_most() {
        let of = |size: usize| Entry { detail: "x".repeat(size), resources: Vec::new(), time: None };
        let around = of(0).bytes();
        for (sizes, want) in [
            (vec![1; 25], vec![10, 10, 5]),
            (vec![100_000; 5], vec![2, 2, 1]),
            (vec![BYTES_PER_CALL - 2 * around - 1, 1, 1], vec![2, 1]),
            (vec![1, 300_000, 1], vec![1, 1, 1]),
            (vec![], vec![]),
        ] {
            let entries: Vec<_> = sizes.iter().map(|size| of(*size)).collect();
            let calls = calls(&entries.iter().collect::<Vec<_>>());
            assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), want, "{sizes:?}");
        }
    }
}
