//! `instance-protection` in the simulated fleet, case by case.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use fleet_sim::algorithms::protection;
use fleet_sim::api::{Op, Outcome};
use fleet_sim::drive::{Drive, Feed};
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::{Fault, Fleet, GroupPlan, Rule, Sim};
use shared::drain::container_instance::Status;
use shared::policy::Policy;
use shared::protect::marks::PROTECTED_SINCE;

const MINUTE: Duration = Duration::from_mins(1);
const PROTECT: &str = "[[protect]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nmode = \"protect\"\n";
const BY_TAG: &str = "[[protect]]\ntag = \"ecs-steward.protect=true\"\nmode = \"protect\"\n";
const DRY: &str = "[[protect]]\nfamily = \"nightly\"\n";

/// Four instances of a group, with a service on them.
fn fleet() -> Fleet {
    Fleet::seeded(1)
        .group(GroupPlan::named("batch", 4).in_cluster("harbor").capacity(8))
        .service(ServicePlan::replica("web", "harbor", 4))
}

/// A job on the first instance that runs so long, or until it is stopped.
fn job(sim: &Sim, minutes: Option<u64>) -> InstanceNo {
    let mut world = sim.world();
    let first = world.all_instances().next().expect("an instance");
    let plan = StandalonePlan::of_family("nightly").tag("ecs-steward.protect", "true");
    let plan = minutes.map_or(plan.clone(), |minutes| plan.runs_for(Duration::from_mins(minutes)));
    world.run_standalone(first, &plan).expect("a task");
    first
}

fn drive(sim: &Sim, policy: &str) -> Box<dyn Drive> {
    protection::drive(sim, &Feed::default(), Policy::parse(policy).expect("a policy"))
}

fn is_protected(sim: &Sim, instance: InstanceNo) -> bool {
    let world = sim.world();
    world.instance(instance).membership.as_ref().is_some_and(|member| member.protected_from_scale_in)
}

fn mark(sim: &Sim, instance: InstanceNo) -> Option<String> {
    let world = sim.world();
    world.instance(instance).container.as_ref().expect("joined").attributes.get(PROTECTED_SINCE).cloned()
}

fn stage(sim: &Sim, instance: InstanceNo) -> Option<String> {
    mark(sim, instance).and_then(|mark| mark.rsplit(' ').next().map(str::to_owned))
}

/// Sets or takes protection as somebody else does.
fn somebody(sim: &Sim, instance: InstanceNo, protects: bool) {
    sim.world().set_scale_in_protection(instance, protects);
}

fn count(sim: &Sim, op: Op) -> usize {
    sim.world().calls().iter().filter(|call| call.op == op && call.outcome == Outcome::Answered).count()
}

#[test]
fn an_instance_is_protected_while_the_job_runs_and_released_after_it() {
    for policy in [PROTECT, BY_TAG, "[[protect]]\ngroup = \"family:night*\"\nmode = \"protect\"\n"] {
        let sim = fleet().simulate();
        let host = job(&sim, Some(10));
        let mut driver = drive(&sim, policy);
        driver.run_for(MINUTE + MINUTE / 2);
        assert!(is_protected(&sim, host), "{policy}");
        assert_eq!(stage(&sim, host).as_deref(), Some("held"), "{policy}");
        let mut gone: Vec<_> = (0..2)
            .filter_map(|_| {
                let mut world = sim.world();
                let group = world.group_named("batch").expect("a group");
                world.scale_in(group)
            })
            .collect();
        gone.retain(|gone| *gone == host);
        assert!(gone.is_empty(), "scale-in honours it");
        driver.run_for(Duration::from_mins(8));
        assert!(is_protected(&sim, host), "{policy}");
        driver.run_for(Duration::from_mins(6));
        assert!(!is_protected(&sim, host), "{policy}");
        assert_eq!(mark(&sim, host), None, "{policy}");
        assert_eq!(count(&sim, Op::SetInstanceProtection), 2, "once on, once off");
        assert_eq!(count(&sim, Op::PutAttributes), 3, "begun, held, idle");
    }
}

