//! An incident's course on the clock.

use super::{Cause, Course, Duration, Grouping, Notice, Severity, Timestamp, Wish};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

fn wish(course: &Course, now: Timestamp) -> Wish {
    course.wish(now, &Grouping::default())
}

/// Begins and accepts what is wished.
fn tell(course: &mut Course, now: Timestamp) -> Notice {
    let Wish::Tell(notice) = wish(course, now) else { panic!("nothing to tell: {course:?}") };
    let until = Timestamp::from_millis(now.as_millis() + 15_000);
    course.begin(notice, until);
    assert_eq!(wish(course, now), Wish::Wait(until), "somebody is at it");
    assert!(course.accepted(until, now));
    notice
}

fn told() -> Course {
    let mut course = Course::new(at(0), Severity::Medium, at(0));
    assert_eq!(tell(&mut course, at(0)), Notice::Alert);
    course
}

#[test]
fn one_stop_is_one_alert_and_one_recovery() {
    let mut course = told();
    assert_eq!(wish(&course, at(0)), Wish::Wait(at(60)));
    assert_eq!(tell(&mut course, at(60)), Notice::Recovery);
}

#[test]
fn a_crash_loop_is_told_at_doubling_spaces() {
    let mut course = told();
    let mut digests = Vec::new();
    for minute in 1..=900 {
        course.add(at(minute), Severity::Medium);
        if matches!(wish(&course, at(minute)), Wish::Tell(_)) {
            assert_eq!(tell(&mut course, at(minute)), Notice::Digest);
            digests.push(minute);
        }
    }
    assert_eq!(digests, [5, 15, 35, 75, 155, 315, 555, 795]);
    assert_eq!(course.untold(), 105);
    assert_eq!(tell(&mut course, at(960)), Notice::Recovery, "it covers what was not told");
    assert_eq!(course.untold(), 0);
}

#[test]
fn what_is_louder_is_told_at_once() {
    let mut course = told();
    course.add(at(1), Severity::Low);
    assert_eq!(wish(&course, at(1)), Wish::Wait(at(5)));
    course.add(at(2), Severity::High);
    assert_eq!(tell(&mut course, at(2)), Notice::Louder);
    assert_eq!(course.untold(), 0);
    course.add(at(3), Severity::High);
    assert_eq!(wish(&course, at(3)), Wish::Wait(at(5)));
}

#[test]
fn a_steady_service_shortens_the_wait_and_a_stop_takes_that_back() {
    let mut course = told();
    course.steady(at(3));
    assert_eq!(course.over_at(&Grouping::default()), at(10));
    course.steady(at(20));
    assert_eq!(course.over_at(&Grouping::default()), at(20));
    course.add(at(21), Severity::Low);
    assert_eq!(course.over_at(&Grouping::default()), at(81));
    course.steady(at(20));
    assert_eq!(course.steady, None, "an old word about a newer stop");
}

#[test]
fn silence_about_a_service_is_waited_out_for_longer() {
    let course = told().about(Cause::PlacementFailed);
    let hours = |hours: i64| at(hours * 60);
    assert_eq!(course.over_at(&Grouping::default()), hours(7), "ECS repeats itself after six");
    let patient = Grouping { quiet_after: Duration::from_hours(24), ..Grouping::default() };
    assert_eq!(course.over_at(&patient), hours(24));
    let mut steady = course;
    steady.steady(at(3));
    assert_eq!(steady.over_at(&Grouping::default()), at(10), "a steady service is over all the same");
    steady.add(at(4), Severity::High);
    assert!(steady.reopened() && steady.of_a_service, "what begins anew is about the same");
}

#[test]
fn a_lease_that_ends_is_taken_again_and_the_late_holder_is_nobody() {
    let mut course = Course::new(at(0), Severity::High, at(0));
    course.begin(Notice::Alert, at(1));
    assert_eq!(wish(&course, at(0)), Wish::Wait(at(1)));
    assert_eq!(wish(&course, at(1)), Wish::Tell(Notice::Alert));
    course.begin(Notice::Alert, at(2));
    assert!(!course.accepted(at(1), at(1)), "the first holder's lease is gone");
    assert_eq!(course.told_severity, None);
    assert!(course.accepted(at(2), at(1)));
}

#[test]
fn topics_that_took_a_message_are_remembered_for_that_message() {
    let mut course = Course::new(at(0), Severity::High, at(0));
    course.begin(Notice::Alert, at(1));
    course.failed(at(1), at(0), &["a".to_owned()]);
    assert_eq!(
        wish(&course, at(0)),
        Wish::Tell(Notice::Alert),
        "nobody waits for a lease that was given back"
    );
    course.begin(Notice::Alert, at(2));
    assert_eq!(course.pending.as_ref().map(|pending| pending.delivered.len()), Some(1));
    course.failed(at(2), at(1), &["a".to_owned()]);
    course.add(at(1), Severity::High);
    course.begin(Notice::Alert, at(3));
    assert_eq!(course.pending.map(|pending| pending.delivered.len()), Some(0), "it says something else now");
}

#[test]
fn what_nobody_took_is_wished_for_ever() {
    let course = Course::new(at(0), Severity::Low, at(0));
    assert_eq!(wish(&course, at(100_000)), Wish::Tell(Notice::Alert));
}
