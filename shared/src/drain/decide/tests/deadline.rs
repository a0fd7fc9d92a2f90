//! The deadline: what people are told, which tasks are stopped, how it ends, heartbeats.

use std::time::Duration;

use super::{at, decide, drained, draining, hook, instance, listed, marked, task, wait, waiting};
use crate::drain::auto_scaling::{ActionResult, Hook};
use crate::drain::class::{Class, ClassedTask};
use crate::drain::decide::step;
use crate::drain::marks::{self, Stage};
use crate::drain::snapshot::{Place, Snapshot, Tasks};
use crate::drain::step::{Because, Ending, Leave, Step, Wait};
use crate::policy::drain::{AtDeadline, DrainPolicy, Treatment};

#[test]
fn people_are_told_once_at_each_quarter() {
    let left = || listed(vec![task("a", "RUNNING", "RUNNING", Class::Standalone)]);
    let told = |stage, now| {
        let Step::Wait(wait) = decide(&draining(1, stage, left()), now) else { panic!("it waits") };
        wait.tell
    };
    for (stage, now, want) in [
        (Stage::Begun, 60, Some(Stage::Started)),
        (Stage::Started, 60, None),
        (Stage::Started, 899, None),
        (Stage::Started, 900, Some(Stage::Stuck25)),
        (Stage::Stuck25, 1799, None),
        (Stage::Stuck25, 1800, Some(Stage::Stuck50)),
        (Stage::Started, 2700, Some(Stage::Stuck75)),
        (Stage::Stuck75, 3599, None),
        (Stage::Stuck75, 3600, Some(Stage::Deadline)),
    ] {
        assert_eq!(told(stage, now), want, "{stage:?} {now}");
    }
}

/// A drain that heard its hook a minute ago, `now` seconds after its start.
fn kept_up(now: u64, stage: Stage, tasks: Vec<ClassedTask>, retains: Option<bool>) -> Snapshot {
    let place = Place::In(marked(instance("DRAINING", 1), stage, Some(now.saturating_sub(60))));
    Snapshot { tasks: listed(tasks), retains_on_abandon: retains, ..waiting(place) }
}

#[test]
fn the_end_of_the_deadline_is_as_the_policy_says() {
    let policy = |at_deadline| DrainPolicy { at_deadline, ..DrainPolicy::default() };
    let asked = || vec![task("a", "STOPPING", "STOPPED", Class::Standalone)];
    let running = || vec![task("a", "RUNNING", "RUNNING", Class::Standalone)];
    let decide = |at_deadline, now, tasks, retains| {
        step(&kept_up(now, Stage::Deadline, tasks, retains), Some(&hook()), at(now), &policy(at_deadline))
    };
    let stop = || {
        Step::Wait(Wait {
            because: Because::Unfinished(1),
            heartbeat: false,
            stop: vec!["a".into()],
            tell: None,
        })
    };
    let retained = || Step::Complete(ActionResult::Abandon, Ending::Retained { left: 1 });
    let forced = || Step::Complete(ActionResult::Continue, Ending::Forced { left: 1 });
    let hour = 3600;
    let end = 48 * 3600 - 600;
    // Continue: stop within the grace before the deadline, then go on.
    assert_eq!(decide(AtDeadline::Continue, hour - 121, running(), None), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Continue, hour - 120, running(), None), stop());
    assert_eq!(decide(AtDeadline::Continue, hour - 60, asked(), None), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Continue, hour, asked(), None), forced());
    // Retain: only where the group does; the group is asked when it matters.
    assert_eq!(decide(AtDeadline::Retain, hour - 600, running(), None), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Retain, hour, running(), None), Step::AskGroup { heartbeat: false });
    assert_eq!(decide(AtDeadline::Retain, hour - 1, running(), Some(true)), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Retain, hour, running(), Some(true)), retained());
    assert_eq!(decide(AtDeadline::Retain, hour, running(), Some(false)), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Retain, end, asked(), Some(false)), forced());
    // Hold: until the hook would end by itself.
    assert_eq!(decide(AtDeadline::Hold, 47 * hour, running(), None), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Hold, end - 120, running(), None), Step::AskGroup { heartbeat: false });
    assert_eq!(decide(AtDeadline::Hold, end - 120, running(), Some(false)), stop());
    assert_eq!(decide(AtDeadline::Hold, end - 120, running(), Some(true)), wait(Because::Unfinished(1)));
    assert_eq!(decide(AtDeadline::Hold, end, running(), Some(true)), retained());
    assert_eq!(decide(AtDeadline::Hold, end, asked(), Some(false)), forced());
}

