//! `cluster-audit` in simulated accounts, case by case.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod scale;
mod storms;
mod world;

use std::time::Duration;

use fleet_sim::api::Op;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::Status;
use shared::handler::cluster_audit::AuditSettings;
use shared::ports::AutoScaling as _;
use world::{Run, audit, in_short, told};

fn fleet(instances: usize) -> Fleet {
    Fleet::seeded(1).group(GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(4))
}

/// The function with its defaults.
fn defaults(sim: &Sim) -> Box<dyn Run> {
    audit(sim, "", AuditSettings::default())
}

/// Has a service want so many tasks.
fn set_desired(sim: &Sim, name: &str, desired: usize) {
    let mut world = sim.world();
    let service = world.service_called(name).expect("a service");
    world.set_desired(service, desired);
}

/// Notices and causes, with the minutes they were told in.
fn expected(all: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    all.iter().map(|(notice, cause, minute)| ((*notice).to_owned(), (*cause).to_owned(), *minute)).collect()
}

#[test]
fn a_service_below_desired_is_told_after_its_grace_and_once_and_when_it_is_over() {
    let sim = fleet(1).service(ServicePlan::replica("web", "harbor", 2)).simulate();
    let mut audit = defaults(&sim);
    audit.minutes(5);
    assert_eq!(told(&sim), []);
    set_desired(&sim, "web", 20);
    audit.minutes(60);
    let all = told(&sim);
    assert_eq!(in_short(&sim), expected(&[("alert", "service-below-desired", 16)]));
    assert_eq!(all[0].summary, "Service web on harbor should run 20 tasks and runs 4.");
    set_desired(&sim, "web", 2);
    audit.minutes(10);
    let last = told(&sim).pop().expect("the end");
    assert_eq!((last.notice.as_str(), told(&sim).len()), ("recovery", 2));
    assert!((66..=69).contains(&last.minute), "{last:?}");
    audit.minutes(60);
    assert_eq!(told(&sim).len(), 2);
}

#[test]
fn a_service_that_runs_nothing_is_loud_and_not_forgotten_for_weeks() {
    let sim = fleet(1).service(ServicePlan::replica("web", "harbor", 0)).simulate();
    set_desired(&sim, "web", 1);
    let instance = sim.world().all_instances().next().expect("an instance");
    sim.world().set_status(instance, Status::Draining);
    let by_hand = "[[mute]]\ncluster = \"harbor\"\ncauses = [\"drain-stuck\"]\nuntil = 2027-01-01T00:00:00Z\nreason = \"by hand\"";
    let mut audit = audit(&sim, by_hand, AuditSettings::default());
    audit.minutes(3 * 24 * 60);
    let all = told(&sim);
    assert!(all.iter().all(|one| one.cause == "service-below-desired" && one.severity == "high"), "{all:#?}");
    assert_eq!(all.len(), 3, "the alert, and a reminder each day: {all:#?}");
}

#[test]
fn a_deployment_a_deleted_service_and_one_that_wants_nothing_are_quiet() {
    let slow = Duration::from_mins(3);
    let sim = fleet(2)
        .service(ServicePlan::replica("web", "harbor", 6).percent(50, 100).starts_in(slow))
        .service(ServicePlan::replica("old", "harbor", 1))
        .service(ServicePlan::replica("none", "harbor", 0))
        .service(ServicePlan::daemon("agent", "harbor"))
        .simulate();
    {
        let mut world = sim.world();
        let (web, old) = (world.service_called("web").expect("it"), world.service_called("old").expect("it"));
        world.deploy(web);
        world.delete_service(old);
    }
    let mut audit = defaults(&sim);
    audit.minutes(90);
    assert_eq!(told(&sim), []);
}

#[test]
fn a_task_that_does_not_start_is_told_with_where_it_stands() {
    let never = Duration::from_hours(50);
    let mut fleet = fleet(1).service(ServicePlan::replica("web", "harbor", 2).starts_in(never));
    fleet.groups[0].capacity_provider = Some(("spot".into(), false));
    let sim = fleet.simulate();
    set_desired(&sim, "web", 3);
    let instance = sim.world().all_instances().next().expect("an instance");
    {
        let mut world = sim.world();
        // The scheduler places its task, and then nobody starts it.
        world.advance_by(Duration::from_secs(10));
        world.start_standalone(instance, &StandalonePlan::of_family("nightly"));
        world.disconnect_agent(instance, None);
    }
    let mut audit = audit(
        &sim,
        "[audit]\nbelow-desired-after = \"6h\"\n[hosts]\nagent-grace = \"6h\"",
        AuditSettings::default(),
    );
    audit.minutes(60);
    let all = told(&sim);
    assert!(all.iter().all(|one| one.cause == "task-stuck" && (15..=17).contains(&one.minute)), "{all:#?}");
    let mut things: Vec<_> = all.iter().map(|one| one.fingerprint.as_str()).collect();
    things.sort_unstable();
    assert_eq!(things, ["harbor/nightly/task-stuck/-/-", "harbor/web/task-stuck/-/-"]);
    sim.world().connect_agent(instance);
    set_desired(&sim, "web", 2);
    audit.minutes(10);
    assert_eq!(told(&sim).iter().filter(|one| one.notice == "recovery").count(), 2, "{:#?}", told(&sim));
}

