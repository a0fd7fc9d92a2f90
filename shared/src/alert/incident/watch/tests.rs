//! What a watch tells over time.

use std::time::Duration;

use proptest::prelude::*;

use super::{Deed, Found, Look, REMINDER, STATES, Timestamp, Watch};
use crate::alert::{Alert, Subject};
use crate::judge::about::{About, conclude};
use crate::judge::{Cause, Finding, Severity};
use crate::policy::Policy;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

fn found(service: &str, severity: Severity) -> Found {
    let about = About { cluster: Some("harbor"), service: Some(service), ..About::default() };
    let finding = Finding::new(Cause::ServiceBelowDesired, severity, "runs 0 of 1 tasks.");
    let verdict = conclude(&about, &Policy::default(), at(0), finding, Vec::new());
    Found { alert: Alert::new(verdict, Subject::default()), grace: Duration::from_mins(10) }
}

fn unread() -> Box<Found> {
    let about = About { cluster: Some("harbor"), part: Some("services"), ..About::default() };
    let finding = Finding::new(Cause::NotAudited, Severity::Medium, "was not read.");
    let verdict = conclude(&about, &Policy::default(), at(0), finding, Vec::new());
    Box::new(Found { alert: Alert::new(verdict, Subject::default()), grace: super::UNREAD_FOR })
}

fn look(seen: Result<Vec<Found>, Box<Found>>) -> Vec<Look> {
    vec![Look { name: "services", seen }]
}

/// Follows a look and does what it asks for; answers it in words.
fn follow(watch: &mut Watch, minute: i64, seen: Result<Vec<Found>, Box<Found>>) -> Vec<String> {
    let deeds = watch.follow(look(seen), at(minute));
    let mut words = Vec::new();
    for deed in deeds {
        match deed {
            Deed::Tell(alert, since) => {
                let verdict = &alert.verdict;
                watch.told(&verdict.fingerprint, verdict.severity, at(minute));
                words.push(format!("tell {} since {since}", verdict.cause));
            }
            Deed::Over(fingerprint) => {
                watch.ended(&fingerprint);
                words.push(format!("over {fingerprint}"));
            }
        }
    }
    words
}

#[test]
fn it_is_told_once_it_has_lasted_and_over_once_it_has_been_gone() {
    let mut watch = Watch::new(at(0));
    let below = || Ok(vec![found("web", Severity::High)]);
    for minute in 0..10 {
        assert!(follow(&mut watch, minute, below()).is_empty(), "{minute}");
    }
    assert_eq!(follow(&mut watch, 10, below()), ["tell service-below-desired since 1970-01-01T00:00:00Z"]);
    for minute in 11..60 {
        assert!(follow(&mut watch, minute, below()).is_empty(), "{minute}");
    }
    assert!(follow(&mut watch, 60, Ok(Vec::new())).is_empty(), "gone for one look only");
    assert!(follow(&mut watch, 61, below()).is_empty(), "and there again: no news");
    assert!(follow(&mut watch, 62, Ok(Vec::new())).is_empty());
    assert_eq!(follow(&mut watch, 64, Ok(Vec::new())), ["over harbor/web/service-below-desired/-/-"]);
    assert!(watch.states.is_empty());
}

#[test]
fn what_comes_and_goes_within_its_grace_is_never_told() {
    let mut watch = Watch::new(at(0));
    for minute in 0..600 {
        let seen = if minute % 9 == 8 { Vec::new() } else { vec![found("web", Severity::High)] };
        assert!(follow(&mut watch, minute, Ok(seen)).is_empty(), "{minute}");
    }
}

