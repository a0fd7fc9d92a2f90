//! What ECS does, in small worlds.

use std::time::Duration;

use shared::drain::container_instance::Status;
use shared::drain::task::DesiredStatus;

use super::LastStatus::{
    self, Activating, Deactivating, Deprovisioning, Pending, Provisioning, Running, Stopped, Stopping,
};
use super::api::TaskQuery;
use super::{ServicePlan, StandalonePlan};
use crate::ec2::InstanceNo;
use crate::fleet::{Fleet, GroupPlan};
use crate::span::after;
use crate::world::World;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fleet(instances: usize) -> Fleet {
    Fleet::seeded(1).group(GroupPlan::named("g", instances).in_cluster("c"))
}

fn drain(world: &mut World, instance: InstanceNo) {
    world.set_status(instance, Status::Draining);
}

fn listed(world: &mut World, instance: InstanceNo, desired: DesiredStatus) -> usize {
    let arn = world.container_view(instance).unwrap().arn;
    world.list_tasks("c", &TaskQuery::on(&arn, desired), None, 100).unwrap().items.len()
}

const FIRST: InstanceNo = InstanceNo(0);

#[test]
fn the_count_drops_while_the_task_still_stops() {
    let mut world = fleet(1).build();
    let plan = StandalonePlan::of_family("job").stops_in(secs(20));
    let task = world.run_standalone(FIRST, &plan).unwrap();
    assert_eq!(world.counts(FIRST), (1, 0));
    world.stop_task(task, "enough");
    assert_eq!(world.counts(FIRST), (0, 0), "at once");
    assert_eq!(listed(&mut world, FIRST, DesiredStatus::Running), 0);
    assert_eq!(listed(&mut world, FIRST, DesiredStatus::Stopped), 1);
    world.advance_by(secs(10));
    assert_eq!(world.task(task).last, LastStatus::Stopping);
    world.advance_by(secs(12));
    assert_eq!(world.task(task).last, LastStatus::Stopped);
    assert_eq!(world.task(task).ending.as_ref().unwrap().exit_code, Some(143));
}

#[test]
fn a_task_that_will_not_stop_is_killed_after_its_stop_timeout() {
    let mut world = fleet(1).build();
    let plan = StandalonePlan::of_family("job").stops_in(Duration::MAX).stop_timeout(secs(30));
    let task = world.run_standalone(FIRST, &plan).unwrap();
    world.stop_task(task, "enough");
    world.advance_by(secs(30));
    assert!(!world.task(task).is_stopped());
    world.advance_by(secs(3));
    assert!(world.task(task).is_stopped());
    assert_eq!(world.task(task).ending.as_ref().unwrap().exit_code, Some(137));
}

#[test]
fn a_task_goes_through_every_status() {
    let mut world = fleet(1).build();
    let service = ServicePlan::replica("web", "c", 1)
        .starts_in(secs(8))
        .stops_in(secs(5))
        .deregistration_delay(secs(10));
    let service = world.start_service(&service);
    world.stop_task(world.service(service).tasks[0], "move");
    let mut seen = [vec![], vec![]];
    for _ in 0..400 {
        for (task, seen) in world.all_tasks().zip(&mut seen) {
            let last = world.task(task).last;
            if seen.last() != Some(&last) {
                seen.push(last);
            }
        }
        world.advance_by(Duration::from_millis(100));
    }
    assert_eq!(seen[0], [Running, Deactivating, Stopping, Deprovisioning, Stopped]);
    assert_eq!(seen[1], [Provisioning, Pending, Activating, Running], "its replacement");
}

#[test]
fn a_drain_keeps_to_the_percentages() {
    for (name, minimum, maximum, instances, desired, moved, least_healthy) in [
        ("start first", 100, 200, 2, 4, true, 4),
        ("100 and 100 sticks", 100, 100, 2, 4, false, 4),
        ("stop first", 50, 100, 2, 4, true, 2),
        ("no room sticks", 100, 200, 1, 4, false, 4),
        ("no room, but below 100", 0, 100, 1, 4, true, 0),
        ("half at a time", 50, 200, 3, 4, true, 2),
    ] {
        let mut world = fleet(instances)
            .service(ServicePlan::replica("web", "c", desired).percent(minimum, maximum))
            .build();
        drain(&mut world, FIRST);
        let mut least = usize::MAX;
        for _ in 0..600 {
            world.advance_by(secs(1));
            let healthy = world.all_tasks().filter(|task| world.task(*task).is_healthy()).count();
            least = least.min(healthy);
        }
        assert_eq!(world.live_tasks(FIRST).is_empty(), moved, "{name}");
        assert_eq!(least, least_healthy, "{name}");
    }
}