#[test]
fn an_agent_that_is_gone_for_long_is_told_and_a_short_loss_is_not() {
    let sim = fleet(2).service(ServicePlan::replica("web", "harbor", 2)).simulate();
    let instances: Vec<_> = sim.world().all_instances().collect();
    let soon = sim.world().now().plus(Duration::from_mins(4));
    sim.world().disconnect_agent(instances[0], Some(soon));
    let until = sim.world().now().plus(Duration::from_mins(40));
    sim.world().disconnect_agent(instances[1], Some(until));
    let id = sim.world().instance(instances[1]).id.clone();
    let mut audit = defaults(&sim);
    audit.minutes(60);
    let all = told(&sim);
    assert_eq!(
        all.iter().map(|one| (one.notice.as_str(), one.fingerprint.clone())).collect::<Vec<_>>(),
        [
            ("alert", format!("harbor/-/agent-disconnected/{id}/-")),
            ("recovery", format!("harbor/-/agent-disconnected/{id}/-"))
        ]
    );
    assert_eq!(all[0].minute, 6);
}

#[test]
fn an_instance_that_drains_with_nobody_at_it_is_told_and_one_of_auto_scaling_is_not() {
    let hook = HookPlan::named("other").heartbeat_timeout(Duration::from_hours(2));
    let mut fleet = fleet(4).service(ServicePlan::replica("web", "harbor", 4));
    fleet.groups[0].hooks.push(hook);
    let sim = fleet.simulate();
    let instances: Vec<_> = sim.world().all_instances().collect();
    {
        let mut world = sim.world();
        world.run_standalone(instances[0], &StandalonePlan::of_family("nightly"));
        world.set_status(instances[0], Status::Draining);
        world.set_status(instances[1], Status::Draining);
        world.terminate(instances[2]);
        world.set_status(instances[2], Status::Draining);
    }
    let mut audit = defaults(&sim);
    audit.minutes(100);
    let mut all: Vec<_> = told(&sim).into_iter().map(|one| (one.minute, one.cause, one.severity)).collect();
    all.sort();
    let stuck = |severity: &str| (61, "drain-stuck".to_owned(), severity.to_owned());
    assert_eq!(all, [stuck("low"), stuck("medium")]);
}

#[test]
fn a_retained_instance_is_told_after_an_hour() {
    let mut fleet = fleet(2).service(ServicePlan::replica("web", "harbor", 1));
    fleet.groups[0].hooks.push(HookPlan::named("ecs-steward").heartbeat_timeout(Duration::from_hours(1)));
    fleet.groups[0].retains_on_abandon = true;
    let sim = fleet.simulate();
    let instance = sim.world().all_instances().next().expect("an instance");
    let id = sim.world().instance(instance).id.clone();
    sim.world().terminate(instance);
    let action =
        shared::ports::auto_scaling::Action { group: "web-group", hook: "ecs-steward", instance_id: &id };
    world::now(sim.complete(action, ActionResult::Abandon)).expect("taken");
    let mut audit = defaults(&sim);
    audit.minutes(100);
    let all = told(&sim);
    assert_eq!(in_short(&sim), expected(&[("alert", "instance-retained", 61)]));
    assert_eq!(all[0].fingerprint, format!("harbor/-/instance-retained/{id}/-"));
}

#[test]
fn a_protection_that_nothing_needs_is_told_after_six_hours() {
    let sim = fleet(3)
        .service(ServicePlan::daemon("agent", "harbor"))
        .service(ServicePlan::replica("web", "harbor", 0))
        .simulate();
    let instances: Vec<_> = sim.world().all_instances().collect();
    {
        let mut world = sim.world();
        // One runs a job beside the daemon, one the daemon alone, and one is not protected.
        world.run_standalone(instances[0], &StandalonePlan::of_family("nightly"));
        world.set_scale_in_protection(instances[0], true);
        world.set_scale_in_protection(instances[1], true);
    }
    let id = sim.world().instance(instances[1]).id.clone();
    let mut audit = defaults(&sim);
    audit.minutes(7 * 60);
    let all = told(&sim);
    assert_eq!(in_short(&sim), expected(&[("alert", "stale-protection", 361)]));
    assert_eq!(all[0].fingerprint, format!("harbor/-/stale-protection/{id}/-"));
}

