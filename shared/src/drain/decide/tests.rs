//! The table of a drain, row by row, and what holds for every row.

mod deadline;

use std::time::Duration;

use super::step;
use crate::drain::auto_scaling::{ActionResult, Hook, LifecycleState, TERMINATING};
use crate::drain::class::{Class, ClassedTask};
use crate::drain::container_instance::{ContainerInstance, Status};
use crate::drain::marks::{self, Marks, Stage};
use crate::drain::snapshot::{Place, Snapshot, Tasks};
use crate::drain::step::{Because, Ending, Leave, Step, Wait};
use crate::drain::task::{STOP_REASON, Task};
use crate::event::Timestamp;
use crate::policy::drain::DrainPolicy;

const T0: Timestamp = Timestamp::from_millis(1_795_417_500_000);

fn at(seconds: u64) -> Timestamp {
    T0.plus(Duration::from_secs(seconds))
}

fn hook() -> Hook {
    Hook {
        name: "ecs-steward".into(),
        group: "harbor".into(),
        transition: TERMINATING.into(),
        heartbeat_timeout: Duration::from_hours(1),
        global_timeout: Duration::from_hours(48),
        notification_metadata: None,
    }
}

fn instance(status: &str, count: i64) -> ContainerInstance {
    ContainerInstance {
        arn: "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a".into(),
        ec2_instance_id: Some("i-0a".into()),
        status: Status::from_word(status),
        agent_connected: true,
        running_tasks_count: count,
        pending_tasks_count: 0,
        attributes: Vec::new(),
    }
}

fn marked(mut instance: ContainerInstance, stage: Stage, heartbeat: Option<u64>) -> ContainerInstance {
    let of_drain = Marks { since: T0, draining: at(2), stage, heartbeat: None };
    let mut attributes = vec![of_drain.drain_started("")];
    attributes.extend(heartbeat.map(|seconds| marks::heartbeat("", at(seconds))));
    instance.attributes = attributes.into_iter().map(|put| (put.name.to_owned(), put.value)).collect();
    instance
}

fn waiting(place: Place) -> Snapshot {
    Snapshot {
        place,
        waiting_since: Some(T0),
        ..Snapshot::new("i-0a", Some(LifecycleState::TerminatingWait))
    }
}

fn draining(count: i64, stage: Stage, tasks: Tasks) -> Snapshot {
    Snapshot { tasks, ..waiting(Place::In(marked(instance("DRAINING", count), stage, None))) }
}

fn task(name: &str, last: &str, desired: &str, class: Class) -> ClassedTask {
    let task = Task {
        arn: name.into(),
        last_status: Some(last.into()),
        desired_status: Some(desired.into()),
        ..Task::default()
    };
    ClassedTask { task, class }
}

fn listed(tasks: Vec<ClassedTask>) -> Tasks {
    Tasks::Listed { tasks, complete: true }
}

fn decide(seen: &Snapshot, now: u64) -> Step {
    step(seen, Some(&hook()), at(now), &DrainPolicy::default())
}

fn wait(because: Because) -> Step {
    Step::Wait(Wait { because, heartbeat: false, stop: Vec::new(), tell: None })
}

fn drained(stopped_by_us: usize, ignored: usize) -> Step {
    Step::Complete(ActionResult::Continue, Ending::Drained { stopped_by_us, ignored })
}

#[test]
fn what_no_hook_holds_is_left_alone() {
    let mut seen = waiting(Place::In(instance("ACTIVE", 3)));
    seen.state = None;
    assert_eq!(decide(&seen, 5), Step::Leave(Leave::Gone));
    for word in [
        "InService",
        "Terminating:Proceed",
        "Terminated",
        "Terminating:Retained",
        "Pending:Wait",
        "Quarantined",
        "",
    ] {
        seen.state = Some(LifecycleState::from_word(word));
        assert_eq!(decide(&seen, 5), Step::Leave(Leave::NotWaiting(word.into())), "{word}");
    }
    for word in ["Terminating:Wait", "Warmed:Terminating:Wait"] {
        seen.state = Some(LifecycleState::from_word(word));
        assert!(matches!(decide(&seen, 5), Step::Drain { .. }), "{word}");
    }
}

