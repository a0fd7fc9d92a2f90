//! The table of what is seen and what is done about it, and what holds for all of it.

use std::time::Duration;

use proptest::prelude::*;

use super::marks::{CLAIM, PROTECTED_SINCE, SETTLING};
use super::{
    CapacityProvider, Leave, Managed, Mark, Member, OnHost, Plan, Snapshot, Stage, Step, Tasks, Wait, plan,
    step,
};
use crate::drain::auto_scaling::{GroupInstance, LifecycleState};
use crate::drain::container_instance::{ContainerInstance, Status};
use crate::event::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_417_500_000);
const GRACE: Duration = Duration::from_mins(2);

fn member(state: &str, is_protected: bool) -> Member {
    let state = LifecycleState::from_word(state);
    let instance = GroupInstance { instance_id: "i-0a1b".into(), group: "batch".into(), state };
    Member { instance, is_protected }
}

/// A mark of a stage that changed so long ago.
fn mark(stage: Stage, ago: Duration) -> Mark {
    Mark { since: NOW.minus(Duration::from_hours(1)), changed: NOW.minus(ago), stage }
}

fn seen(mark: Option<Mark>, is_protected: bool, tasks: Tasks) -> Snapshot {
    Snapshot {
        member: Some(member("InService", is_protected)),
        status: Status::Active,
        mark,
        managed: Managed::No,
        tasks,
    }
}

#[test]
fn what_is_noted_and_seen_decides() {
    let (long, short) = (Duration::from_mins(30), Duration::from_secs(5));
    let (one, none, gone) = (|| Tasks::Some(1), || Tasks::NoneSeen, || Tasks::Gone);
    let at = |stage, ago| Some(mark(stage, ago));
    for (noted, is_protected, tasks, want) in [
        (None, false, one(), Step::Protect),
        (None, true, one(), Step::Leave(Leave::OthersProtection)),
        (None, false, none(), Step::Leave(Leave::NothingToProtect)),
        (None, true, gone(), Step::Leave(Leave::NothingToProtect)),
        // We noted that we begin, and nobody knows what came of it.
        (at(Stage::Begun, short), false, one(), Step::Protect),
        (at(Stage::Begun, short), true, one(), Step::Hold),
        (at(Stage::Begun, CLAIM), true, gone(), Step::Hold),
        (at(Stage::Begun, long), true, one(), Step::Yield),
        (at(Stage::Begun, long), true, none(), Step::Yield),
        (at(Stage::Begun, short), false, none(), Step::Wait(Wait::Settling)),
        (at(Stage::Begun, SETTLING), false, none(), Step::Forget),
        // It is ours.
        (at(Stage::Held, long), true, one(), Step::Keep),
        (at(Stage::Held, long), true, none(), Step::Look),
        (at(Stage::Held, long), true, gone(), Step::Idle),
        (at(Stage::Held, short), false, one(), Step::Wait(Wait::Settling)),
        (at(Stage::Held, long), false, one(), Step::Yield),
        (at(Stage::Held, long), false, none(), Step::Look),
        (at(Stage::Held, long), false, gone(), Step::Forget),
        // Its tasks are gone, for now.
        (at(Stage::Idle, short), true, none(), Step::Wait(Wait::Grace)),
        (at(Stage::Idle, short), true, gone(), Step::Wait(Wait::Grace)),
        (at(Stage::Idle, GRACE), true, none(), Step::Look),
        (at(Stage::Idle, GRACE), true, gone(), Step::Release),
        (at(Stage::Idle, long), true, one(), Step::Hold),
        (at(Stage::Idle, long), false, one(), Step::Protect),
        (at(Stage::Idle, long), false, none(), Step::Forget),
        // Somebody else has decided.
        (at(Stage::Yielded, long), false, one(), Step::Leave(Leave::TakenBack)),
        (at(Stage::Yielded, long), true, one(), Step::Leave(Leave::TakenBack)),
        (at(Stage::Yielded, long), true, none(), Step::Look),
        (at(Stage::Yielded, long), true, gone(), Step::Forget),
        (at(Stage::Yielded, long), false, gone(), Step::Forget),
    ] {
        let seen = seen(noted, is_protected, tasks);
        assert_eq!(step(&seen, NOW, GRACE), want, "{seen:?}");
    }
}

#[test]
fn an_instance_that_is_not_ours_to_judge_is_left_alone() {
    for state in
        ["Terminating:Wait", "Terminating:Proceed", "Terminating:Retained", "Standby", "Pending:Wait", ""]
    {
        let seen = Snapshot { member: Some(member(state, false)), ..seen(None, false, Tasks::Some(1)) };
        assert_eq!(step(&seen, NOW, GRACE), Step::Leave(Leave::NotInService(state.into())));
    }
    let nowhere = Snapshot { member: None, ..seen(None, false, Tasks::Some(1)) };
    assert_eq!(step(&nowhere, NOW, GRACE), Step::Leave(Leave::NoGroup));
    let managed = |managed| Snapshot { managed, ..seen(None, false, Tasks::Some(1)) };
    assert_eq!(step(&managed(Managed::Yes), NOW, GRACE), Step::Leave(Leave::Managed));
    let unknown = step(&managed(Managed::Unknown("why".into())), NOW, GRACE);
    assert_eq!(unknown, Step::Wait(Wait::Trouble("why".into())));
    for status in ["DRAINING", "DEREGISTERING", ""] {
        let status = Status::from_word(status);
        let draining = Snapshot { status: status.clone(), ..seen(None, false, Tasks::Some(1)) };
        assert_eq!(step(&draining, NOW, GRACE), Step::Leave(Leave::NotActive(status.word().into())));
        // What is ours is taken back even so, once its tasks are gone.
        let idle = Some(mark(Stage::Idle, GRACE));
        let drained = Snapshot { status, ..self::seen(idle, true, Tasks::Gone) };
        assert_eq!(step(&drained, NOW, GRACE), Step::Release);
    }
}

