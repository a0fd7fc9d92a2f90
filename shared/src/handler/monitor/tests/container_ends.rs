//! A container that ends while its task runs on: told once, by whichever process, and the stop as ever.

use serde_json::{Value, json};

use super::world::{Fault, World, replaced, stop};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const END: i64 = 24 * 60 * MINUTE;

/// A running task of `web` at a version, and the exit codes of the containers that stopped.
fn running(version: i64, ended: &[(&str, i64)]) -> Value {
    running_task("web", 1, version, ended)
}

/// A running task of a service.
pub fn running_task(service: &str, task: usize, version: i64, ended: &[(&str, i64)]) -> Value {
    let mut event = stop(service, task, "", "", None);
    event["id"] = json!(format!("{service}-{task}-running-{version}"));
    let mut containers = vec![json!({"name": "app", "lastStatus": "RUNNING"})];
    containers.extend(
        ended.iter().map(|(name, code)| json!({"name": name, "lastStatus": "STOPPED", "exitCode": code})),
    );
    let detail = &mut event["detail"];
    for (field, value) in [
        ("lastStatus", json!("RUNNING")),
        ("desiredStatus", json!("RUNNING")),
        ("version", json!(version)),
        ("containers", json!(containers)),
    ] {
        detail[field] = value;
    }
    for field in ["stopCode", "stoppedReason"] {
        detail.as_object_mut().expect("an object").remove(field);
    }
    event
}

/// The end of the same task, with the log router's code beside the application's.
fn stopped(version: i64, log: i64) -> Value {
    let mut event = stop("web", 1, "EssentialContainerExited", "Essential container in task exited", Some(1));
    event["detail"]["version"] = json!(version);
    event["detail"]["containers"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"name": "log", "exitCode": log, "lastStatus": "STOPPED"}));
    event
}

/// Causes and containers of the alerts; digests and recoveries aside.
fn alerts(world: &World) -> Vec<(String, String)> {
    let got = world.got();
    let alerts = got.iter().filter(|got| got.notice() == "alert");
    alerts.map(|got| (got.text("cause").to_owned(), got.text("container").to_owned())).collect()
}

/// As [`alerts`] has them.
fn want(alerts: &[(&str, &str)]) -> Vec<(String, String)> {
    alerts.iter().map(|(cause, container)| ((*cause).to_owned(), (*container).to_owned())).collect()
}

const LOG: (&str, &str) = ("container-exited", "log");

#[test]
fn it_is_told_once_and_the_stop_as_ever() {
    let world = World::default();
    for version in 5..=7 {
        world.send(version * SECOND, &running(version, &[("log", 137)]));
    }
    world.send(9 * SECOND, &stopped(8, 137));
    world.send(10 * SECOND, &running(6, &[("log", 137)]));
    world.run(END);
    assert_eq!(alerts(&world), want(&[LOG, ("application-exit", "app")]));
    let of_log: Vec<_> = world.got().into_iter().filter(|got| got.text("cause") == LOG.0).collect();
    assert_eq!(of_log.len(), 1, "ECS does not start it again, so there is no recovery");
    assert!(world.table.next_due().is_none(), "nothing is left open");
}

#[test]
fn another_process_knows_it_from_the_table() {
    let world = World::default();
    for version in 5..=7 {
        world.send(2 * version * MINUTE, &running(version, &[("log", 137)]));
        // Each run is a process of its own.
        world.run((2 * version + 1) * MINUTE);
    }
    world.send(16 * MINUTE, &stopped(8, 137));
    world.run(END);
    assert_eq!(alerts(&world), want(&[LOG, ("application-exit", "app")]));
}

#[test]
fn what_comes_after_the_stop_is_not_told_in_process_or_by_another() {
    for apart in [false, true] {
        let world = World::default();
        world.send(0, &stopped(8, 137));
        if apart {
            world.run(MINUTE);
        }
        world.send(2 * MINUTE, &running(7, &[("log", 137)]));
        world.run(END);
        assert_eq!(alerts(&world), want(&[("application-exit", "app")]), "another process: {apart}");
    }
}

#[test]
fn each_container_is_told_by_itself() {
    let world = World::default();
    world.send(0, &running(5, &[("log", 137), ("init", 0), ("mesh", 1)]));
    world.run(MINUTE);
    assert_eq!(alerts(&world), want(&[LOG, ("container-exited", "mesh")]), "two of one event");
    // The first is known, which does not hide the one that follows, in a process that knows neither.
    world.send(2 * MINUTE, &running(6, &[("log", 137), ("mesh", 1), ("proxy", 2)]));
    world.run(END);
    let all = want(&[LOG, ("container-exited", "mesh"), ("container-exited", "proxy")]);
    assert_eq!(alerts(&world), all);
}

#[test]
fn a_task_that_is_asked_to_stop_is_silence() {
    let world = World::default();
    let mut stopping = running(6, &[("log", 143)]);
    stopping["detail"]["desiredStatus"] = json!("STOPPED");
    world.send(0, &running(5, &[("init", 0)]));
    world.send(SECOND, &stopping);
    world.send(2 * SECOND, &replaced("web", 1, 143));
    world.run(END);
    assert!(world.got().is_empty() && world.table.is_empty());
}

#[test]
fn without_a_table_that_answers_the_process_remembers() {
    let mut world = World::default();
    world.table_is_down = true;
    for version in 5..=7 {
        world.send(version * SECOND, &running(version, &[("log", 137), ("mesh", 1)]));
    }
    world.run(MINUTE);
    assert_eq!(alerts(&world), want(&[LOG, ("container-exited", "mesh")]));
}

#[test]
fn an_alert_that_was_not_accepted_comes_again() {
    // The look at the task's stop and the claim are fine, the message is not accepted.
    let world = World::with_faults(vec![Fault::None, Fault::None, Fault::Before]);
    world.send(0, &running(5, &[("log", 137), ("mesh", 1)]));
    world.send(10 * MINUTE, &running(6, &[("log", 137), ("mesh", 1)]));
    world.run(END);
    let mut told = alerts(&world);
    told.sort();
    assert_eq!(told, want(&[LOG, ("container-exited", "mesh")]));
}
