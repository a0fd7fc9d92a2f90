//! Judging hosts as a whole: what a verdict carries, the policy, secrets, and every event there can be.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::testing::{INSTANCE, change, context, known, member, nothing, state, verdict};
use super::{Happening, Keeper, Known, Membership, RULES, explain, judge};
use crate::event::Detail;
use crate::intake;
use crate::judge::{Cause, Decision, Severity};
use crate::policy::Policy;

fn policy(text: &str) -> Policy {
    Policy::parse(text).expect("a policy")
}

#[test]
fn a_verdict_carries_what_a_tired_person_needs() {
    let membership = Membership::Member(member("ACTIVE", 3));
    let keeper = Keeper::Group { name: "harbor-asg".into(), state: "InService".into() };
    let known = known(Known { membership, keeper, is_interrupted: false });
    let verdict = verdict(Happening::State(&state("stopping")), &known);
    assert_eq!(
        verdict.summary,
        format!(
            "Instance {INSTANCE} of harbor is being stopped with 3 tasks, and not by Auto Scaling: nothing drained it."
        )
    );
    assert_eq!(verdict.fingerprint, format!("harbor/-/host-terminated/{INSTANCE}/-"));
    assert_eq!(
        verdict.evidence,
        [
            "state stopping",
            "container instance 0a1b on harbor is ACTIVE, agent disconnected, tasks 3",
            "in Auto Scaling group harbor-asg it is InService"
        ]
    );
}

#[test]
fn the_policy_has_the_last_word() {
    let (lost, known) = (change("ACTIVE", Some(false)), nothing());
    let severity = |text: &str| judge(Happening::Change(&lost), &policy(text), context(&known)).severity;
    let rule = "[[rule]]\ncluster = 'har*'\n";
    assert_eq!(severity(""), Severity::Medium);
    assert_eq!(severity(&format!("{rule}severity = {{ agent-disconnected = 'high' }}")), Severity::High);
    assert_eq!(severity(&format!("{rule}quiet = 'a demo'")), Severity::Info);
    assert_eq!(severity("[[rule]]\nservice = '*'\nquiet = 'x'"), Severity::Medium, "a host is no service");
    assert!(
        policy(&format!("{rule}severity = {{ rebalance-recommended = 'low' }}"))
            .may_tell_of(Cause::RebalanceRecommended)
    );
    assert!(
        !policy(&format!("{rule}severity = {{ rebalance-recommended = 'info' }}"))
            .may_tell_of(Cause::RebalanceRecommended)
    );
}

#[test]
fn a_secret_in_a_reason_is_not_told() {
    let mut lost = change("ACTIVE", Some(false));
    lost.status_reason = Some("bad option password=Harbor-Secret-77".into());
    let verdict = verdict(Happening::Change(&lost), &nothing());
    assert!(!format!("{verdict:?}").contains("Harbor-Secret-77"), "{verdict:?}");
}

#[test]
fn the_explanation_ends_with_the_rule_that_decided() {
    let (lost, well) = (change("ACTIVE", Some(false)), change("ACTIVE", Some(true)));
    let known = nothing();
    for (event, rule) in [(&lost, "agent"), (&well, "unremarkable")] {
        let (answers, verdict) = explain(Happening::Change(event), &Policy::default(), context(&known));
        let decided = answers.last().expect("an answer");
        assert_eq!(
            (decided.rule, decided.found.as_ref().map(|found| found.cause)),
            (rule, Some(verdict.cause))
        );
        assert!(answers.iter().rev().skip(1).all(|answer| answer.found.is_none()));
    }
    assert_eq!(RULES.last().map(|rule| rule.name), Some("unremarkable"));
}

/// Values of every type, and those the fields have.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            "ACTIVE",
            "DRAINING",
            "IMPAIRED",
            "OK",
            "stopping",
            "shutting-down",
            "EC2",
            "ECS",
            "issue",
            "scheduledChange",
            "i-1",
            "harbor|web",
            "closed",
            "terminate",
        ])
        .prop_map(|word| json!(word)),
        any::<bool>().prop_map(|yes| json!(yes)),
        any::<i64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(|text| json!(text)),
        Just(json!(null)),
        Just(json!([{"entityValue": "i-1"}, {"type": "DAEMON", "status": "IMPAIRED"}, 7])),
        Just(json!({"overallStatus": "IMPAIRED"})),
    ]
}

/// Details of every kind, with odd fields.
fn event() -> impl Strategy<Value = Value> {
    let kinds = vec![
        "ECS Container Instance State Change",
        "ECS Container Instance Health Change",
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "AWS Health Event",
    ];
    let fields = vec![
        "status",
        "agentConnected",
        "version",
        "overallStatus",
        "healthChecks",
        "healthStatus",
        "instance-id",
        "instance-action",
        "state",
        "service",
        "eventTypeCategory",
        "eventTypeCode",
        "affectedEntities",
        "statusCode",
        "startTime",
        "containerInstanceArn",
        "clusterArn",
        "ec2InstanceId",
    ];
    let fields = prop::collection::hash_map(prop::sample::select(fields), value(), 0..8);
    (prop::sample::select(kinds), fields)
        .prop_map(|(kind, detail)| json!({"detail-type": kind, "source": "aws.any", "detail": detail}))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn every_event_has_a_whole_verdict(event in event()) {
        for record in intake::read(event.to_string().as_bytes()).records {
            let event = record.content.expect("well-formed");
            let happening = Happening::of(&event.detail).expect("of a host");
            let verdict = verdict(happening, &nothing());
            prop_assert_eq!(verdict.severity == Severity::Info, verdict.verdict == Decision::Quiet);
            prop_assert!(!verdict.summary.is_empty() && !verdict.evidence.is_empty(), "{:?}", verdict);
            if let Detail::InstanceHealth(health) = &event.detail {
                let is_fine = health.overall_status.as_deref().is_some_and(|word| {
                    ["OK", "INITIALIZING"].contains(&word.trim().to_ascii_uppercase().as_str())
                });
                prop_assert_eq!(verdict.is_alert(), !is_fine, "what is not known to be well is told: {:?}", verdict);
            }
        }
    }
}
