//! The cases that other drainers stumble over, one by one.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod web_group;

use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::api::Op;
use fleet_sim::drive::Feed;
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::report::Report;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim, World};
use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::Status;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use web_group::{HOUR, group, hook};

/// What happened: the report, and the subjects of what people were told.
struct Outcome {
    report: Report,
    told: Vec<String>,
}

/// Lets something happen to the first instance, and runs until all is over or for `longest`.
fn after(sim: &Sim, policy: &str, longest: Duration, act: impl FnOnce(&mut World, InstanceNo)) -> Outcome {
    {
        let mut world = sim.world();
        let first = world.all_instances().next().expect("an instance");
        act(&mut world, first);
    }
    let policy = Policy::parse(policy).expect("a policy");
    let mut driver = ours::drive(sim, Feed::default(), policy, Settings::default());
    driver.run_for(Duration::from_secs(90));
    driver.run_until_quiet(longest);
    let told = sim.world().told.messages.iter().map(|(_, message)| message.subject.clone()).collect();
    Outcome { report: driver.report(), told }
}

fn terminated(sim: &Sim, policy: &str) -> Outcome {
    after(sim, policy, 60 * HOUR, |world, instance| {
        world.terminate(instance);
    })
}

fn outcome(report: &Report) -> (usize, usize, usize, usize, usize) {
    (report.killed, report.continued, report.abandoned, report.expired, report.unfinished)
}

fn status(sim: &Sim) -> Status {
    let world = sim.world();
    let first = world.all_instances().next().expect("an instance");
    world.instance(first).container.as_ref().expect("a container instance").status.clone()
}

#[test]
fn an_instance_that_never_joined_is_let_go_after_a_moment() {
    let sim = Fleet::seeded(1).cluster("harbor").group(GroupPlan::named("idle", 1).hook(hook())).simulate();
    let Outcome { report, told } = terminated(&sim, "");
    assert_eq!(outcome(&report), (0, 1, 0, 0, 0));
    let (_, latest) = report.lateness().expect("a drain");
    assert!((45_000..125_000).contains(&latest), "{latest} ms");
    assert_eq!(told, ["[low] drain-finished: ecs-steward"], "where it was looked for may be wrong");
}

#[test]
fn an_instance_on_its_way_to_the_warm_pool_is_drained_too_and_its_marks_end_there() {
    let sim = Fleet::seeded(1).group(group(3)).service(ServicePlan::replica("web", "harbor", 6)).simulate();
    let Outcome { report, .. } = after(&sim, "", 2 * HOUR, |world, instance| {
        world.terminate_to_warm_pool(instance);
    });
    assert_eq!(outcome(&report), (0, 1, 0, 0, 0));
    let world = sim.world();
    let container = world.instance(world.all_instances().next().expect("it")).container.clone().expect("it");
    let mark = &container.attributes["ecs-steward.drain-started"];
    assert!(mark.ends_with(" released"), "the next drain of it begins anew: {mark}");
}

#[test]
fn an_instance_that_is_gone_before_anybody_looks_is_left() {
    let sim = Fleet::seeded(1).group(group(2)).service(ServicePlan::replica("web", "harbor", 2)).simulate();
    let Outcome { report, told } = after(&sim, "", HOUR, |world, instance| {
        world.terminate(instance);
        world.kill_instance(instance);
    });
    assert_eq!(report.calls.get(&Op::UpdateContainerInstancesState), None);
    assert_eq!((report.continued, told.len()), (0, 0));
}

#[test]
fn other_tools_hooks_are_left_alone() {
    for name in ["ecs-managed-draining-termination-hook", "node-drain"] {
        let theirs = HookPlan::named(name).heartbeat_timeout(Duration::from_mins(10));
        let group = GroupPlan::named("web-group", 2).in_cluster("harbor").hook(theirs);
        let sim = Fleet::seeded(1).group(group).service(ServicePlan::replica("web", "harbor", 2)).simulate();
        let Outcome { report, told } = terminated(&sim, "");
        assert_eq!(
            (report.continued, report.abandoned, report.heartbeats, told.len()),
            (0, 0, 0, 0),
            "{name}"
        );
        assert_eq!(report.calls.get(&Op::UpdateContainerInstancesState), None, "{name}");
    }
    // Beside ours, ours is completed once and theirs is waited for without work.
    let theirs =
        HookPlan::named("node-drain").heartbeat_timeout(2 * HOUR).default_result(ActionResult::Continue);
    let sim = Fleet::seeded(1)
        .group(group(3).hook(theirs))
        .service(ServicePlan::replica("web", "harbor", 6))
        .simulate();
    let Outcome { report, .. } = terminated(&sim, "");
    assert_eq!((report.killed, report.continued, report.expired), (0, 1, 1), "theirs expires");
    assert_eq!(report.calls[&Op::CompleteLifecycleAction], 1);
    assert!(report.calls[&Op::ListTasks] <= 4, "{:?}", report.calls);
}

