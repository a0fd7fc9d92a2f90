//! Calls that AWS refuses, of which people are told once an hour each.

use std::collections::HashMap;
use std::time::Duration;

use crate::event::Timestamp;

/// How long people know.
const AGAIN_AFTER: Duration = Duration::from_hours(1);

/// Refusals people were told of, and when.
#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<String, Timestamp>);

impl Refusals {
    /// Those of which people are to be told, one of each call and code.
    pub(super) fn untold(&mut self, refused: &[String], now: Timestamp) -> Vec<String> {
        let mut refused = refused.to_vec();
        refused.sort_unstable();
        refused.dedup_by_key(|why| call_and_code(why).to_owned());
        self.0.retain(|_, at| now.elapsed_since(*at) < AGAIN_AFTER);
        refused.retain(|why| !self.0.contains_key(call_and_code(why)));
        refused
    }

    /// Notes that people know.
    pub(super) fn were_told(&mut self, refused: &[String], now: Timestamp) {
        self.0.extend(refused.iter().map(|why| (call_and_code(why).to_owned(), now)));
    }
}

/// The call and AWS's code, without its text, which names another resource each time.
pub(super) fn call_and_code(why: &str) -> &str {
    let mut ends = why.match_indices(": ").map(|(at, _)| at);
    ends.nth(2).map_or(why, |end| &why[..end])
}

#[cfg(test)]
mod tests {
    use super::{Refusals, Timestamp};

    #[test]
    fn each_call_and_code_is_told_once_an_hour() {
        let why = |what: &str| format!("StopTask (IAM action ecs:StopTask): refused: AccessDenied: {what}");
        let mut refusals = Refusals::default();
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        let both = [why("one"), why("two")];
        let untold = refusals.untold(&both, at(0));
        assert_eq!(untold, [why("one")]);
        refusals.were_told(&untold, at(0));
        assert!(refusals.untold(&both, at(59)).is_empty());
        assert_eq!(refusals.untold(&both, at(60)).len(), 1);
    }
}