#[test]
fn each_class_is_treated_as_the_policy_says() {
    let half = Treatment::StopAfter(Duration::from_mins(30));
    let policy = DrainPolicy { standalone: half, protected: Treatment::Ignore, ..DrainPolicy::default() };
    let decide =
        |now, tasks| step(&kept_up(now, Stage::Stuck50, tasks, None), Some(&hook()), at(now), &policy);
    let standalone = |desired| task("s", "RUNNING", desired, Class::Standalone);
    let service = || task("w", "RUNNING", "RUNNING", Class::Service);
    assert_eq!(decide(1799, vec![standalone("RUNNING"), service()]), wait(Because::Unfinished(2)));
    let stop = Wait { because: Because::Unfinished(2), heartbeat: false, stop: vec!["s".into()], tell: None };
    assert_eq!(decide(1800, vec![standalone("RUNNING"), service()]), Step::Wait(stop));
    assert_eq!(decide(1860, vec![standalone("STOPPED"), service()]), wait(Because::Unfinished(2)));
    assert_eq!(decide(1860, vec![task("p", "RUNNING", "RUNNING", Class::Protected)]), drained(0, 1));
    // At that time the tasks are listed even though ECS counts some, and so it is told whom to stop.
    let unlisted = Snapshot { tasks: Tasks::NotListed, ..kept_up(1800, Stage::Stuck50, vec![], None) };
    assert_eq!(step(&unlisted, Some(&hook()), at(1800), &policy), Step::ListTasks { heartbeat: false });
}

#[test]
fn a_heartbeat_is_due_after_half_its_timeout() {
    let due = |timeout: u64, heard: u64, now: u64| {
        let hook = Hook { heartbeat_timeout: Duration::from_secs(timeout), ..hook() };
        let place = Place::In(marked(instance("DRAINING", 3), Stage::Deadline, Some(heard)));
        step(&waiting(place), Some(&hook), at(now), &DrainPolicy::default()).heartbeat()
    };
    for (timeout, heard, now, want) in [
        (3600, 100, 1894, false),
        (3600, 100, 1895, true),
        (300, 100, 214, false),
        (300, 100, 215, true),
        // Too short to live from tick to tick: at every look, but not at every event.
        (60, 100, 114, false),
        (60, 100, 115, true),
    ] {
        assert_eq!(due(timeout, heard, now), want, "{timeout} {heard} {now}");
    }
    // Where ECS does not answer, what this process remembers counts, and nothing known means at once.
    let unknown = Snapshot { waiting_since: None, ..waiting(Place::Unknown("failing".into())) };
    assert!(decide(&unknown, 10).heartbeat());
    assert!(!decide(&Snapshot { last_heartbeat: Some(at(5)), ..unknown }, 10).heartbeat());
}

#[test]
fn without_a_hook_it_drains_watches_and_stops_nothing() {
    let strict = DrainPolicy {
        deadline: Duration::from_secs(1),
        at_deadline: AtDeadline::Continue,
        standalone: Treatment::StopAfter(Duration::from_secs(1)),
        ..DrainPolicy::default()
    };
    let decide = |place, tasks| {
        let seen = Snapshot { place, tasks, ..Snapshot::new("i-0a", None) };
        step(&seen, None, at(9000), &strict)
    };
    assert_eq!(decide(Place::NoCluster, Tasks::NotListed), Step::Leave(Leave::NoCluster));
    assert!(matches!(
        decide(Place::In(instance("ACTIVE", 1)), Tasks::NotListed),
        Step::Drain { heartbeat: false, .. }
    ));
    let there = || Place::In(instance("DRAINING", 0));
    assert_eq!(decide(there(), Tasks::NotListed), Step::ListTasks { heartbeat: false });
    let left = listed(vec![task("s", "RUNNING", "RUNNING", Class::Standalone)]);
    assert_eq!(decide(there(), left), wait(Because::Unfinished(1)));
    assert_eq!(decide(there(), listed(Vec::new())), Step::Drained { ignored: 0 });
}

