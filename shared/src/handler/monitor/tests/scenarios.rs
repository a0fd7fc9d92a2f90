//! What people get of a crash loop, of a deployment, and of a cluster that fails at once.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::world::{Fault, World, crash, replaced, stop};
use crate::policy::Policy;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Longer than anything here lasts.
const END: i64 = 24 * HOUR;

/// Notices with the minute they came at and the stops they told of.
fn told(world: &World) -> Vec<(String, i64, u64)> {
    world.got().iter().map(|got| (got.notice().to_owned(), got.at / MINUTE, got.stops())).collect()
}

#[test]
fn a_crash_loop_is_one_alert_and_few_digests_and_one_recovery() {
    let world = World::default();
    for task in 0..1_000_i64 {
        world.send(task * 3_600, &crash("web", usize::try_from(task).unwrap(), 1));
    }
    world.run(END);
    let told = told(&world);
    let kinds: Vec<_> = told.iter().map(|(notice, at, _)| (notice.as_str(), *at)).collect();
    assert_eq!(
        kinds,
        [("alert", 0), ("digest", 5), ("digest", 15), ("digest", 35), ("digest", 75), ("recovery", 120)]
    );
    assert_eq!(told.last().map(|(.., stops)| *stops), Some(1_000));
    assert!(world.table.next_due().is_none(), "nothing is left open");
}

#[test]
fn a_rolling_deployment_is_silence() {
    let world = World::default();
    for task in 0..200 {
        let exit_code = [143, 137, 0, 143][task % 4];
        world.send(i64::try_from(task).unwrap() * 2_000, &replaced("web", task, exit_code));
    }
    world.run(END);
    assert!(world.got().is_empty() && world.table.is_empty());
}

#[test]
fn fifty_services_at_once_are_one_cluster_wide_alert() {
    let world = World::default();
    for service in 0..50 {
        for task in 0..3 {
            let reason = "Host EC2 (instance i-0aa1bb2cc3dd4ee5f) terminated.";
            let event = stop(&format!("svc-{service:02}"), task, "TerminationNotice", reason, None);
            world.send(i64::from(service) * 100 + i64::try_from(task).unwrap() * 5_000, &event);
        }
    }
    world.run(END);
    let got = world.got();
    let storms: Vec<_> = got.iter().filter(|got| got.text("cause") == "cluster-wide").collect();
    let notices: Vec<_> = storms.iter().map(|got| got.notice()).collect();
    assert_eq!(notices, ["alert", "recovery"]);
    let members = storms[0].json["incident"]["members"].as_array().expect("a list");
    let mut names: Vec<_> = members.iter().map(|member| member["workload"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 50, "it names every service");
    assert!(storms[0].at <= 2 * MINUTE, "at {}", storms[0].at);
    let alone: Vec<_> = got.iter().filter(|got| got.text("cause") != "cluster-wide").collect();
    assert_eq!(alone.len(), 5, "told before it was one too many: {alone:#?}");
    assert!(alone.iter().all(|got| got.notice() == "alert"), "the storm tells their end too");
    assert!(world.table.next_due().is_none());
}

#[test]
fn a_higher_severity_and_a_new_cause_break_through() {
    let world = World::default();
    world.send(0, &crash("web", 1, 1));
    world.send(MINUTE, &crash("web", 2, 139));
    let reason = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0a1b)";
    world.send(2 * MINUTE, &stop("web", 3, "ServiceSchedulerInitiated", reason, Some(0)));
    world.run(4 * MINUTE);
    let got = world.got();
    assert_eq!(
        got.iter().map(|got| got.text("cause")).collect::<Vec<_>>(),
        ["application-exit", "crashed", "health-check"]
    );
    let threads: Vec<_> = got.iter().map(|got| &got.json["incident"]["thread"]).collect();
    assert!(threads.iter().all(|thread| *thread == threads[0]), "one thread: {threads:?}");
    let first = "application-exit of 1970-01-01T00:00:00Z";
    let follows: Vec<_> = got.iter().map(|got| got.json["incident"]["follows"].as_str()).collect();
    assert_eq!(follows, [None, Some(first), Some(first)]);
}

