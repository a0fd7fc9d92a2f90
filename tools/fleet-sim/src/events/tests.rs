//! What is told, and when.

use std::time::Duration;

use serde_json::Value;
use shared::drain::container_instance::Status;
use shared::event::{Detail, TaskStateChange};
use shared::intake;
use shared::judge::{self, Context, Verdict};
use shared::policy::Policy;
use shared::verdict::Cause;

use crate::ec2::InstanceNo;
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::outbox::{Kind, Road};
use crate::world::World;

const FIRST: InstanceNo = InstanceNo(0);

fn world() -> World {
    let road = Road { kinds: Kind::ALL.to_vec(), ..Road::default() };
    let fleet = Fleet { road, ..Fleet::seeded(1) };
    fleet.group(GroupPlan::named("g", 1).in_cluster("c").hook(HookPlan::named("h"))).build()
}

/// What was told since the last look.
fn told(world: &mut World, kind: Kind) -> Vec<Value> {
    world.advance_by(Duration::from_secs(1));
    let due = world.due_deliveries();
    let of_kind = due.iter().filter(|delivery| delivery.kind == kind);
    of_kind.map(|delivery| serde_json::from_str(&delivery.event).unwrap()).collect()
}

#[test]
fn a_container_instance_tells_what_aws_documents() {
    let mut world = world();
    let changes = |world: &mut World| told(world, Kind::ContainerInstanceChange);
    let plan = StandalonePlan::of_family("job").stops_in(Duration::from_secs(10));
    let task = world.start_standalone(FIRST, &plan).unwrap();
    let detail = changes(&mut world).remove(0)["detail"].take();
    assert_eq!((&detail["pendingTasksCount"], &detail["runningTasksCount"]), (&1.into(), &0.into()));
    assert_eq!((&detail["agentConnected"], &detail["status"]), (&true.into(), &"ACTIVE".into()));
    assert_eq!(detail["ec2InstanceId"], world.instance(FIRST).id.as_str());
    world.advance_by(Duration::from_secs(10));
    changes(&mut world);
    world.stop_task(task, "enough");
    assert_eq!(changes(&mut world)[0]["detail"]["runningTasksCount"], 0, "asked to stop");
    world.advance_by(Duration::from_secs(20));
    assert!(world.task(task).is_stopped());
    assert!(changes(&mut world).is_empty(), "that it stopped is not told of the instance");
    let ends = StandalonePlan::of_family("job").runs_for(Duration::from_secs(30));
    world.run_standalone(FIRST, &ends);
    changes(&mut world);
    world.advance_by(Duration::from_secs(31));
    assert_eq!(changes(&mut world).len(), 1, "one that stops by itself is");
    world.set_status(FIRST, Status::Draining);
    assert_eq!(changes(&mut world)[0]["detail"]["status"], "DRAINING");
    world.disconnect_agent(FIRST, None);
    assert_eq!(changes(&mut world)[0]["detail"]["agentConnected"], false);
}

#[test]
fn a_task_tells_of_every_step() {
    let mut world = world();
    let task = world.start_standalone(FIRST, &StandalonePlan::of_family("job")).unwrap();
    let mut statuses = Vec::new();
    for step in 0..40 {
        if step == 20 {
            world.stop_task(task, "enough");
        }
        for event in told(&mut world, Kind::TaskChange) {
            statuses.push(event["detail"]["lastStatus"].as_str().unwrap().to_owned());
        }
    }
    statuses.dedup();
    assert_eq!(
        statuses,
        ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED"]
    );
}

/// What a stopped task's event says of it, and what the judge makes of that.
fn judged(world: &mut World) -> (TaskStateChange, Verdict) {
    let stopped = told(world, Kind::TaskChange).into_iter().find(|event| {
        event["detail"]["lastStatus"] == "STOPPED" && event["detail"]["desiredStatus"] == "STOPPED"
    });
    let mut payload = intake::read(stopped.unwrap().to_string().as_bytes());
    let Detail::Task(task) = payload.records.remove(0).content.unwrap().detail else { panic!("a task") };
    let context = Context { now: world.now(), last_version: None, background: None, known_ends: &[] };
    let verdict = judge::judge(&task, &Policy::default(), &context);
    (*task, verdict)
}

#[test]
fn a_crash_is_told_as_one_and_the_rest_as_no_alert() {
    let mut world = world();
    let service = world.start_service(&ServicePlan::replica("web", "c", 1));
    world.advance_by(Duration::from_mins(1));
    world.due_deliveries();
    let crashed = world.crash(service, Some(FIRST), 1).unwrap();
    assert_eq!(world.crash(service, None, 1), None, "none runs before its replacement");
    world.advance_by(Duration::from_millis(900));
    let (task, verdict) = judged(&mut world);
    assert_eq!(
        (task.task_arn.as_deref(), verdict.cause),
        (Some(&*world.task(crashed).arn), Cause::ApplicationExit)
    );
    assert!(verdict.is_alert(), "{verdict:?}");
    assert_eq!((task.cluster(), task.service(), task.family()), (Some("c"), Some("web"), Some("web")));
    assert_eq!(task.started_by, world.started_by(crashed).map(Into::into));
    assert_eq!((task.launch_type.as_deref(), task.version), (Some("EC2"), Some(3)));
    assert_eq!(task.stopped_reason.as_deref(), Some("Essential container in task exited"));
    assert_eq!(task.ran_for_millis(), Some(60_000));
    assert!(task.stop_lag_millis() == Some(0) && task.container_instance_arn.is_some());
    let inside: Vec<_> =
        task.containers.iter().map(|one| (one.label(), one.last_status.as_deref(), one.exit_code)).collect();
    assert_eq!(inside, [("web", Some("STOPPED"), Some(1)), ("log-router", Some("STOPPED"), Some(0))]);

    world.advance_by(Duration::from_mins(1));
    world.due_deliveries();
    let replacement = world.service(service).tasks[0];
    assert!(world.task(replacement).is_healthy() && replacement != crashed);
    world.set_desired(service, 0);
    world.advance_by(Duration::from_secs(20));
    let (task, verdict) = judged(&mut world);
    assert_eq!(task.task_arn.as_deref(), Some(&*world.task(replacement).arn));
    assert!(!verdict.is_alert(), "{verdict:?}");

    let job = StandalonePlan::of_family("job").runs_for(Duration::from_secs(30));
    world.run_standalone(FIRST, &job);
    world.advance_by(Duration::from_secs(31));
    let (task, verdict) = judged(&mut world);
    assert_eq!((task.group.as_deref(), verdict.is_alert()), (Some("family:job"), false), "{verdict:?}");
}

#[test]
fn what_is_told_can_be_read() {
    let mut world = world();
    world.run_standalone(FIRST, &StandalonePlan::of_family("job"));
    world.spot_interrupt(FIRST);
    world.terminate(FIRST);
    world.advance_by(Duration::from_mins(10));
    let due = world.due_deliveries();
    assert!(due.len() > 4);
    for delivery in due {
        let mut payload = intake::read(delivery.event.as_bytes());
        assert_eq!(payload.records.len(), 1);
        let event = payload.records.remove(0).content.unwrap();
        assert_eq!(event.envelope.detail_type.as_deref(), Some(delivery.kind.detail_type()));
        assert_eq!(matches!(event.detail, Detail::Task(_)), delivery.kind == Kind::TaskChange);
    }
}
