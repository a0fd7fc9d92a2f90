//! Whatever fails, dies or answers too late: nothing is lost, and nothing is told twice without a fault.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::container_ends::running_task;
use super::world::{Fault, Got, World, crash, no_place, replaced, stop};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// One stop of a run.
#[derive(Clone, Debug)]
struct Planned {
    /// Milliseconds since the one before.
    gap: i64,
    service: usize,
    kind: usize,
    /// Milliseconds by which it comes late, and after which it comes again.
    late: i64,
    again: Option<i64>,
}

fn planned() -> impl Strategy<Value = Planned> {
    let gap = prop_oneof![4 => 0..10_000_i64, 2 => 0..10 * MINUTE, 1 => 0..2 * HOUR];
    (gap, 0..9_usize, 0..8_usize, 0..MINUTE, prop::option::weighted(0.2, 0..2 * HOUR))
        .prop_map(|(gap, service, kind, late, again)| Planned { gap, service, kind, late, again })
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        2 => Just(Fault::Meanwhile),
        1 => Just(Fault::Before),
        1 => Just(Fault::After),
        1 => Just(Fault::DiesBefore),
        1 => Just(Fault::DiesAfter),
    ]
}

/// What was sent: when it came first, and the fingerprint where it is abnormal.
struct Sent {
    first: i64,
    fingerprint: Option<String>,
}

/// Sends what is planned.
fn send(world: &World, plan: &[Planned]) -> Vec<Sent> {
    let mut at = 0;
    let mut sent = Vec::new();
    for (task, planned) in plan.iter().enumerate() {
        at += planned.gap;
        let service = format!("svc-{}", planned.service);
        let (event, end) = match planned.kind {
            0 => (replaced(&service, task, 137), None),
            1 => (stop(&service, task, "UserInitiated", "Task stopped by user", Some(1)), None),
            2 => (crash(&service, task, 139), Some("crashed/app/139")),
            3 => (crash(&service, task, 0), Some("unexpected-completion/app/0")),
            7 => (running_task(&service, task, 4, &[("log", 137)]), Some("container-exited/log/137")),
            6 => (no_place(&service, at), Some("placement-failed/-/-")),
            _ => (crash(&service, task, 1), Some("application-exit/app/1")),
        };
        let first = at + planned.late;
        world.send(first, &event);
        if let Some(again) = planned.again {
            world.send(first + again, &event);
        }
        sent.push(Sent { first, fingerprint: end.map(|end| format!("harbor/{service}/{end}")) });
    }
    sent
}

/// Every abnormal stop is in a message that came after it, and no message is about a quiet one.
fn nothing_is_lost(sent: &[Sent], got: &[Got]) -> Result<(), TestCaseError> {
    let mut distinct: BTreeMap<&str, u64> = BTreeMap::new();
    for stop in sent {
        let Some(fingerprint) = &stop.fingerprint else { continue };
        *distinct.entry(fingerprint).or_default() += 1;
        let covered = got
            .iter()
            .any(|got| got.at >= stop.first && got.tells_of().iter().any(|(told, _)| told == fingerprint));
        prop_assert!(covered, "nobody heard of {} at {}", fingerprint, stop.first);
    }
    // Messages of one incident count all of its stops; the last says most.
    let mut counted: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut alone: BTreeMap<String, u64> = BTreeMap::new();
    for got in got {
        let incident = got.json["incident"]["openedAt"].as_str();
        for (fingerprint, stops) in got.tells_of() {
            prop_assert!(
                got.text("cause") == "cluster-wide" || distinct.contains_key(&*fingerprint),
                "{} is quiet and was told",
                fingerprint
            );
            match incident {
                Some(opened) => {
                    let key = (fingerprint, format!("{opened} {}", got.text("fingerprint")));
                    let most = counted.entry(key).or_default();
                    *most = stops.max(*most);
                }
                None => *alone.entry(fingerprint).or_default() += 1,
            }
        }
    }
    for (fingerprint, stops) in distinct {
        let told: u64 =
            counted.iter().filter(|((told, _), _)| told == fingerprint).map(|(_, stops)| stops).sum();
        let told = told + alone.get(fingerprint).copied().unwrap_or_default();
        prop_assert!(told >= stops, "{} of {} stops of {} were told", told, stops, fingerprint);
    }
    Ok(())
}

/// No end is told of what nobody was told began.
fn every_end_had_a_beginning(got: &[Got]) -> Result<(), TestCaseError> {
    for (place, end) in got.iter().enumerate().filter(|(_, got)| got.notice() == "recovery") {
        let opened = end.text("fingerprint");
        let begun = got[..place]
            .iter()
            .rev()
            .take_while(|before| before.text("fingerprint") != opened || before.notice() != "recovery");
        let told =
            begun.filter(|before| before.text("fingerprint") == opened).any(|got| got.notice() == "alert");
        prop_assert!(told, "the end of {} came out of nowhere", opened);
    }
    Ok(())
}

/// Alerts of one fingerprint that came without an end of the incident before. Those told without the table do
/// not count: after one failure it is left alone for the rest of the batch. One container that ended in a task that
/// runs on has no recovery, so there only the same incident counts.
fn repeated_alerts(got: &[Got]) -> usize {
    let mut open: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    let mut repeated = 0;
    for got in got.iter().filter(|got| got.json["incident"].is_object()) {
        let opened = got.json["incident"]["openedAt"].as_str().unwrap_or_default();
        let of_one = if got.text("cause") == "container-exited" { opened } else { "" };
        let open = open.entry((got.text("fingerprint"), of_one)).or_default();
        match got.notice() {
            "alert" => repeated += usize::from(std::mem::replace(open, true)),
            "recovery" => *open = false,
            _ => {}
        }
    }
    repeated
}

/// Whether a storm was told: what fell into it and goes on by itself is told once more, without an end before.
fn has_storm(got: &[Got]) -> bool {
    got.iter().any(|got| got.text("cause") == "cluster-wide")
}

#[expect(clippy::disallowed_methods, reason = "a test; `make soak` sets how often it runs")]
fn cases() -> u32 {
    std::env::var("FAULT_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 4_000, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn nothing_is_lost_whatever_fails(
        plan in prop::collection::vec(planned(), 1..40),
        faults in prop::collection::vec(fault(), 0..80),
    ) {
        let world = World::with_faults(faults);
        let sent = send(&world, &plan);
        world.run(40 * 24 * HOUR);
        let got = world.got();
        nothing_is_lost(&sent, &got)?;
        every_end_had_a_beginning(&got)?;
        let faults = world.faulted.load(Ordering::Relaxed);
        prop_assert!(has_storm(&got) || repeated_alerts(&got) <= faults, "more repeats than {} faults", faults);
        prop_assert!(world.table.next_due().is_none(), "something stays open for ever");
    }

    #[test]
    fn without_faults_nothing_is_told_twice(
        plan in prop::collection::vec(planned(), 1..60),
        others in prop::collection::vec(prop_oneof![3 => Just(Fault::None), 1 => Just(Fault::Meanwhile)], 0..200),
    ) {
        let world = World::with_faults(others);
        let sent = send(&world, &plan);
        world.run(40 * 24 * HOUR);
        let got = world.got();
        nothing_is_lost(&sent, &got)?;
        every_end_had_a_beginning(&got)?;
        prop_assert!(has_storm(&got) || repeated_alerts(&got) == 0, "{:#?}", got);
    }
}
