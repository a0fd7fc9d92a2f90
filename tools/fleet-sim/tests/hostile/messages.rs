//! What must be told, what must be told once, and what is nobody's concern.

use std::sync::Arc;

use fleet_sim::algorithms::ours;
use fleet_sim::api::Op;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::drive::{Driver, Feed};
use fleet_sim::{Fleet, Sim};
use shared::handler::instance_drain::Settings;
use shared::metrics::Tally;
use shared::policy::Policy;
use shared::verdict::Cause;

use super::{
    HOUR, drive, group, instance, job, lose_agent, mins, now, restless, secs, subjects, subjects_saying,
    terminate, told,
};

/// What is said where a drain ends with tasks running.
const FORCED: &str = "with tasks that have not stopped";
/// What is said where AWS refuses calls.
const REFUSED: &str = "Drains cannot do their work";

#[test]
fn a_forced_end_that_aws_refuses_is_told_once() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let refusing = Rule::on(Op::CompleteLifecycleAction, Fault::FailsBefore(Failing::ServerError));
    sim.world().api.faults.add(refusing);
    lose_agent(&sim, 0);
    let mut driver = drive(&sim, "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"");
    driver.run_for(HOUR);
    let forced = subjects_saying(&sim, FORCED).len();
    assert_eq!(forced, 1);
    let told = subjects(&sim);
    assert!(told.len() < 10, "{} messages in an hour, the instance still runs: {told:#?}", told.len());
}

#[test]
fn what_cannot_be_read_is_told_once_and_counted_each_time() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    let function = ours::function(&sim, &Policy::default(), &Settings::default());
    for _ in 0..2 {
        now(ours::invoke(&function, b"no json", mins(1)));
    }
    assert_eq!(subjects(&sim), ["[medium] unreadable-event: ecs-steward"]);
    let world = sim.world();
    let sum = |of: fn(&Tally) -> u32| world.told.tallies.iter().map(|(_, tally)| of(tally)).sum::<u32>();
    assert_eq!(sum(|tally| tally.messages), 1);
    let unreadable = |tally: &Tally| {
        let of_cause = tally.counts.iter().filter(|(key, _)| key.cause == Cause::UnreadableEvent);
        of_cause.map(|(_, count)| count.verdicts).sum()
    };
    assert_eq!(sum(unreadable), 2);
}

#[test]
fn a_drain_nobody_can_see_into_is_told() {
    kills_nothing_in_silence(Rule::on(Op::DescribeContainerInstances, Fault::Partial("MISSING")));
}

#[test]
fn draining_that_is_never_accepted_is_told() {
    kills_nothing_in_silence(Rule::on(Op::UpdateContainerInstancesState, Fault::Partial("AGENT")));
}

fn kills_nothing_in_silence(rule: Rule) {
    let sim = Fleet::seeded(1).group(restless(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world().api.faults.add(rule);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(10 * HOUR);
    let report = driver.report();
    let harmless = report.expired == 0 && report.killed == 0;
    assert!(
        harmless || !subjects(&sim).is_empty(),
        "expired {}, killed {}, told nobody",
        report.expired,
        report.killed
    );
}

#[test]
fn silencing_finished_drains_does_not_silence_kills() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    lose_agent(&sim, 0);
    let policy = "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"\n\
                  [drain.severity]\ndrain-finished = \"info\"";
    let mut driver = drive(&sim, policy);
    driver.run_until_quiet(HOUR);
    assert_eq!(driver.report().killed, 1);
    let forced = subjects_saying(&sim, FORCED);
    assert!(
        forced.iter().any(|subject| subject.starts_with("[high] drain-stuck")),
        "{forced:?} of {:?}",
        subjects(&sim)
    );
}

#[test]
fn a_group_that_is_deleted_meanwhile_pages_nobody() {
    for op in [Op::DescribeLifecycleHooks, Op::CompleteLifecycleAction, Op::RecordLifecycleActionHeartbeat] {
        let sim = Fleet::seeded(1).group(restless(1)).simulate();
        job(&sim, 0, Some(mins(8)));
        terminate(&sim, 0);
        sim.world().api.faults.add(Rule::on(op, Fault::Refused("ValidationError")).nth(1));
        let mut driver = drive(&sim, "");
        driver.run_until_quiet(HOUR);
        assert!(subjects_saying(&sim, REFUSED).is_empty(), "{op:?}: {:?}", subjects(&sim));
    }
}

#[test]
fn a_task_that_is_gone_when_it_is_to_be_stopped_pages_nobody() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world().api.faults.add(Rule::on(Op::StopTask, Fault::Refused("InvalidParameterException")).nth(1));
    let mut driver = drive(&sim, "[[drain]]\nstandalone = { stop-after = \"10m\" }");
    driver.run_until_quiet(HOUR);
    assert!(subjects_saying(&sim, REFUSED).is_empty(), "{:?}", subjects(&sim));
}

#[test]
fn good_news_of_a_process_without_ticks_is_told() {
    let sim = Fleet::seeded(1).group(group(40)).simulate();
    for (number, seconds) in (0..40).zip((1..).step_by(7)) {
        let instance = instance(&sim, number);
        sim.world().after(secs(seconds), move |world| {
            world.terminate(instance);
        });
    }
    // One process has the ticks, another the messages.
    let process = || Arc::new(ours::function(&sim, &Policy::default(), &Settings::default()));
    let (ticking, listening) = (process(), process());
    let mut driver = Driver::new(&sim, Feed::default(), move |_: Sim| {
        let (ticking, listening) = (Arc::clone(&ticking), Arc::clone(&listening));
        async move |payload: Vec<u8>| {
            let is_tick = String::from_utf8_lossy(&payload).contains("Scheduled Event");
            let process = if is_tick { &ticking } else { &listening };
            ours::invoke(process, &payload, mins(1)).await
        }
    });
    driver.run_for(HOUR);
    let continued = driver.report().continued;
    let finished: Vec<_> =
        told(&sim).into_iter().filter(|message| message.subject.contains("drain-finished")).collect();
    let world = sim.world();
    let ids = world.all_instances().map(|number| &world.instance(number).id);
    let named = ids.filter(|id| finished.iter().any(|message| message.body.contains(id.as_str()))).count();
    assert_eq!((continued, named), (40, 40), "in {} messages", finished.len());
}