#[test]
fn what_cannot_be_read_is_told_as_not_audited_and_never_as_well() {
    for op in [
        Op::ListClusters,
        Op::DescribeClusters,
        Op::ListServices,
        Op::DescribeServices,
        Op::ListContainerInstances,
        Op::DescribeContainerInstances,
        Op::DescribeAutoScalingInstances,
    ] {
        for fault in [
            Fault::Throttled,
            Fault::Refused("AccessDeniedException"),
            Fault::FailsBefore(Failing::ServerError),
            Fault::Partial("MISSING"),
        ] {
            let is_list = matches!(op, Op::ListClusters | Op::ListServices | Op::ListContainerInstances);
            if fault == Fault::Partial("MISSING") && (is_list || op == Op::DescribeAutoScalingInstances) {
                continue;
            }
            let sim = fleet(1).service(ServicePlan::replica("web", "harbor", 2)).simulate();
            set_desired(&sim, "web", 20);
            let instance = sim.world().all_instances().next().expect("an instance");
            sim.world().disconnect_agent(instance, None);
            let mut audit = defaults(&sim);
            audit.minutes(12);
            let before = told(&sim);
            assert_eq!(before.len(), 2, "{op:?}: {before:#?}");
            // A process that crashed has read nothing yet.
            sim.world().api.faults.add(Rule::any(Fault::DiesBefore).nth(1));
            sim.world().api.faults.add(Rule::on(op, fault));
            audit.minutes(30);
            let after = told(&sim);
            let new = &after[2..];
            assert!(
                new.len() == 1 && new[0].cause == "not-audited" && new[0].notice == "alert",
                "{op:?} {fault:?}: {new:#?}"
            );
            sim.world().api.faults.clear();
            audit.minutes(5);
            let ends = &told(&sim)[3..];
            assert!(
                ends.len() == 1 && ends[0].cause == "not-audited" && ends[0].notice == "recovery",
                "{op:?} {fault:?}: {ends:#?}"
            );
        }
    }
}

#[test]
fn many_clusters_that_cannot_be_read_are_one_alert() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..30 {
        fleet = fleet.service(ServicePlan::replica("web", &format!("harbor-{number}"), 0));
    }
    let sim = fleet.simulate();
    sim.world().api.faults.add(Rule::on(Op::DescribeServices, Fault::Refused("AccessDeniedException")));
    let mut audit = defaults(&sim);
    audit.minutes(40);
    let all = told(&sim);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].cause == "not-audited" && (16..=17).contains(&all[0].minute), "{all:#?}");
    assert_eq!(all[0].summary, "The audit could not read 30 of 30 clusters.");
}

#[test]
fn a_cluster_that_is_named_is_the_only_one_and_one_that_is_not_there_is_told() {
    let sim = fleet(1)
        .service(ServicePlan::replica("web", "harbor", 20))
        .service(ServicePlan::replica("web", "quay", 20))
        .simulate();
    let clusters = vec!["harbor".to_owned(), "dock".to_owned()];
    let mut audit = audit(&sim, "", AuditSettings { clusters, ..AuditSettings::default() });
    audit.minutes(30);
    let mut all: Vec<_> = told(&sim).into_iter().map(|one| one.fingerprint).collect();
    all.sort();
    assert_eq!(all, ["dock/-/not-audited/-/-", "harbor/web/service-below-desired/-/-"]);
}

#[test]
fn the_policy_has_the_last_word() {
    for (policy, want) in [
        ("[[rule]]\nservice = \"web\"\nquiet = \"being built\"", None),
        ("[[rule]]\ncluster = \"harbor\"\nseverity = { service-below-desired = \"low\" }", Some("low")),
        ("[[mute]]\ncluster = \"harbor\"\nuntil = 2026-12-01T00:00:00Z\nreason = \"move\"", None),
        ("[audit]\nbelow-desired-after = \"2h\"", None),
    ] {
        let sim = fleet(1).service(ServicePlan::replica("web", "harbor", 20)).simulate();
        let mut audit = audit(&sim, policy, AuditSettings::default());
        audit.minutes(60);
        let severities: Vec<_> = told(&sim).into_iter().map(|one| one.severity).collect();
        assert_eq!(severities, want.into_iter().collect::<Vec<_>>(), "{policy}");
    }
}
