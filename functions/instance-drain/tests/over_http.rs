//! The same handler through the real AWS SDK over HTTP, against the simulated fleet.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::api::{Op, Service};
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::http::serve;
use fleet_sim::report::Report;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use loopback::Server;
use shared::alert::HttpsBody;
use shared::aws::{Aws, auto_scaling::AutoScalingApi, ecs::EcsApi, run_command::RunCommand};
use shared::config::{AwsAccess, TrustRoots};
use shared::drain::auto_scaling::ActionResult;
use shared::handler::instance_drain::{InstanceDrain, Settings};
use shared::policy::Policy;
use shared::ports::auto_scaling::{Action, ActionOutcome};
use shared::ports::{AutoScaling as _, Clock as _};

const TICK: &[u8] = br#"{"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}"#;

fn aws(server: &Server) -> Aws {
    let url = Some(server.url());
    let access = AwsAccess {
        region: "eu-central-1".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: None,
        sns_endpoint: url.clone(),
        cloudwatch_endpoint: url.clone(),
        ecs_endpoint: url.clone(),
        auto_scaling_endpoint: url.clone(),
        dynamodb_endpoint: url.clone(),
        logs_endpoint: url.clone(),
        eventbridge_endpoint: url.clone(),
        ssm_endpoint: url.clone(),
        lambda_endpoint: url.clone(),
        sqs_endpoint: url.clone(),
        ec2_endpoint: url.clone(),
        iam_endpoint: url,
        trust_roots: TrustRoots::Amazon,
    };
    Aws::new(access).expect("clients")
}

fn fleet(instances: usize) -> Fleet {
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(Duration::from_hours(1));
    let group = GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(400).hook(hook);
    Fleet::seeded(3).group(group)
}

/// Terminates instances, then gives the function a tick a minute over HTTP, until all of them have gone.
fn drained(sim: &Sim, terminate: usize, minutes: usize) -> Report {
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().take(terminate).collect();
        for instance in instances {
            world.terminate(instance);
        }
    }
    let server = serve(sim.clone(), None).expect("a port");
    let aws = aws(&server);
    let (ecs, auto_scaling) = (EcsApi::new(&aws), AutoScalingApi::new(&aws));
    let (port, logs) = (|| sim.clone(), RunCommand::new(&aws));
    let (policy, settings) = (Policy::default(), Settings::default());
    let drain = InstanceDrain::new(
        policy,
        settings,
        ecs,
        auto_scaling,
        port(),
        port(),
        port(),
        logs,
        HttpsBody::Json,
    );
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    for _ in 0..minutes {
        sim.world().advance_by(Duration::from_mins(1));
        let deadline = sim.now().plus(Duration::from_mins(1));
        executor.block_on(drain.handle(TICK, deadline)).expect("an answer");
        if Report::of(&sim.world()).unfinished == 0 {
            break;
        }
    }
    // What was let go needs some seconds to end.
    sim.world().advance_by(Duration::from_mins(2));
    Report::of(&sim.world())
}

fn calls(report: &Report, op: Op) -> usize {
    report.calls.get(&op).copied().unwrap_or_default()
}

#[test]
fn more_than_a_page_of_instances_and_of_tasks() {
    let sim = fleet(120)
        .service(ServicePlan::replica("web", "harbor", 240).stops_in(Duration::from_secs(10)))
        .simulate();
    {
        let mut world = sim.world();
        let crowded = world.all_instances().next().expect("an instance");
        for number in 0..130 {
            // The last one runs longest, and is on the second page.
            let runs_for = Duration::from_secs(60 + number);
            let job = StandalonePlan::of_family("nightly").runs_for(runs_for);
            world.run_standalone(crowded, &job).expect("room");
        }
    }
    let report = drained(&sim, 110, 60);
    assert_eq!((report.killed, report.continued, report.expired, report.unfinished), (0, 110, 0, 0));
    assert!(calls(&report, Op::ListContainerInstances) >= 2, "110 instances are two questions");
    let drains = calls(&report, Op::UpdateContainerInstancesState);
    assert!(drains == 11, "ten at a time: {drains}");
}

#[test]
fn answers_in_part_throttling_and_failures_end_in_waiting_not_in_killing() {
    for (fault, of) in [
        (Fault::Partial("MISSING"), Service::Ecs),
        (Fault::Throttled, Service::Ecs),
        (Fault::Throttled, Service::AutoScaling),
        (Fault::FailsBefore(Failing::ServerError), Service::Ecs),
        (Fault::FailsAfter(Failing::ServerError), Service::AutoScaling),
        (Fault::FailsAfter(Failing::Reset), Service::Ecs),
    ] {
        let slow = Duration::from_secs(100);
        let sim = fleet(12)
            .service(ServicePlan::replica("web", "harbor", 24).stops_in(slow).stop_timeout(slow))
            .simulate();
        sim.world().api.faults.add(Rule::of(of, fault).per_mille(300));
        let report = drained(&sim, 5, 90);
        let outcome = (report.killed, report.continued, report.expired, report.unfinished);
        assert_eq!(outcome, (0, 5, 0, 0), "{fault:?} of {of:?}");
    }
}

#[test]
fn an_action_that_somebody_else_completed_is_done() {
    let other = HookPlan::named("log-shipper").heartbeat_timeout(Duration::from_hours(2));
    let mut fleet = fleet(3).service(ServicePlan::replica("web", "harbor", 6));
    fleet.groups[0].hooks.push(other.default_result(ActionResult::Continue));
    let sim = fleet.simulate();
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    let id = {
        let mut world = sim.world();
        let first = world.all_instances().next().expect("an instance");
        world.terminate(first);
        world.instance(first).id.clone()
    };
    let action = Action { group: "web-group", hook: "ecs-steward", instance_id: &id };
    assert_eq!(executor.block_on(sim.complete(action, ActionResult::Continue)), Ok(ActionOutcome::Accepted));
    // The other hook still holds the instance, which looks as if it waited for ours.
    let report = drained(&sim, 0, 20);
    assert_eq!(calls(&report, Op::CompleteLifecycleAction), 2, "one of ours is enough to know");
    assert_eq!((report.killed, report.unfinished), (0, 1));
}