#[test]
fn what_services_have_not_started_stops_at_once_and_others_stay() {
    let mut world = fleet(2).build();
    let job = world.start_standalone(FIRST, &StandalonePlan::of_family("job")).unwrap();
    let service = world.start_service(&ServicePlan::replica("web", "c", 0).starts_in(secs(60)));
    world.set_desired(service, 3);
    world.advance_by(secs(6));
    let pending: Vec<_> = world.live_tasks(FIRST).into_iter().filter(|task| *task != job).collect();
    assert!(!pending.is_empty());
    drain(&mut world, FIRST);
    for task in pending {
        assert_eq!(world.task(task).desired, DesiredStatus::Stopped);
    }
    world.advance_by(secs(600));
    assert_eq!(world.live_tasks(FIRST), [job], "a task of no service is nobody's to move");
    assert!(world.task(job).is_healthy());
}

#[test]
fn a_protected_task_stays_until_its_protection_ends() {
    let mut world = fleet(2).service(ServicePlan::replica("web", "c", 1)).build();
    let task = world.live_tasks(FIRST)[0];
    let until = after(world.now(), secs(300));
    world.protect(task, Some(until));
    drain(&mut world, FIRST);
    world.advance_by(secs(299));
    assert!(world.task(task).is_healthy());
    world.advance_by(secs(30));
    assert!(world.task(task).is_stopped());
}

#[test]
fn a_daemon_stops_last() {
    let mut world = fleet(2)
        .service(ServicePlan::daemon("agent", "c"))
        .service(ServicePlan::replica("web", "c", 2).stops_in(secs(25)))
        .build();
    let job = world.run_standalone(FIRST, &StandalonePlan::of_family("job").runs_for(secs(200))).unwrap();
    drain(&mut world, FIRST);
    let daemon = world.live_tasks(FIRST)[0];
    world.advance_by(secs(199));
    assert!(world.task(daemon).is_healthy(), "the job still runs");
    world.advance_by(secs(60));
    assert_eq!(world.task(job).ending.as_ref().unwrap().exit_code, Some(0));
    assert!(world.task(daemon).stopped_at > world.task(job).stopped_at);
}

#[test]
fn nothing_moves_while_the_agent_is_away() {
    let mut world = fleet(1).build();
    let task = world.run_standalone(FIRST, &StandalonePlan::of_family("job")).unwrap();
    let ends = world.run_standalone(FIRST, &StandalonePlan::of_family("end").runs_for(secs(50))).unwrap();
    let back = after(world.now(), secs(120));
    world.disconnect_agent(FIRST, Some(back));
    world.stop_task(task, "enough");
    world.advance_by(secs(119));
    assert_eq!(world.task(task).last, LastStatus::Running);
    assert_eq!(world.task(ends).last, LastStatus::Running);
    assert_eq!(world.task(ends).desired, DesiredStatus::Running);
    world.advance_by(secs(10));
    assert!(world.task(task).is_stopped() && world.task(ends).is_stopped());
}

#[test]
fn a_stopped_task_is_known_for_an_hour() {
    let mut world = fleet(1).build();
    let task = world.run_standalone(FIRST, &StandalonePlan::of_family("job")).unwrap();
    let arns = [world.task(task).arn.clone()];
    world.stop_task(task, "enough");
    for (wait, known) in [(60, 1), (3400, 1), (3600, 0)] {
        world.advance_by(secs(wait));
        let reply = world.describe_tasks("c", &arns, None).unwrap();
        assert_eq!((reply.found.len(), reply.failures.len()), (known, 1 - known));
        assert_eq!(listed(&mut world, FIRST, DesiredStatus::Stopped), known);
        assert!(reply.failures.iter().all(|failure| failure.reason == "MISSING"));
    }
}

#[test]
fn an_instance_that_ends_kills_what_is_on_it_and_is_deregistered() {
    let mut world = fleet(2).service(ServicePlan::replica("web", "c", 2)).build();
    let arn = world.container_view(FIRST).unwrap().arn;
    let task = world.live_tasks(FIRST)[0];
    world.kill_instance(FIRST);
    assert!(!world.container_view(FIRST).unwrap().agent_connected);
    world.advance_by(secs(120));
    assert_eq!(world.task(task).ending.as_ref().unwrap().code, "TerminationNotice");
    let id = world.instance(FIRST).id.clone();
    assert!(world.task(task).ending.as_ref().unwrap().reason.contains(&id));
    let listed = world.list_container_instances("c", Some(&[id]), None, None, 100).unwrap();
    assert!(listed.items.is_empty());
    let described = world.describe_container_instances("c", &[arn], None).unwrap();
    assert_eq!(world.container_view(described.found[0]).unwrap().status.word(), "INACTIVE");
    assert_eq!(world.live_tasks(InstanceNo(1)).len(), 2, "its service goes on elsewhere");
}