#[test]
fn a_dry_run_says_what_it_would_do_and_yields_to_what_is_done() {
    let on = |acting, trial| OnHost { acting, trial, ..OnHost::default() };
    let fresh = seen(None, false, Tasks::NoneSeen);
    for (on, cluster_acts, want) in [
        (on(1, 0), true, Plan { step: Step::Protect, acts: true }),
        (on(1, 2), true, Plan { step: Step::Protect, acts: true }),
        (on(0, 1), true, Plan { step: Step::Protect, acts: false }),
        (on(0, 1), false, Plan { step: Step::Protect, acts: false }),
        (on(0, 0), true, Plan { step: Step::Leave(Leave::NothingToProtect), acts: true }),
    ] {
        assert_eq!(plan(&fresh, &on, cluster_acts, NOW, GRACE), want, "{on:?}");
    }
    let ours = seen(Some(mark(Stage::Idle, GRACE)), true, Tasks::NoneSeen);
    let gone = OnHost { trial: 1, seen_gone: true, ..OnHost::default() };
    assert_eq!(plan(&ours, &gone, true, NOW, GRACE), Plan { step: Step::Release, acts: true });
    assert!(!plan(&ours, &gone, false, NOW, GRACE).acts);
    let unknown = OnHost { trouble: Some("why".into()), ..gone };
    assert_eq!(plan(&ours, &unknown, true, NOW, GRACE).step, Step::Wait(Wait::Trouble("why".into())));
}

#[test]
fn a_mark_is_read_as_it_was_written_and_an_odd_one_is_nobodys() {
    let instance = |value: &str| ContainerInstance {
        arn: "arn".into(),
        ec2_instance_id: None,
        status: Status::Active,
        agent_connected: true,
        running_tasks_count: 0,
        pending_tasks_count: 0,
        attributes: vec![(PROTECTED_SINCE.into(), value.into())],
    };
    for stage in Stage::ALL {
        let mark = Mark::begun(NOW).at(stage, NOW.plus(GRACE));
        assert_eq!(Mark::of(&instance(&mark.attribute("arn").value)), Some(mark));
    }
    let held = Mark::begun(NOW).at(Stage::Held, NOW).attribute("arn").value;
    for odd in ["", "held", "2026-11-23T15:00:00Z", &format!("{held} more"), &held.replace("held", "kept")] {
        assert_eq!(Mark::of(&instance(odd)).map(|mark| mark.stage), Some(Stage::Yielded), "{odd}");
    }
    assert_eq!(Mark::of(&ContainerInstance { attributes: Vec::new(), ..instance("") }), None);
}

#[test]
fn a_capacity_provider_names_its_group() {
    let of = |arn: &str| CapacityProvider { name: "cp".into(), group_arn: Some(arn.into()), protects: true };
    let arn = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0-1:autoScalingGroupName/a/b";
    assert_eq!(of(arn).group(), Some("a/b"));
    assert_eq!(of("batch").group(), None);
}

proptest! {
    /// Whatever is seen: only what a note of ours says is ours is taken back, only when every task was seen to be
    /// gone; nothing is protected that drains, goes, is managed or is protected already.
    #[test]
    fn nothing_is_taken_that_is_not_ours(
        stage in prop::option::of(0..4_usize),
        ago in 0..7200_u64,
        is_protected: bool,
        tasks in 0..4_usize,
        place in 0..5_usize,
    ) {
        let noted = stage.map(|stage| mark(Stage::ALL[stage], Duration::from_secs(ago)));
        let tasks = [Tasks::Some(2), Tasks::NoneSeen, Tasks::Gone, Tasks::Unknown("why".into())][tasks].clone();
        let mut seen = seen(noted, is_protected, tasks);
        match place {
            0 => seen.status = Status::Draining,
            1 => seen.member = Some(member("Terminating:Wait", is_protected)),
            2 => seen.managed = Managed::Yes,
            3 => seen.member = None,
            _ => {}
        }
        let next = step(&seen, NOW, GRACE);
        if next == Step::Release {
            prop_assert_eq!(noted.map(|mark| mark.stage), Some(Stage::Idle));
            prop_assert_eq!(&seen.tasks, &Tasks::Gone);
        }
        if next == Step::Protect {
            prop_assert!(!is_protected && place == 4 && seen.tasks == Tasks::Some(2));
        }
        if matches!(seen.tasks, Tasks::Unknown(_)) || (1..4).contains(&place) {
            prop_assert!(!next.is_change(), "{:?}", next);
        }
        prop_assert!(!next.in_words().is_empty());
    }
}