#[test]
fn a_service_that_cannot_move_is_told_at_each_quarter_and_held() {
    let stuck = ServicePlan::replica("web", "harbor", 4).percent(100, 100);
    let sim = Fleet::seeded(1).group(group(2)).service(stuck).simulate();
    let Outcome { report, told } = after(&sim, "", 2 * HOUR, |world, instance| {
        world.terminate(instance);
    });
    assert_eq!(outcome(&report), (0, 0, 0, 0, 1), "held");
    let levels: Vec<_> = told.iter().map(String::as_str).collect();
    let want = [
        "[low] drain-started: harbor",
        "[low] drain-stuck: harbor",
        "[medium] drain-stuck: harbor",
        "[medium] drain-stuck: harbor",
        "[high] drain-stuck: harbor",
    ];
    assert_eq!(levels, want);
    let bodies: String = sim.world().told.messages.iter().map(|(_, message)| message.body.clone()).collect();
    for word in ["service web", "minimumHealthyPercent", "25 %", "50 %", "75 %", "the deadline has come"] {
        assert!(bodies.contains(word), "{word}");
    }
}

#[test]
fn at_the_deadline_tasks_are_stopped_and_their_end_is_waited_for() {
    let sim = Fleet::seeded(1).group(group(2)).simulate();
    let slow = Duration::from_secs(50);
    let Outcome { report, told } = after(
        &sim,
        "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"\nstop-grace = \"3m\"",
        3 * HOUR,
        |world, instance| {
            let plan = StandalonePlan::of_family("nightly").stops_in(slow).stop_timeout(2 * slow);
            world.run_standalone(instance, &plan);
            world.terminate(instance);
        },
    );
    assert_eq!(outcome(&report), (0, 1, 0, 0, 0));
    assert_eq!(report.calls[&Op::StopTask], 1, "asked once");
    assert!(told.contains(&"[high] drain-stuck: harbor".to_owned()), "{told:?}");
    assert_eq!(
        told.last().map(String::as_str),
        Some("[medium] drain-finished: harbor"),
        "stopped, not killed"
    );
}

#[test]
fn an_instance_whose_agent_is_gone_is_held_and_retained_where_the_group_retains() {
    for (retains, want) in [(true, (0, 0, 1, 0, 0)), (false, (2, 1, 0, 0, 0))] {
        let mut group = group(2);
        group.retains_on_abandon = retains;
        let web = ServicePlan::replica("web", "harbor", 4);
        let sim = Fleet::seeded(1).group(group).service(web).simulate();
        let policy = "[[drain]]\ndeadline = \"40m\"\nat-deadline = \"retain\"";
        let Outcome { report, told } = after(&sim, policy, 60 * HOUR, |world, instance| {
            world.disconnect_agent(instance, None);
            world.terminate(instance);
        });
        assert_eq!(outcome(&report), want, "retains: {retains}");
        let last = told.last().map(String::as_str);
        let end = if retains { "[medium] instance-retained: harbor" } else { "[high] drain-stuck: harbor" };
        assert_eq!(last, Some(end));
        let ended = report.drains[0].completed.expect("an end").millis_since(report.drains[0].began);
        let expected = if retains { 40 * 60_000 } else { (48 * 60 - 10) * 60_000 };
        assert!((expected - 65_000..expected + 65_000).contains(&ended), "after {ended} ms");
    }
}

#[test]
fn a_protected_task_is_waited_for() {
    let sim = Fleet::seeded(1).group(group(3)).service(ServicePlan::replica("web", "harbor", 6)).simulate();
    let Outcome { report, .. } = after(&sim, "", 5 * HOUR, |world, instance| {
        let task = world.live_tasks(instance)[0];
        let until = world.now().plus(HOUR * 3 / 2);
        world.protect(task, Some(until));
        world.terminate(instance);
    });
    assert_eq!(outcome(&report), (0, 1, 0, 0, 0));
    assert!(report.heartbeats >= 1, "the drain took longer than the hook waits");
}

#[test]
fn a_spot_warning_sets_draining_before_any_other_look_up_and_completes_nothing() {
    let sim = Fleet::seeded(1).group(group(2)).service(ServicePlan::replica("web", "harbor", 4)).simulate();
    let Outcome { report, told } = after(&sim, "", Duration::from_secs(1), |world, instance| {
        world.spot_interrupt(instance);
    });
    let world = sim.world();
    let ops: Vec<_> = world.calls().iter().map(|call| call.op).take(4).collect();
    let want = [
        Op::ListClusters,
        Op::ListContainerInstances,
        Op::DescribeContainerInstances,
        Op::UpdateContainerInstancesState,
    ];
    assert_eq!(ops, want);
    assert_eq!(report.calls.get(&Op::CompleteLifecycleAction), None);
    assert_eq!(told, ["[low] drain-started: harbor"]);
    drop(world);
    assert_eq!(status(&sim), Status::Draining);
}

#[test]
fn a_late_event_does_not_drain_an_instance_that_is_in_service() {
    let sim = Fleet::seeded(1).group(group(2)).service(ServicePlan::replica("web", "harbor", 4)).simulate();
    let id = {
        let world = sim.world();
        world.instance(world.all_instances().next().expect("an instance")).id.clone()
    };
    let event = serde_json::json!({"detail-type": "EC2 Instance-terminate Lifecycle Action",
        "time": "2026-11-22T07:05:00Z", "detail": {"EC2InstanceId": id, "LifecycleHookName": "ecs-steward",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}});
    let function = ours::function(&sim, &Policy::default(), &Settings::default());
    let payload = event.to_string();
    let invocation = ours::invoke(&function, payload.as_bytes(), Duration::from_mins(1));
    let mut invocation = std::pin::pin!(invocation);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(invocation.as_mut().poll(&mut context).is_ready());
    assert_eq!(status(&sim), Status::Active);
}