#[test]
fn a_dry_run_changes_nothing_and_counts_what_it_would_protect() {
    let sim = fleet().simulate();
    let host = job(&sim, Some(5));
    let mut driver = drive(&sim, DRY);
    driver.run_for(Duration::from_mins(10));
    assert!(!is_protected(&sim, host));
    for op in [Op::SetInstanceProtection, Op::PutAttributes, Op::DeleteAttributes] {
        assert_eq!(count(&sim, op), 0, "{op:?}");
    }
    let at_risk: Vec<_> = sim
        .world()
        .told
        .tallies
        .iter()
        .map(|(_, tally)| tally.protections.expect("all was seen").at_risk)
        .collect();
    assert!(at_risk.starts_with(&[1, 1, 1]) && at_risk.ends_with(&[0, 0]), "{at_risk:?}");
}

#[test]
fn without_an_entry_nobody_is_called() {
    let sim = fleet().simulate();
    drive(&sim, "").run_for(Duration::from_mins(5));
    assert!(sim.world().calls().is_empty());
}

#[test]
fn what_somebody_else_protects_is_never_released() {
    let sim = fleet().simulate();
    let host = job(&sim, Some(5));
    somebody(&sim, host, true);
    let mut driver = drive(&sim, PROTECT);
    driver.run_for(Duration::from_mins(20));
    assert!(is_protected(&sim, host));
    assert_eq!((mark(&sim, host), count(&sim, Op::SetInstanceProtection)), (None, 0));
}

#[test]
fn what_somebody_took_back_is_not_protected_again_for_the_same_tasks() {
    let sim = fleet().simulate();
    let host = job(&sim, Some(20));
    let mut driver = drive(&sim, PROTECT);
    driver.run_for(Duration::from_mins(3));
    assert!(is_protected(&sim, host));
    somebody(&sim, host, false);
    driver.run_for(Duration::from_mins(10));
    assert!(!is_protected(&sim, host));
    assert_eq!(stage(&sim, host).as_deref(), Some("yielded"));
    // They protect it themselves: that is theirs for good.
    somebody(&sim, host, true);
    driver.run_for(Duration::from_mins(15));
    assert!(is_protected(&sim, host), "not ours to take");
    assert_eq!(mark(&sim, host), None, "its tasks are gone");
    somebody(&sim, host, false);
    job(&sim, Some(5));
    driver.run_for(Duration::from_mins(2));
    assert!(is_protected(&sim, host), "other tasks");
}

#[test]
fn ecs_owns_the_groups_it_protects_itself() {
    for (protects, want) in [(true, false), (false, true)] {
        let sim = Fleet::seeded(1)
            .group(GroupPlan::named("batch", 2).in_cluster("harbor").capacity_provider("batch-cp", protects))
            .simulate();
        let host = job(&sim, None);
        drive(&sim, PROTECT).run_for(Duration::from_mins(3));
        assert_eq!(is_protected(&sim, host), want);
        assert_eq!(mark(&sim, host).is_some(), want);
    }
}

#[test]
fn an_instance_that_drains_or_goes_is_not_protected() {
    for terminates in [false, true] {
        let sim = Fleet::seeded(1)
            .group(GroupPlan::named("batch", 2).in_cluster("harbor").hook(fleet_sim::HookPlan::named("hold")))
            .simulate();
        let host = job(&sim, None);
        if terminates {
            sim.world().terminate(host);
        } else {
            sim.world().set_status(host, Status::Draining);
        }
        drive(&sim, PROTECT).run_for(Duration::from_mins(5));
        assert!(!is_protected(&sim, host));
        assert_eq!(count(&sim, Op::SetInstanceProtection) + count(&sim, Op::PutAttributes), 0);
    }
}

#[test]
fn a_failed_read_never_releases() {
    for op in
        [Op::ListTasks, Op::DescribeTasks, Op::DescribeAutoScalingInstances, Op::DescribeContainerInstances]
    {
        let sim = fleet().simulate();
        let host = job(&sim, Some(5));
        let mut driver = drive(&sim, PROTECT);
        driver.run_for(Duration::from_mins(3));
        assert!(is_protected(&sim, host));
        sim.world().api.faults.add(Rule::on(op, Fault::Throttled));
        driver.run_for(Duration::from_mins(20));
        assert!(is_protected(&sim, host), "{op:?}");
        sim.world().api.faults.clear();
        driver.run_for(Duration::from_mins(6));
        assert!(!is_protected(&sim, host), "{op:?}");
    }
}

