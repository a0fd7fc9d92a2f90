//! What people get of states, and of alerts that wait, with and without faults.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::world::{Fault, Got, World};
use crate::alert::incident::awaited::Occasion;
use crate::alert::incident::watch::UNREAD_FOR;
use crate::alert::incident::{Found, Look};
use crate::alert::{Alert, Subject};
use crate::event::Timestamp;
use crate::judge::about::{About, conclude};
use crate::judge::{Cause, Finding, Severity};
use crate::policy::Policy;

const MINUTE: i64 = 60_000;
const WHO: &str = "cluster-audit";

fn alert(cause: Cause, service: Option<&str>, part: Option<&str>) -> Alert {
    let about = About {
        cluster: Some("harbor"),
        service,
        part,
        in_words: "Something on harbor".into(),
        ..About::default()
    };
    let finding = Finding::new(cause, Severity::Medium, "is not as it should be.");
    let verdict = conclude(&about, &Policy::default(), Timestamp::from_millis(0), finding, Vec::new());
    let subject = Subject {
        cluster: Some("harbor".into()),
        service: service.map(str::to_owned),
        ec2_instance: part.map(str::to_owned),
        ..Subject::default()
    };
    Alert::new(verdict, subject)
}

fn below() -> Found {
    let alert = alert(Cause::ServiceBelowDesired, Some("web"), None);
    Found { alert, grace: Duration::from_mins(10) }
}

fn unread() -> Box<Found> {
    Box::new(Found { alert: alert(Cause::NotAudited, None, Some("services")), grace: UNREAD_FOR })
}

/// A look at the services of a cluster, and a tick after it.
fn look(world: &World, minute: i64, seen: Result<Vec<Found>, Box<Found>>) {
    world.at(minute * MINUTE, async |monitor, round| {
        let looks = vec![("harbor".to_owned(), vec![Look { name: "services", seen }])];
        monitor.follow_up(WHO, looks, round).await;
    });
    world.at(minute * MINUTE, async |monitor, _| {
        let tick = json!({"detail-type": "Scheduled Event", "detail": {}}).to_string();
        monitor.handle(tick.as_bytes(), Timestamp::from_millis(minute * MINUTE + 15_000)).await
    });
}

fn told(world: &World) -> Vec<(String, String, i64)> {
    let one = |got: &Got| (got.notice().to_owned(), got.text("cause").to_owned(), got.at / MINUTE);
    world.got().iter().map(one).collect()
}

fn expected(all: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    all.iter().map(|(notice, cause, at)| ((*notice).to_owned(), (*cause).to_owned(), *at)).collect()
}

#[test]
fn a_state_is_told_reminded_of_each_day_and_over_when_it_is_gone() {
    let world = World::default();
    let day = 24 * 60;
    for minute in 0..2 * day + 100 {
        look(&world, minute, Ok(vec![below()]));
    }
    for minute in 2 * day + 100..2 * day + 110 {
        look(&world, minute, Ok(Vec::new()));
    }
    let cause = "service-below-desired";
    assert_eq!(
        told(&world),
        expected(&[
            ("alert", cause, 10),
            ("digest", cause, day + 10),
            ("digest", cause, 2 * day + 10),
            ("recovery", cause, 2 * day + 102)
        ])
    );
    let got = world.got();
    assert!(got[1].text("summary").starts_with("Still so after 1 d."), "{}", got[1].text("summary"));
    assert!(got[3].text("summary").starts_with("Over, after 2 d"), "{}", got[3].text("summary"));
    assert!(got[0].json["evidence"].to_string().contains("seen so since 1970-01-01T00:00:00Z"));
}

#[test]
fn what_an_event_told_before_is_not_told_again_by_a_look() {
    let world = World::default();
    let agent = || alert(Cause::AgentDisconnected, None, Some("i-1"));
    world.at(0, async |monitor, round| monitor.wait_with(agent(), None, Duration::from_mins(5), round).await);
    let seen = || vec![Found { alert: agent(), grace: Duration::from_mins(5) }];
    for minute in 1..120 {
        look(&world, minute, Ok(seen()));
    }
    for minute in 120..130 {
        look(&world, minute, Ok(Vec::new()));
    }
    let cause = "agent-disconnected";
    assert_eq!(told(&world), expected(&[("alert", cause, 5), ("recovery", cause, 122)]));
}