#[test]
fn what_could_not_be_found_out_is_waited_for() {
    let trouble = || Because::Trouble("failing".into());
    assert_eq!(decide(&waiting(Place::Unknown("failing".into())), 5), wait(trouble()));
    assert_eq!(decide(&draining(0, Stage::Started, Tasks::Unknown("failing".into())), 60), wait(trouble()));
    // Even past the end nothing is completed on an error.
    let seen = draining(0, Stage::Deadline, Tasks::Unknown("failing".into()));
    assert!(matches!(decide(&seen, 48 * 3600), Step::Remember { .. } | Step::Wait(_)));
}

#[test]
fn an_instance_that_never_joined_gets_a_moment_to_join() {
    let mut seen = waiting(Place::NoCluster);
    assert_eq!(
        decide(&seen, 3000),
        Step::Wait(Wait { because: Because::Joining, heartbeat: true, stop: vec![], tell: None })
    );
    seen.unjoined_since = Some(T0);
    assert_eq!(decide(&seen, 44), wait(Because::Joining));
    assert_eq!(decide(&seen, 45), Step::Complete(ActionResult::Continue, Ending::NeverJoined));
}

#[test]
fn an_active_instance_is_drained_and_its_start_remembered() {
    let seen = waiting(Place::In(instance("ACTIVE", 3)));
    let new = Marks { since: T0, draining: at(5), stage: Stage::Begun, heartbeat: None };
    assert_eq!(decide(&seen, 5), Step::Drain { marks: new, heartbeat: false, tell: None });
    // Nobody knows since when the hook waits: a heartbeat at once.
    let found = Snapshot { waiting_since: None, ..seen };
    let new = Marks { since: at(5), ..new };
    assert_eq!(decide(&found, 5), Step::Drain { marks: new, heartbeat: true, tell: None });
    // The last attempt failed: the time goes on from its begin.
    let again = waiting(Place::In(marked(instance("ACTIVE", 3), Stage::Started, None)));
    let kept = Marks { since: T0, draining: at(65), stage: Stage::Started, heartbeat: None };
    assert_eq!(decide(&again, 65), Step::Drain { marks: kept, heartbeat: false, tell: None });
    // The marks are of an earlier life: one that was finished, or one nobody has kept up.
    let mut reused = waiting(Place::In(marked(instance("ACTIVE", 3), Stage::Released, None)));
    reused.waiting_since = Some(at(600));
    let new = Marks { since: at(600), draining: at(605), stage: Stage::Begun, heartbeat: None };
    assert_eq!(decide(&reused, 605), Step::Drain { marks: new, heartbeat: false, tell: None });
    let mut old = waiting(Place::In(marked(instance("ACTIVE", 3), Stage::Stuck75, None)));
    (old.waiting_since, old.hook_began) = (Some(at(9000)), Some(at(9000)));
    let new = Marks { since: at(9000), draining: at(9005), stage: Stage::Begun, heartbeat: None };
    assert_eq!(decide(&old, 9005), Step::Drain { marks: new, heartbeat: false, tell: None });
}

#[test]
fn an_instance_somebody_else_set_draining_is_taken_over() {
    let seen = waiting(Place::In(instance("DRAINING", 0)));
    let new = Marks { since: T0, draining: at(5), stage: Stage::Begun, heartbeat: None };
    assert_eq!(decide(&seen, 5), Step::Remember { marks: new, heartbeat: false });
    // What could not be written is remembered by the process.
    let remembered =
        Snapshot { remembered: Some(Marks { draining: T0, stage: Stage::Started, ..new }), ..seen };
    assert_eq!(decide(&remembered, 60), Step::ListTasks { heartbeat: false });
}

#[test]
fn other_statuses_wait_save_those_that_get_no_new_tasks() {
    for word in ["REGISTERING", "REGISTRATION_FAILED", "", "SOMETHING_NEW"] {
        let seen = waiting(Place::In(marked(instance(word, 0), Stage::Started, None)));
        assert_eq!(decide(&seen, 60), wait(Because::Status(word.into())), "{word}");
    }
    for word in ["DEREGISTERING", "INACTIVE"] {
        let seen = waiting(Place::In(marked(instance(word, 0), Stage::Started, None)));
        assert_eq!(decide(&seen, 60), Step::ListTasks { heartbeat: false }, "{word}");
    }
}

