//! What people get of deployments and of services that find no place, and who tells of what.

use serde_json::{Value, json};

use super::world::{World, crash, no_place, of_service, replaced};
use super::{Beat, DEADLINE, FakeMetrics, FakeSns, FixedClock, Monitor, batch, failed, run, stop};
use crate::alert::HttpsBody;
use crate::in_memory::Absent;
use crate::policy::Policy;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Longer than anything here lasts.
const END: i64 = 24 * HOUR;

const ACTION: &str = "ECS Service Action";
const DEPLOYMENT: &str = "ECS Deployment State Change";

/// Notices with cause and minute.
fn told(world: &World) -> Vec<(String, String, i64)> {
    let got = world.got();
    let one =
        |got: &super::world::Got| (got.notice().to_owned(), got.text("cause").to_owned(), got.at / MINUTE);
    got.iter().map(one).collect()
}

/// An event of the service `web`, sent when it happened.
fn send(world: &World, at: i64, kind: &str, name: &str, reason: &str) {
    world.send(at, &of_service(kind, "web", name, reason, at));
}

#[test]
fn a_deployment_that_goes_well_is_silence() {
    let world = World::default();
    send(&world, 0, DEPLOYMENT, "SERVICE_DEPLOYMENT_IN_PROGRESS", "ECS deployment ecs-svc/2 in progress.");
    for task in 0..20 {
        world.send(MINUTE + i64::try_from(task).unwrap() * 1_000, &replaced("web", task, 137));
    }
    send(&world, 2 * MINUTE, ACTION, "SERVICE_DESIRED_COUNT_UPDATED", "");
    send(
        &world,
        3 * MINUTE,
        DEPLOYMENT,
        "SERVICE_DEPLOYMENT_COMPLETED",
        "ECS deployment ecs-svc/2 completed.",
    );
    send(&world, 3 * MINUTE, ACTION, "SERVICE_STEADY_STATE", "");
    world.run(END);
    assert!(world.got().is_empty() && world.table.is_empty());
}

#[test]
fn a_rollback_is_told_once_and_is_over_when_the_service_is_steady() {
    let world = World::default();
    let rollback = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
    send(&world, 0, DEPLOYMENT, "SERVICE_DEPLOYMENT_IN_PROGRESS", "ECS deployment ecs-svc/2 in progress.");
    for again in [0, 1_000, 5 * MINUTE] {
        let event = of_service(DEPLOYMENT, "web", "SERVICE_DEPLOYMENT_IN_PROGRESS", rollback, MINUTE);
        world.send(MINUTE + again, &event);
    }
    send(
        &world,
        3 * MINUTE,
        DEPLOYMENT,
        "SERVICE_DEPLOYMENT_COMPLETED",
        "ECS deployment ecs-svc/1 completed.",
    );
    // Twice, as by two functions that both hear of it.
    for _ in 0..2 {
        send(&world, 3 * MINUTE, ACTION, "SERVICE_STEADY_STATE", "");
    }
    world.run(END);
    let of = |notice: &str, minute| (notice.to_owned(), "deployment-rolled-back".to_owned(), minute);
    assert_eq!(told(&world), [of("alert", 1), of("recovery", 11)], "steady ten minutes after the last event");
    let got = world.got();
    assert_eq!((got[0].text("severity"), got[1].text("severity")), ("high", "low"));
    assert!(got[1].text("summary").starts_with("Over: the service is steady"), "{}", got[1].text("summary"));
    assert_eq!(got[0].text("fingerprint"), "harbor/web/deployment-rolled-back/-/-");
    assert!(world.table.next_due().is_none(), "nothing is left open");
}