#[test]
fn marks_of_the_future_hold_nothing_up() {
    let mut place = instance("DRAINING", 3);
    place.attributes = vec![
        (marks::DRAIN_STARTED.into(), format!("{} {} started", at(0), at(2))),
        (marks::HEARTBEAT.into(), at(90_000).to_string()),
    ];
    assert!(decide(&waiting(Place::In(place.clone())), 3500).heartbeat(), "a heartbeat is due all the same");
    place.attributes = vec![(marks::DRAIN_STARTED.into(), format!("{} {} started", at(90_000), at(90_000)))];
    assert!(matches!(decide(&waiting(Place::In(place)), 60), Step::Remember { .. }), "and it begins anew");
}

#[test]
fn what_cannot_be_seen_or_set_is_told_too() {
    let unseen = waiting(Place::Unknown("failing".into()));
    let tell = |seen: &Snapshot, now| {
        let step = decide(seen, now);
        let (Step::Wait(Wait { tell, .. }) | Step::Drain { tell, .. }) = step else { panic!("{step:?}") };
        tell
    };
    assert_eq!(tell(&unseen, 899), None);
    assert_eq!(tell(&unseen, 900), Some(Stage::Stuck25));
    let told = Snapshot { told: Some(Stage::Stuck25), ..unseen };
    assert_eq!((tell(&told, 900), tell(&told, 1800)), (None, Some(Stage::Stuck50)));
    let refused = waiting(Place::In(marked(instance("ACTIVE", 3), Stage::Started, Some(1700))));
    assert_eq!(tell(&refused, 1800), Some(Stage::Stuck50));
    let odd = waiting(Place::In(instance("REGISTERING", 0)));
    assert_eq!(tell(&odd, 2700), Some(Stage::Stuck75));
}

#[test]
fn a_grace_longer_than_half_the_time_is_cut() {
    let hook = Hook { global_timeout: Duration::from_mins(30), ..hook() };
    let policy = DrainPolicy {
        stop_grace: Duration::from_hours(10),
        at_deadline: AtDeadline::Hold,
        ..DrainPolicy::default()
    };
    let running = || vec![task("a", "RUNNING", "RUNNING", Class::Standalone)];
    let stops = |now| {
        let seen = kept_up(now, Stage::Deadline, running(), Some(false));
        let Step::Wait(wait) = step(&seen, Some(&hook), at(now), &policy) else { panic!("it waits") };
        wait.stop.len()
    };
    assert_eq!((stops(599), stops(600)), (0, 1), "the hook ends after 30 min, we after 20");
}

#[test]
fn an_end_waits_for_logs_and_never_past_the_end_of_the_drain() {
    let stopped = || vec![task("a", "STOPPED", "STOPPED", Class::Service)];
    let running = || vec![task("a", "RUNNING", "RUNNING", Class::Standalone)];
    let policy = DrainPolicy { at_deadline: AtDeadline::Continue, ..DrainPolicy::default() };
    let decide = |now, tasks, until: Option<u64>| {
        let seen = kept_up(now, Stage::Deadline, tasks, None);
        step(&Snapshot { collecting_until: until.map(at), ..seen }, Some(&hook()), at(now), &policy)
    };
    let forced = Step::Complete(ActionResult::Continue, Ending::Forced { left: 1 });
    // The hook holds for 48 hours, the drain for ten minutes less.
    let end = 48 * 3600 - 600;
    for (now, tasks, until, want) in [
        (3600, stopped(), Some(3601), wait(Because::Logs)),
        (3601, stopped(), Some(3601), drained(0, 0)),
        (3600, stopped(), None, drained(0, 0)),
        (3600, running(), Some(3900), wait(Because::Logs)),
        (3900, running(), Some(3900), forced.clone()),
        (end - 1, stopped(), Some(end + 300), wait(Because::Logs)),
        (end, stopped(), Some(end + 300), drained(0, 0)),
        (end, running(), Some(end + 300), forced),
    ] {
        assert_eq!(decide(now, tasks, until), want, "{now} {until:?}");
    }
    // The hook hears of it meanwhile.
    let place = Place::In(marked(instance("DRAINING", 0), Stage::Deadline, None));
    let silent = Snapshot { tasks: listed(stopped()), collecting_until: Some(at(3700)), ..waiting(place) };
    let Step::Wait(held) = step(&silent, Some(&hook()), at(3600), &policy) else { panic!("it waits") };
    assert!(held.heartbeat);
}