#[test]
fn task_lists_are_asked_for_when_the_count_is_zero_or_the_time_has_come() {
    assert_eq!(decide(&draining(0, Stage::Started, Tasks::NotListed), 5), wait(Because::Settling));
    assert_eq!(
        decide(&draining(0, Stage::Started, Tasks::NotListed), 12),
        Step::ListTasks { heartbeat: false }
    );
    assert_eq!(decide(&draining(3, Stage::Started, Tasks::NotListed), 12), wait(Because::TasksLeft(3)));
    let due = Snapshot { look_is_due: true, ..draining(3, Stage::Started, Tasks::NotListed) };
    assert_eq!(decide(&due, 12), Step::ListTasks { heartbeat: false });
    // A quarter of the hour has gone.
    assert_eq!(
        decide(&draining(3, Stage::Started, Tasks::NotListed), 900),
        Step::ListTasks { heartbeat: false }
    );
    assert_eq!(decide(&draining(3, Stage::Stuck25, Tasks::NotListed), 900), wait(Because::TasksLeft(3)));
    let mut pending = draining(0, Stage::Started, Tasks::NotListed);
    if let Place::In(instance) = &mut pending.place {
        instance.pending_tasks_count = 1;
    }
    assert_eq!(decide(&pending, 12), wait(Because::TasksLeft(1)));
}

#[test]
fn nothing_but_stopped_is_gone() {
    for status in [
        "PROVISIONING",
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "stopped",
        "",
    ] {
        for class in [Class::Service, Class::Standalone, Class::Protected, Class::AgentGone] {
            let tasks = vec![task("a", "STOPPED", "STOPPED", class), task("b", status, "STOPPED", class)];
            assert_eq!(
                decide(&draining(0, Stage::Started, listed(tasks)), 60),
                wait(Because::Unfinished(1)),
                "{status}"
            );
        }
    }
    let mut nameless = task("a", "", "STOPPED", Class::Service);
    nameless.task.last_status = None;
    assert_eq!(
        decide(&draining(0, Stage::Started, listed(vec![nameless])), 60),
        wait(Because::Unfinished(1))
    );
}

#[test]
fn a_drain_is_done_when_every_task_has_stopped_and_all_were_listed() {
    let stopped = || vec![task("a", "STOPPED", "STOPPED", Class::Service)];
    assert_eq!(decide(&draining(0, Stage::Started, listed(stopped())), 60), drained(0, 0));
    assert_eq!(decide(&draining(0, Stage::Started, listed(Vec::new())), 60), drained(0, 0));
    let partly = Tasks::Listed { tasks: stopped(), complete: false };
    assert_eq!(decide(&draining(0, Stage::Started, partly), 60), wait(Because::Recheck));
    let mut by_us = stopped();
    by_us[0].task.stopped_reason = Some(format!("{STOP_REASON} its time was over"));
    assert_eq!(decide(&draining(0, Stage::Started, listed(by_us)), 60), drained(1, 0));
    let daemons =
        vec![task("d", "RUNNING", "RUNNING", Class::Daemon), task("a", "STOPPED", "STOPPED", Class::Service)];
    assert_eq!(decide(&draining(1, Stage::Started, listed(daemons)), 60), drained(0, 1));
    // Our hook is done with, another one still holds the instance.
    assert_eq!(decide(&draining(0, Stage::Released, Tasks::NotListed), 60), Step::Leave(Leave::Released));
}

#[test]
fn marks_survive_being_written_and_read() {
    for stage in Stage::ALL {
        let written = marked(instance("DRAINING", 0), stage, Some(70));
        assert_eq!(
            Marks::of(&written),
            Some(Marks { since: T0, draining: at(2), stage, heartbeat: Some(at(70)) })
        );
        for (_, value) in &written.attributes {
            assert!(
                value.len() <= 128
                    && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./\\:@ ".contains(c))
            );
        }
    }
    for value in [
        "",
        "x",
        "2026-11-23T15:00:00Z",
        "2026-11-23T15:00:00Z 2026-11-23T15:00:02Z",
        "2026-11-23T15:00:00Z 2026-11-23T15:00:02Z odd",
    ] {
        let mut odd = instance("DRAINING", 0);
        odd.attributes = vec![(marks::DRAIN_STARTED.into(), value.into())];
        assert_eq!(Marks::of(&odd), None, "{value}");
    }
}