#[test]
fn a_task_that_still_stops_is_not_gone_though_its_list_fails() {
    let sim = fleet().simulate();
    let plan = StandalonePlan::of_family("nightly").stops_in(6 * MINUTE).stop_timeout(6 * MINUTE);
    let (host, task) = {
        let mut world = sim.world();
        let host = world.all_instances().next().expect("an instance");
        (host, world.run_standalone(host, &plan).expect("a task"))
    };
    let mut driver = drive(&sim, &format!("{PROTECT}release-after = \"0s\"\n"));
    driver.run_for(3 * MINUTE);
    sim.world().stop_task(task, "enough");
    for _ in 0..5 {
        // Under RUNNING nothing is left; of the list under STOPPED there is no answer.
        sim.world().api.faults.clear();
        sim.world().api.faults.add(Rule::on(Op::ListTasks, Fault::Throttled).nth(2));
        driver.run_for(MINUTE);
        assert!(is_protected(&sim, host));
        assert_eq!(stage(&sim, host).as_deref(), Some("held"));
    }
    sim.world().api.faults.clear();
    driver.run_for(5 * MINUTE);
    assert!(!is_protected(&sim, host));
}

#[test]
fn a_refused_permission_is_told_once_an_hour_and_leaves_no_note() {
    let sim = fleet().simulate();
    let host = job(&sim, None);
    let denied = Fault::Refused("AccessDenied");
    sim.world().api.faults.add(Rule::on(Op::SetInstanceProtection, denied));
    let mut driver = drive(&sim, PROTECT);
    driver.run_for(Duration::from_mins(50));
    assert_eq!(sim.world().told.messages.len(), 1);
    assert!(sim.world().told.messages[0].1.body.contains("autoscaling:SetInstanceProtection"));
    assert_eq!(mark(&sim, host), None);
    // Somebody helps themselves; once the permission is there, that is not ours.
    somebody(&sim, host, true);
    sim.world().api.faults.clear();
    driver.run_for(Duration::from_mins(10));
    assert_eq!(mark(&sim, host), None);
}

#[test]
fn a_group_in_which_nothing_can_be_taken_is_counted() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("batch", 1).in_cluster("harbor")).simulate();
    job(&sim, None);
    drive(&sim, PROTECT).run_for(Duration::from_mins(3));
    let world = sim.world();
    let last = world.told.tallies.last().and_then(|(_, tally)| tally.protections).expect("all was seen");
    assert_eq!((last.protected, last.at_risk, last.full_groups), (1, 0, 1));
}

#[test]
fn an_entry_that_releases_takes_back_what_was_protected_for_it() {
    let sim = fleet().simulate();
    let host = job(&sim, None);
    drive(&sim, PROTECT).run_for(Duration::from_mins(3));
    assert!(is_protected(&sim, host));
    drive(&sim, &PROTECT.replace("\"protect\"", "\"release\"")).run_for(Duration::from_mins(6));
    assert!(!is_protected(&sim, host));
    assert_eq!(mark(&sim, host), None);
}

#[test]
fn a_thousand_hosts_are_protected_within_a_quarter_of_the_reads() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("batch", 1000).in_cluster("harbor").capacity(20))
        .service(ServicePlan::replica("web", "harbor", 9000))
        .simulate();
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        for instance in instances {
            let job = StandalonePlan::of_family("nightly").runs_for(Duration::from_mins(20));
            world.run_standalone(instance, &job);
        }
    }
    let mut driver = drive(&sim, PROTECT);
    let mut minutes_until = |want: usize| {
        for minute in 1.. {
            driver.run_for(MINUTE);
            let all: Vec<_> = sim.world().all_instances().collect();
            let protected = all.into_iter().filter(|instance| is_protected(&sim, *instance)).count();
            if protected == want {
                return minute;
            }
            assert!(minute < 120, "{protected} are protected");
        }
        0
    };
    let (protected, released) = (minutes_until(1000), minutes_until(0));
    assert!(protected <= 6 && protected + released <= 30, "{protected}, {released}");
    let world = sim.world();
    let reads = fleet_sim::report::over_budget(fleet_sim::report::reads(world.calls()), 25, 5);
    assert_eq!(reads, 0);
    let refused = world.calls().iter().filter(|call| call.outcome != Outcome::Answered).count();
    assert_eq!(refused, 0);
}