#[test]
fn a_steady_service_ends_its_incidents_early_and_a_crash_loop_does_not_flap() {
    let world = World::default();
    let steady = json!({"detail-type": "ECS Service Action", "source": "aws.ecs",
        "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"],
        "detail": {"eventType": "INFO", "eventName": "SERVICE_STEADY_STATE",
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"}});
    // It is steady for two minutes between each crash and the next.
    for task in 0..5_i64 {
        world.send(task * 4 * MINUTE, &crash("web", usize::try_from(task).unwrap(), 1));
        world.send(task * 4 * MINUTE + 2 * MINUTE, &steady);
    }
    world.run(END);
    let notices: Vec<_> = told(&world).into_iter().map(|(notice, at, _)| (notice, at)).collect();
    let want = [("alert", 0), ("digest", 5), ("digest", 15), ("recovery", 26)];
    assert_eq!(notices, want.map(|(notice, at)| (notice.to_owned(), at)), "ten minutes after the last crash");
}

#[test]
fn a_job_that_failed_once_does_not_recover() {
    let world = World::default();
    let mut event = crash("-", 1, 1);
    event["detail"]["group"] = json!("family:nightly");
    event["detail"]["startedBy"] = json!("events-rule/nightly");
    world.send(0, &event);
    world.run(END);
    assert_eq!(told(&world), [("alert".to_owned(), 0, 1)]);
    assert!(world.table.next_due().is_none(), "and is closed all the same");
}

#[test]
fn without_a_table_that_answers_every_stop_is_told() {
    let mut world = World::default();
    world.table_is_down = true;
    for task in 0..30 {
        world.send(i64::try_from(task).unwrap() * 1_000, &crash("web", task, 1));
    }
    world.run(HOUR);
    assert_eq!(world.got().len(), 30);
    assert!(world.tally.lock().unwrap().table_failures > 0, "and an alarm hears of it");
}

#[test]
fn what_comes_twice_is_counted_once() {
    let world = World::default();
    for _ in 0..3 {
        world.send(0, &crash("web", 1, 1));
    }
    world.send(2 * HOUR, &crash("web", 1, 1));
    world.send(3 * HOUR, &crash("web", 2, 1));
    world.run(END);
    let stops: Vec<_> = told(&world).into_iter().map(|(notice, _, stops)| (notice, stops)).collect();
    let once = |notice: &str| (notice.to_owned(), 1);
    assert_eq!(stops, [once("alert"), once("recovery"), once("alert"), once("recovery")]);
    assert_eq!(world.faulted.load(Ordering::Relaxed), 0);
}

#[test]
fn a_stop_while_the_end_is_told_begins_an_incident() {
    // At the sixtieth tick there is a look at what is due, two reads and the lease, and before the message goes
    // out another process meets the second stop.
    let before = World::default();
    before.send(0, &crash("web", 1, 1));
    before.run(59 * MINUTE);
    let mut faults = vec![Fault::None; before.effects.load(Ordering::Relaxed) + 4];
    faults.push(Fault::Meanwhile);
    let world = World::with_faults(faults);
    world.send(0, &crash("web", 1, 1));
    world.send(HOUR, &crash("web", 2, 1));
    world.run(END);
    let notices = told(&world);
    let want = [("alert", 0, 1), ("recovery", 60, 1), ("alert", 61, 1), ("recovery", 120, 1)];
    assert_eq!(notices, want.map(|(notice, at, stops)| (notice.to_owned(), at, stops)));
}

#[test]
fn a_topic_that_has_the_alert_does_not_get_it_again_when_another_failed() {
    let topic = |name: &str| format!("arn:aws:sns:eu-west-1:111122223333:{name}");
    let route = |name: &str| format!("[[route]]\ntopic = \"{}\"\nservice = \"web\"\n", topic(name));
    // The claim and the first topic are fine, the second topic fails; the third is for another service.
    let mut world = World::with_faults(vec![Fault::None, Fault::None, Fault::Before]);
    world.policy = Policy::parse(&format!("{}{}", route("first"), route("second"))).expect("a policy");
    world.send(0, &crash("web", 1, 1));
    world.send(0, &crash("api", 1, 1));
    world.run(END);
    let of_web: Vec<_> = world.got().into_iter().filter(|got| got.text("service") == "web").collect();
    let topics = |notice: &str| {
        let of_notice = of_web.iter().filter(|got| got.notice() == notice);
        of_notice.map(|got| got.topic.clone().expect("a route")).collect::<Vec<_>>()
    };
    let both = [topic("first"), topic("second")];
    assert_eq!(topics("alert"), both, "once each, though the record came again");
    assert_eq!(topics("recovery"), both, "the end goes where the begin went");
    assert!(world.got().iter().filter(|got| got.text("service") == "api").all(|got| got.topic.is_none()));
}