#[test]
fn no_place_for_hours_is_one_alert_and_few_digests() {
    let world = World::default();
    for minute in 0..75 {
        world.send(minute * MINUTE, &no_place("web", minute * MINUTE));
    }
    world.run(END);
    // ECS may be silent for six hours while it goes on, so an hour of silence is no end.
    let kinds: Vec<_> = told(&world).into_iter().map(|(notice, _, minute)| (notice, minute)).collect();
    let want =
        [("alert", 0), ("digest", 5), ("digest", 15), ("digest", 35), ("digest", 75), ("recovery", 494)];
    assert_eq!(kinds, want.map(|(notice, minute)| (notice.to_owned(), minute)));
    let digest = &world.got()[1];
    let summary =
        "more events, 5 since 1970-01-01T00:00:00Z. Service web on harbor found no place for a task";
    assert!(digest.text("summary").contains(summary), "no task stopped: {}", digest.text("summary"));
}

#[test]
fn a_failed_deployment_and_its_crashes_are_one_thread() {
    let world = World::default();
    world.send(0, &crash("web", 1, 1));
    let reason = "ECS deployment circuit breaker: tasks failed to start.";
    send(&world, MINUTE, DEPLOYMENT, "SERVICE_DEPLOYMENT_FAILED", reason);
    world.run(3 * MINUTE);
    let got = world.got();
    let causes: Vec<_> = got.iter().map(|got| got.text("cause")).collect();
    assert_eq!(causes, ["application-exit", "deployment-failed"]);
    assert_eq!(got[0].json["incident"]["thread"], got[1].json["incident"]["thread"]);
}

#[test]
fn a_policy_speaks_of_services_too() {
    let mut world = World::default();
    let policy = "[[rule]]\nservice = 'web'\nquiet = 'a demo'\n\
                  [[route]]\ntopic = 'arn:aws:sns:eu-west-1:111122223333:team'\nservice = 'api'\n";
    world.policy = Policy::parse(policy).expect("a policy");
    world.send(0, &no_place("web", 0));
    world.send(0, &no_place("api", 0));
    world.run(MINUTE);
    let got = world.got();
    assert_eq!((got.len(), got[0].text("service")), (1, "api"));
    assert_eq!(got[0].topic.as_deref(), Some("arn:aws:sns:eu-west-1:111122223333:team"));
}

/// A function without a table.
fn of_beat<'a>(
    beat: Beat,
    sns: &'a FakeSns,
    metrics: &'a FakeMetrics,
) -> Monitor<&'a FakeSns, &'a FakeMetrics, FixedClock, Absent, Absent, Absent> {
    Monitor::new(beat, Policy::default(), sns, metrics, FixedClock(0), HttpsBody::Json)
}

#[test]
fn each_function_tells_of_its_own_beat() {
    let steady = of_service(ACTION, "web", "SERVICE_STEADY_STATE", "", 0);
    let events = [stop(1, 5, 1), no_place("web", 0), steady].map(|event: Value| event.to_string());
    let payload = batch(&[("a", events[0].clone()), ("b", events[1].clone()), ("c", events[2].clone())]);
    let (task, service) =
        ("[medium] application-exit: job on harbor", "[high] placement-failed: web on harbor");
    for (beat, want, counted) in [
        (Beat::Tasks, vec![task], 2),
        (Beat::Services, vec![service], 3),
        (Beat::Everything, vec![task, service], 3),
    ] {
        let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
        let monitor = of_beat(beat, &sns, &metrics);
        for _ in 0..2 {
            assert!(failed(run(monitor.handle(&payload, DEADLINE))).is_empty());
        }
        assert_eq!(sns.subjects(), want, "{beat:?}, and nothing twice");
        let tallies = metrics.0.lock().unwrap();
        let verdicts: u32 = tallies[0].counts.values().map(|count| count.verdicts).sum();
        assert_eq!(verdicts, counted, "{beat:?}");
    }
}

#[test]
fn a_service_event_without_a_detail_is_told() {
    let (sns, metrics) = (FakeSns::default(), FakeMetrics::default());
    let payload = batch(&[("a", json!({"detail-type": ACTION, "source": "aws.ecs"}).to_string())]);
    assert_eq!(failed(run(of_beat(Beat::Services, &sns, &metrics).handle(&payload, DEADLINE))), ["a"]);
    assert_eq!(sns.subjects(), ["[medium] unreadable-event: ecs-steward"]);
}
