//! Judging service events as a whole: what a verdict carries, the policy, repeats, and every event there can be.

use proptest::prelude::*;
use serde_json::json;

use super::testing::{event, fresh, verdict};
use super::{Context, RULES, explain, judge};
use crate::event::ServiceEvent;
use crate::judge::{Cause, Decision, Severity};
use crate::policy::Policy;

fn policy(text: &str) -> Policy {
    Policy::parse(text).expect("a policy")
}

#[test]
fn a_verdict_carries_what_a_tired_person_needs() {
    let verdict = verdict("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", "RESOURCE:CPU");
    assert_eq!(verdict.verdict, Decision::Alert);
    assert_eq!(verdict.summary, "Service web on harbor found no place for a task: not enough CPU.");
    assert_eq!(verdict.fingerprint, "harbor/web/placement-failed/-/-");
    assert_eq!(
        verdict.evidence,
        [
            "eventName SERVICE_TASK_PLACEMENT_FAILURE",
            "eventType ERROR",
            "reason: RESOURCE:CPU",
            "createdAt 2026-05-01T10:00:00Z",
            "no instance has enough left: has the Auto Scaling group reached its maximum?"
        ]
    );
}

#[test]
fn the_policy_has_the_last_word() {
    let event = event("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", "RESOURCE:CPU");
    let severity = |text: &str| judge(&event, &policy(text), fresh()).severity;
    assert_eq!(severity(""), Severity::High);
    let rule = "[[rule]]\ncluster = 'har*'\nservice = 'web'\n";
    assert_eq!(severity(&format!("{rule}severity = {{ placement-failed = 'low' }}")), Severity::Low);
    assert_eq!(severity(&format!("{rule}quiet = 'a demo'")), Severity::Info);
    assert_eq!(severity("[[rule]]\nservice = 'api'\nquiet = 'x'"), Severity::High, "another service");
    assert_eq!(severity("[[rule]]\nfamily = '*'\nquiet = 'x'"), Severity::High, "it has no family");
    let mute = "[[mute]]\nservice = 'web'\ncauses = ['placement-failed']\nreason = 'a move'\n";
    assert_eq!(severity(&format!("{mute}until = 2099-01-01T00:00:00Z")), Severity::Info);
    assert_eq!(severity(&format!("{mute}until = 2026-01-01T00:00:00Z")), Severity::High, "it is over");
    let quiet = judge(&event, &policy(&format!("{rule}quiet = 'a demo'")), fresh());
    assert_eq!(quiet.verdict, Decision::Quiet);
    assert!(quiet.evidence.last().expect("a reason").contains("a demo"), "silence has a reason");
}

#[test]
fn what_was_seen_is_a_duplicate_whatever_it_says() {
    let seen = Context { was_seen: true, ..fresh() };
    for name in ["SERVICE_DEPLOYMENT_FAILED", "SERVICE_STEADY_STATE", "OF_THE_FUTURE"] {
        let loud = policy("[[rule]]\nseverity = { duplicate = 'high' }");
        let verdict = judge(&event(name, "ERROR", ""), &loud, seen);
        assert_eq!((verdict.cause, verdict.severity), (Cause::Duplicate, Severity::Info));
    }
}

#[test]
fn a_secret_in_a_reason_is_not_told() {
    let reason = "bad option password=Harbor-Secret-77 in the configuration";
    for name in ["SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE", "OF_THE_FUTURE"] {
        let verdict = verdict(name, "ERROR", reason);
        assert!(!format!("{verdict:?}").contains("Harbor-Secret-77"), "{verdict:?}");
    }
}

#[test]
fn the_explanation_ends_with_the_rule_that_decided() {
    for (name, rule) in [
        ("SERVICE_DEPLOYMENT_FAILED", "deployment"),
        ("SERVICE_STEADY_STATE", "steady"),
        ("OF_THE_FUTURE", "unknown-name"),
    ] {
        let (answers, verdict) = explain(&event(name, "INFO", ""), &Policy::default(), fresh());
        let last = answers.last().expect("an answer");
        assert_eq!((last.rule, last.found.as_ref().map(|found| found.cause)), (rule, Some(verdict.cause)));
        assert!(answers.iter().rev().skip(1).all(|answer| answer.found.is_none()));
    }
    assert_eq!(RULES.last().map(|rule| rule.name), Some("unknown-name"));
}

/// Names that rules know, and others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "SERVICE_TASK_PLACEMENT_FAILURE",
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            "SERVICE_DEPLOYMENT_FAILED",
            "SERVICE_STEADY_STATE",
            "DAEMON_TASK_START_IMPAIRED",
            "HOOK_FAILED",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,20}",
    ]
}

/// Types that ECS knows, and others.
fn event_type() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(vec!["INFO", "WARN", "ERROR", ""]).prop_map(str::to_owned), "\\PC{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn every_event_has_a_whole_verdict(name in name(), event_type in event_type(), reason in "\\PC{0,40}") {
        let event: ServiceEvent = serde_json::from_value(
            json!({"eventName": name, "eventType": event_type, "reason": reason})).expect("lenient");
        let verdict = judge(&event, &Policy::default(), fresh());
        prop_assert_eq!(verdict.severity == Severity::Info, verdict.verdict == Decision::Quiet);
        prop_assert!(!verdict.summary.is_empty() && !verdict.evidence.is_empty());
        prop_assert!(verdict.cause.is_of_a_service() || verdict.cause == Cause::UnknownEvent);
        prop_assert_eq!(verdict.fingerprint, format!("-/-/{}/-/-", verdict.cause));
    }

    #[test]
    fn an_unknown_name_is_quiet_only_as_info(name in "[A-Z]{3,9}_OF_20[3-9][0-9]", event_type in event_type()) {
        let verdict = verdict(&name, &event_type, "");
        prop_assert_eq!(verdict.is_alert(), !event_type.trim().eq_ignore_ascii_case("INFO"));
    }
}