#[test]
fn a_look_that_fails_ends_nothing_and_is_told_itself() {
    let mut watch = Watch::new(at(0));
    for minute in 0..=10 {
        follow(&mut watch, minute, Ok(vec![found("web", Severity::High)]));
    }
    for minute in 11..26 {
        assert!(follow(&mut watch, minute, Err(unread())).is_empty(), "{minute}");
    }
    let told = follow(&mut watch, 26, Err(unread()));
    assert_eq!(told, ["tell not-audited since 1970-01-01T00:11:00Z"]);
    assert_eq!(watch.states.len(), 2, "the service is still below for all anybody knows");
    assert!(follow(&mut watch, 27, Ok(vec![found("web", Severity::High)])).is_empty());
    let over = follow(&mut watch, 29, Ok(vec![found("web", Severity::High)]));
    assert_eq!(over, ["over harbor/-/not-audited/services/-"], "read again, and the service still below");
}

#[test]
fn another_look_says_nothing_of_it() {
    let mut watch = Watch::new(at(0));
    for minute in 0..=10 {
        follow(&mut watch, minute, Ok(vec![found("web", Severity::High)]));
    }
    for minute in 11..30 {
        let other = vec![Look { name: "agents", seen: Ok(Vec::new()) }];
        assert!(watch.follow(other, at(minute)).is_empty());
    }
    assert_eq!(watch.states.len(), 1);
}

#[test]
fn it_is_told_again_when_it_gets_louder_and_each_day() {
    let mut watch = Watch::new(at(0));
    let day = i64::try_from(REMINDER.as_secs() / 60).unwrap();
    let mut told = Vec::new();
    for minute in 0..2 * day {
        let severity = if minute < 100 { Severity::Medium } else { Severity::High };
        if !follow(&mut watch, minute, Ok(vec![found("web", severity)])).is_empty() {
            told.push(minute);
        }
    }
    assert_eq!(told, [10, 100, 100 + day]);
}

#[test]
fn what_the_policy_is_silent_about_is_told_when_the_silence_ends() {
    let mut watch = Watch::new(at(0));
    for minute in 0..60 {
        assert!(follow(&mut watch, minute, Ok(vec![found("web", Severity::Info)])).is_empty());
    }
    assert_eq!(follow(&mut watch, 60, Ok(vec![found("web", Severity::High)])).len(), 1);
}

#[test]
fn a_telling_that_failed_comes_again() {
    let mut watch = Watch::new(at(0));
    follow(&mut watch, 0, Ok(vec![found("web", Severity::High)]));
    for minute in 10..13 {
        assert_eq!(watch.follow(look(Ok(vec![found("web", Severity::High)])), at(minute)).len(), 1);
    }
}

#[test]
fn it_fits_into_a_document_whatever_there_is() {
    let mut watch = Watch::new(at(0));
    let long = "s".repeat(255);
    let many =
        |from: usize| (from..from + 1_000).map(|n| found(&format!("{long}{n}"), Severity::High)).collect();
    for minute in 0..=20 {
        follow(&mut watch, minute, Ok(many(0)));
    }
    assert_eq!(watch.states.len(), STATES);
    let bytes = serde_json::to_string(&watch).unwrap().len();
    assert!(bytes < 390_000, "{bytes}");
}

proptest! {
    #[test]
    fn nothing_is_over_that_was_not_told_and_nothing_told_twice_in_between(
        seen in prop::collection::vec(0_u8..4, 1..200),
    ) {
        let mut watch = Watch::new(at(0));
        let mut is_told = false;
        for (minute, what) in seen.into_iter().enumerate() {
            let minute = i64::try_from(minute).unwrap();
            let seen = match what {
                0 => Ok(Vec::new()),
                1 => Err(unread()),
                _ => Ok(vec![found("web", Severity::High)]),
            };
            let could_see = seen.is_ok();
            for words in follow(&mut watch, minute, seen) {
                if words.starts_with("tell service-below-desired") {
                    prop_assert!(!is_told, "told twice");
                    is_told = true;
                } else if words == "over harbor/web/service-below-desired/-/-" {
                    prop_assert!(is_told && could_see, "over though nobody knew, or nobody looked");
                    is_told = false;
                }
            }
        }
    }
}
