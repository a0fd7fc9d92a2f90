//! What calls cost, and how they go wrong.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use shared::drain::auto_scaling::ActionResult;
use shared::ports::auto_scaling::{Action, ActionOutcome};
use shared::ports::{ApiError, AutoScaling, Ecs};

use super::faults::Failing;
use super::{Op, Outcome, Service};
use crate::api::faults::{Fault, Rule};
use crate::ec2::InstanceNo;
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::sim::Sim;
use crate::span::after;

/// The answer, or none where it never comes.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

fn sim() -> Sim {
    let group = GroupPlan::named("g", 2).in_cluster("c").hook(HookPlan::named("h"));
    let sim = Fleet::seeded(4).group(group).simulate();
    sim.world().terminate(InstanceNo(0));
    sim
}

fn arns(sim: &Sim) -> Vec<String> {
    let world = sim.world();
    world.all_instances().map(|instance| world.container_view(instance).unwrap().arn).collect()
}

#[test]
fn reads_share_an_allowance_and_time_refills_it() {
    let sim = sim();
    sim.world().settings.latency_least = std::time::Duration::ZERO;
    sim.world().settings.latency_most = std::time::Duration::ZERO;
    let arns = arns(&sim);
    let mut throttled = 0;
    for number in 0..120 {
        let answer = if number % 2 == 0 {
            now(sim.describe_container_instances("c", &arns)).unwrap().map(drop)
        } else {
            now(sim.list_container_instances("c", &["i-0".into()], None)).unwrap().map(drop)
        };
        throttled += usize::from(matches!(answer, Err(ApiError::Throttled(_))));
    }
    assert_eq!(throttled, 20);
    assert!(now(sim.drain_container_instances("c", &arns)).unwrap().is_ok(), "another allowance");
    sim.world().advance_by(std::time::Duration::from_millis(50));
    assert!(now(sim.describe_container_instances("c", &arns)).unwrap().is_ok());
}

#[test]
fn a_fault_strikes_before_or_after_the_effect() {
    for (fault, answered, effect, outcome) in [
        (Fault::Throttled, true, false, Outcome::Throttled),
        (Fault::Refused("AccessDeniedException"), true, false, Outcome::Refused),
        (Fault::FailsBefore(Failing::ServerError), true, false, Outcome::FailedBefore),
        (Fault::FailsAfter(Failing::Reset), true, true, Outcome::FailedAfter),
        (Fault::DiesBefore, false, false, Outcome::Died),
        (Fault::DiesAfter, false, true, Outcome::Died),
    ] {
        let sim = sim();
        sim.world().api.faults.add(Rule::on(Op::CompleteLifecycleAction, fault).nth(1));
        let instance_id = sim.world().instance(InstanceNo(0)).id.clone();
        let action = Action { group: "g", hook: "h", instance_id: &instance_id };
        let first = now(sim.complete(action, ActionResult::Continue));
        assert_eq!(first.is_some(), answered, "{fault:?}");
        assert!(first.is_none_or(|answer| answer.is_err()), "{fault:?}");
        assert_eq!(sim.world().calls().last().map(|call| call.outcome), Some(outcome));
        if !answered {
            assert!(now(sim.describe_hooks("g")).is_none(), "the dead call nobody");
        }
        sim.world().api.begin_invocation(None);
        let again = now(sim.complete(action, ActionResult::Continue)).unwrap();
        let wanted = if effect { ActionOutcome::NoActiveAction } else { ActionOutcome::Accepted };
        assert_eq!(again, Ok(wanted), "{fault:?}");
    }
}

#[test]
fn rules_choose_their_calls() {
    let sim = sim();
    let begin = sim.world().now();
    let fault = Fault::FailsBefore(Failing::TimedOut);
    for (rule, failing) in [
        (Rule::any(fault).nth(2), vec![2]),
        (Rule::of(Service::Ecs, fault), vec![1, 2, 3]),
        (Rule::of(Service::AutoScaling, fault), vec![4]),
        (Rule::on(Op::ListClusters, fault).numbered(2..9), vec![3]),
        (Rule::any(fault).per_mille(0), vec![]),
        (Rule::any(fault).during(begin, begin), vec![]),
        (Rule::any(fault).during(begin, after(begin, std::time::Duration::from_hours(1))), vec![1, 2, 3, 4]),
    ] {
        sim.world().api.faults.clear();
        sim.world().api.faults.add(rule.clone());
        let failed = [
            now(sim.list_clusters(None)).unwrap().is_err(),
            now(sim.describe_services("c", &["x".into()])).unwrap().is_err(),
            now(sim.list_clusters(None)).unwrap().is_err(),
            now(sim.describe_hooks("g")).unwrap().is_err(),
        ];
        let numbers: Vec<_> = (1..=4).zip(failed).filter(|(_, failed)| *failed).map(|(n, _)| n).collect();
        assert_eq!(numbers, failing, "{rule:?}");
    }
}

#[test]
fn a_reply_may_be_in_part() {
    let sim = sim();
    let arns = arns(&sim);
    sim.world().api.faults.add(Rule::of(Service::Ecs, Fault::Partial("MISSING")).numbered(1..3));
    let seen = now(sim.describe_container_instances("c", &arns)).unwrap().unwrap();
    assert_eq!((seen.found.len(), seen.failures.len()), (1, 1));
    let set = now(sim.drain_container_instances("c", &arns)).unwrap().unwrap();
    assert_eq!((set.found.len(), set.failures.len()), (1, 1));
    let draining = |arn: &String| {
        let world = sim.world();
        let instance = world.instance_of_arn(arn).unwrap();
        world.container_view(instance).unwrap().status.word() == "DRAINING"
    };
    assert!(draining(&set.found[0]) && !draining(&set.failures[0].arn), "what failed was not acted on");
}

#[test]
fn a_call_takes_time_and_an_invocation_ends_in_it() {
    let sim = sim();
    let begin = sim.world().now();
    now(sim.list_clusters(None)).unwrap().unwrap();
    let passed = sim.world().now().millis_since(begin);
    assert!((5..=60).contains(&passed), "{passed}");
    let deadline = after(sim.world().now(), std::time::Duration::from_mins(1));
    sim.world().api.begin_invocation(Some(deadline));
    sim.world().api.faults.add(Rule::any(Fault::Slow(std::time::Duration::from_secs(40))));
    assert!(now(sim.list_clusters(None)).is_some());
    assert!(now(sim.list_clusters(None)).is_none());
    assert!(sim.world().api.end_invocation(), "it died");
}
