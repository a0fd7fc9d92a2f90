//! A small handler is driven: deliveries, ticks, crashes, and the same run twice.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use shared::drain::auto_scaling::ActionResult;
use shared::drain::task::{DesiredStatus, Task};
use shared::ports::auto_scaling::{Action, GroupFilter};
use shared::ports::{AutoScaling, Ecs};

use super::{Answer, Driver, Feed};
use crate::api::faults::{Failing, Fault, Rule};
use crate::api::{Op, Service};
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::random::{self, Weather};
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::report::Report;
use crate::sim::Sim;

fn mins(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

/// Looks at every instance that a hook holds, whatever it was told; any error is for the next time.
async fn drain_all(sim: &Sim) -> Result<(), shared::ports::ApiError> {
    let groups = sim.describe_groups(GroupFilter::All, None).await?.items;
    for group in groups {
        for instance in group.instances.iter().filter(|one| one.state.word() == "Terminating:Wait") {
            let action = Action { group: &group.name, hook: "h", instance_id: &instance.instance_id };
            let ids = [instance.instance_id.clone()];
            let found = sim.list_container_instances("c", &ids, None).await?.items;
            sim.drain_container_instances("c", &found).await?;
            let running = sim.list_tasks("c", &found[0], DesiredStatus::Running, None).await?.items;
            let stopped = sim.list_tasks("c", &found[0], DesiredStatus::Stopped, None).await?.items;
            let all = [running, stopped].concat();
            let empty = all.is_empty() || {
                let tasks = sim.describe_tasks("c", &all).await?;
                tasks.failures.is_empty() && tasks.found.iter().all(Task::is_stopped)
            };
            if empty {
                sim.complete(action, ActionResult::Continue).await?;
            } else {
                sim.heartbeat(action).await?;
            }
        }
    }
    Ok(())
}

fn fleet(seed: u64) -> Sim {
    let group = GroupPlan::named("g", 6).in_cluster("c").capacity(4).hook(HookPlan::named("h"));
    let sim = Fleet::seeded(seed)
        .group(group)
        .service(ServicePlan::replica("web", "c", 10).stops_in(Duration::from_secs(20)))
        .simulate();
    let mut world = sim.world();
    let instances: Vec<_> = world.all_instances().take(3).collect();
    world.run_standalone(instances[0], &StandalonePlan::of_family("job").runs_for(mins(12)));
    for instance in instances {
        world.after(Duration::from_secs(10), move |world| {
            world.terminate(instance);
        });
    }
    drop(world);
    sim
}

fn run(sim: &Sim, feed: Feed) -> Report {
    let mut driver = Driver::new(sim, feed, |sim: Sim| {
        async move |_: Vec<u8>| match drain_all(&sim).await {
            Ok(()) => Answer::Done,
            Err(_) => Answer::Failed,
        }
    });
    driver.run_for(Duration::from_secs(20));
    assert!(driver.run_until_quiet(mins(300)));
    driver.report()
}

#[test]
fn a_fleet_is_drained_by_events_and_ticks() {
    for (events, ticks) in [(true, true), (false, true)] {
        let sim = fleet(5);
        let report = run(&sim, Feed { events, tick_every: ticks.then_some(mins(1)), ..Feed::default() });
        assert_eq!((report.killed, report.continued, report.unfinished), (0, 3, 0));
        assert_eq!((report.expired, report.abandoned, report.drains.len()), (0, 0, 3));
        assert!(report.heartbeats > 5 && report.reads_over_budget == 0);
        let (middle, longest) = report.lateness().unwrap();
        assert!(middle <= longest && longest <= 61_000, "within a tick: {longest}");
    }
}

#[test]
fn nobody_at_work_kills_tasks_and_lets_hooks_expire() {
    let sim = fleet(5);
    let mut driver = Driver::new(&sim, Feed::default(), |_| async |_: Vec<u8>| Answer::Done);
    driver.run_for(mins(30));
    let report = driver.report();
    assert_eq!((report.expired, report.continued, report.drains.len()), (3, 0, 3));
    assert!(report.killed > 0 && report.killed == report.killed_unasked);
}

#[test]
fn whatever_goes_wrong_the_run_repeats_and_ends() {
    let storm = |sim: &Sim| {
        let mut world = sim.world();
        let faults = &mut world.api.faults;
        faults.add(Rule::any(Fault::DiesBefore).per_mille(20));
        faults.add(Rule::any(Fault::DiesAfter).per_mille(20));
        faults.add(Rule::any(Fault::FailsAfter(Failing::Reset)).per_mille(50));
        faults.add(Rule::of(Service::Ecs, Fault::Throttled).per_mille(50));
        faults.add(Rule::on(Op::DescribeTasks, Fault::Partial("MISSING")).per_mille(100));
        let road = &mut world.outbox.road;
        (road.lost_per_mille, road.repeated_per_mille) = (300, 300);
        road.delay_most = Duration::from_secs(90);
    };
    for seed in 0..40 {
        let feed = Feed { ticks_lost_per_mille: 200, ..Feed::default() };
        let (one, two) = (fleet(seed), fleet(seed));
        storm(&one);
        storm(&two);
        let (first, second) = (run(&one, feed.clone()), run(&two, feed));
        assert_eq!(first, second);
        assert_eq!(one.world().deeds(), two.world().deeds());
        assert_eq!(one.world().calls(), two.world().calls());
        assert!(first.unfinished == 0 && (first.killed == 0 || first.expired > 0), "seed {seed}");
        assert!(first.invocations.died > 0);
    }
}

/// Each message's id, and how often it had come.
type Batch = Vec<(String, String)>;

#[test]
fn messages_come_in_batches_and_come_again() {
    let sim = fleet(6);
    let seen: Rc<RefCell<Vec<Batch>>> = Rc::default();
    let made = Rc::new(RefCell::new(0));
    let mut driver = Driver::new(&sim, Feed { tick_every: None, ..Feed::default() }, |_| {
        *made.borrow_mut() += 1;
        let seen = Rc::clone(&seen);
        async move |payload: Vec<u8>| {
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let batch: Vec<_> = payload["Records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| (text(&one["messageId"]), text(&one["attributes"]["ApproximateReceiveCount"])))
                .collect();
            let failed = vec![batch[0].0.clone()];
            seen.borrow_mut().push(batch);
            let count = seen.borrow().len();
            match count {
                1 => std::future::pending().await,
                2 => panic!("a bug"),
                _ => Answer::FailedItems(failed),
            }
        }
    });
    driver.run_for(mins(4));
    let batches = seen.borrow();
    assert!(batches.iter().all(|batch| batch.len() <= 10));
    let of = |id: &str| batches.iter().flatten().filter(|(other, _)| other == id).count();
    assert!(batches[0].iter().all(|(id, _)| of(id) > 1), "what died with its batch came again");
    assert_eq!((driver.invocations.died, driver.invocations.panicked, *made.borrow()), (1, 1, 3));
    drop(batches);
    driver.run_for(mins(30));
    let batches = seen.borrow();
    assert!(
        driver.invocations.dead_letters > 0
            && batches.iter().flatten().all(|(_, count)| count.as_str() <= "5")
    );
}

/// Looks at every group; a handler that is right at any time needs no more.
async fn drain_random(sim: &Sim, by_count: bool) -> Result<(), shared::ports::ApiError> {
    for group in sim.describe_groups(GroupFilter::TagKey(random::TAG), None).await?.items {
        for one in group.instances.iter().filter(|one| one.state.word() == "Terminating:Wait") {
            // What fails for one must not keep the others.
            let _ = drain_one(sim, &group.name, &one.instance_id, by_count).await;
        }
    }
    Ok(())
}

/// Drains an instance, and lets go of it once it is empty: by ECS's count, or by what tasks say themselves.
async fn drain_one(sim: &Sim, group: &str, id: &str, by_count: bool) -> Result<(), shared::ports::ApiError> {
    let action = Action { group, hook: random::HOOK, instance_id: id };
    let mut empty = true;
    for cluster in sim.list_clusters(None).await?.items {
        let found = sim.list_container_instances(&cluster, &[id.to_owned()], None).await?.items;
        let Some(arn) = found.first() else { continue };
        let seen = sim.describe_container_instances(&cluster, &found).await?;
        empty &= seen.failures.is_empty();
        if seen.found.iter().any(|one| one.status.word() == "ACTIVE") {
            sim.drain_container_instances(&cluster, &found).await?;
            empty = false;
        }
        if by_count {
            empty &= seen.found.iter().all(|one| one.tasks_count() == 0);
            continue;
        }
        for desired in [DesiredStatus::Running, DesiredStatus::Stopped] {
            let tasks = sim.list_tasks(&cluster, arn, desired, None).await?.items;
            if !tasks.is_empty() {
                let tasks = sim.describe_tasks(&cluster, &tasks).await?;
                empty &= tasks.failures.is_empty() && tasks.found.iter().all(Task::is_stopped);
            }
        }
    }
    if empty {
        sim.complete(action, ActionResult::Continue).await?;
    } else {
        sim.heartbeat(action).await?;
    }
    Ok(())
}

#[test]
fn in_any_weather_who_looks_kills_nothing_and_who_counts_does() {
    for (by_count, weather) in
        [(false, Weather::default()), (false, Weather::storm()), (true, Weather::default())]
    {
        let (mut killed, mut drains, mut stuck) = (0, 0, 0);
        for seed in 0..150 {
            let sim = random::small(seed, &weather);
            let mut driver = Driver::new(&sim, Feed { events: false, ..Feed::default() }, |sim| {
                async move |_: Vec<u8>| {
                    drain_random(&sim, by_count).await.map_or(Answer::Failed, |()| Answer::Done)
                }
            });
            driver.run_for(random::TERMINATIONS_WITHIN);
            stuck += u32::from(!driver.run_until_quiet(mins(90)));
            let report = driver.report();
            killed += report.killed_after_continue;
            drains += report.drains.len();
        }
        assert_eq!(killed > 0, by_count, "{weather:?}");
        assert!(drains > 300 && stuck < 40, "{drains} drains, {stuck} runs stuck");
    }
}

#[test]
fn a_tick_looks_like_one() {
    let sim = Fleet::seeded(1).simulate();
    let seen: Rc<RefCell<Vec<Value>>> = Rc::default();
    let mut driver = Driver::new(&sim, Feed::default(), |_| {
        let seen = Rc::clone(&seen);
        async move |payload: Vec<u8>| {
            seen.borrow_mut().push(serde_json::from_slice(&payload).unwrap());
            Answer::Done
        }
    });
    driver.run_for(mins(5));
    assert_eq!(seen.borrow().len(), 5);
    assert_eq!(seen.borrow()[0]["detail-type"], "Scheduled Event");
    assert_eq!(seen.borrow()[0]["time"], "2026-11-23T07:06:00Z");
}