#[test]
fn a_look_that_fails_ends_nothing_and_is_told_after_a_while() {
    let world = World::default();
    for minute in 0..=10 {
        look(&world, minute, Ok(vec![below()]));
    }
    for minute in 11..60 {
        look(&world, minute, Err(unread()));
    }
    for minute in 60..70 {
        look(&world, minute, Ok(vec![below()]));
    }
    assert_eq!(
        told(&world),
        expected(&[
            ("alert", "service-below-desired", 10),
            ("alert", "not-audited", 26),
            ("recovery", "not-audited", 62)
        ])
    );
    assert_eq!(world.tally.lock().unwrap().not_audited, 49);
}

#[test]
fn what_waits_is_told_by_a_tick_or_withdrawn() {
    let world = World::default();
    let agent = |id| alert(Cause::AgentDisconnected, None, Some(id));
    let version = |id: &str, version| Occasion { key: format!("instance#{id}"), version };
    let grace = Duration::from_mins(5);
    for id in ["i-1", "i-2"] {
        world.at(0, async |monitor, round| {
            monitor.wait_with(agent(id), Some(&version(id, 3)), grace, round).await
        });
    }
    let back = |id: &'static str, at, number| {
        let fingerprint = agent(id).verdict.fingerprint;
        world.at(at, async |monitor, round| {
            monitor.over(&fingerprint, Some(&version(id, number)), round).await
        });
    };
    back("i-1", 2 * MINUTE, 4);
    world.run(20 * MINUTE);
    assert_eq!(told(&world), expected(&[("alert", "agent-disconnected", 5)]));
    assert!(world.got()[0].json.to_string().contains("i-2"));
    back("i-2", 20 * MINUTE, 4);
    assert_eq!(told(&world)[1], ("recovery".to_owned(), "agent-disconnected".to_owned(), 20));
    world.at(21 * MINUTE, async |monitor, round| {
        monitor.wait_with(agent("i-2"), Some(&version("i-2", 3)), grace, round).await
    });
    world.run(60 * MINUTE);
    assert_eq!(told(&world).len(), 2, "an event that is older than the one that came before");
}

#[test]
fn without_a_table_that_answers_what_would_wait_is_told_at_once_and_looks_are_silent() {
    let mut world = World::default();
    world.table_is_down = true;
    let agent = alert(Cause::AgentDisconnected, None, Some("i-1"));
    let waited = agent.clone();
    world.at(0, async |monitor, round| monitor.wait_with(waited, None, Duration::from_mins(5), round).await);
    for minute in 0..30 {
        look(&world, minute, Ok(vec![below()]));
    }
    assert_eq!(told(&world), expected(&[("alert", "agent-disconnected", 0)]));
    assert!(world.tally.lock().unwrap().table_failures >= 30);
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Before),
        1 => Just(Fault::After),
        1 => Just(Fault::DiesBefore),
        1 => Just(Fault::DiesAfter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever fails, a state that lasts is told, and its end after it.
    #[test]
    fn a_state_is_told_and_its_end_whatever_fails(faults in prop::collection::vec(fault(), 0..60)) {
        let faultless = faults.iter().all(|fault| *fault == Fault::None);
        let world = World::with_faults(faults);
        for minute in 0..120 {
            look(&world, minute, Ok(vec![below()]));
        }
        let begun = told(&world);
        prop_assert!(begun.iter().any(|(notice, ..)| notice == "alert"), "{begun:?}");
        prop_assert!(begun.iter().all(|(notice, ..)| notice != "recovery"), "{begun:?}");
        prop_assert!(!faultless || begun.len() == 1, "{begun:?}");
        for minute in 120..180 {
            look(&world, minute, Ok(Vec::new()));
        }
        let all = told(&world);
        let ends = all.iter().filter(|(notice, ..)| notice == "recovery").count();
        prop_assert!(ends == 1 || (ends > 1 && !faultless), "{all:?}");
        prop_assert_eq!(&all[all.len() - 1].0, "recovery");
    }

    /// What waits is told if it is not withdrawn, whatever fails, once the event comes again.
    #[test]
    fn what_waits_is_told_whatever_fails(faults in prop::collection::vec(fault(), 0..40)) {
        let world = World::with_faults(faults);
        let occasion = Occasion { key: "instance#i-1".into(), version: 3 };
        for minute in 0..60 {
            let agent = alert(Cause::AgentDisconnected, None, Some("i-1"));
            let fate = world.at(minute * MINUTE, async |monitor, round| {
                monitor.wait_with(agent, Some(&occasion), Duration::from_mins(5), round).await
            });
            if fate.is_some_and(|fate| !matches!(fate, crate::handler::monitor::Fate::Failed(_))) {
                break;
            }
        }
        world.run(10 * 24 * 60 * MINUTE);
        let told = told(&world);
        prop_assert!(told.iter().any(|(notice, ..)| notice == "alert"), "{told:?}");
    }
}
