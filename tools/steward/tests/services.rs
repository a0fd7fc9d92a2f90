//! `steward` over service events: replayed with the stops of their tasks, and explained.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn steward(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events-fixtures"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("steward starts");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn event(kind: &str, name: &str, reason: &str, minute: u32) -> Value {
    let time = format!("2026-05-14T09:{minute:02}:00Z");
    json!({"detail-type": kind, "source": "aws.ecs", "time": time, "id": format!("{name}-{minute}"),
        "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/harbor/web"],
        "detail": {"eventName": name, "eventType": "INFO", "reason": reason, "createdAt": time}})
}

fn lines(events: &[Value]) -> String {
    events.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_replay_tells_of_a_rollback_once_and_of_its_end() {
    let (action, deployment) = ("ECS Service Action", "ECS Deployment State Change");
    let rollback = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
    let rolled_back = event(deployment, "SERVICE_DEPLOYMENT_IN_PROGRESS", rollback, 1);
    let events = [
        event(deployment, "SERVICE_DEPLOYMENT_IN_PROGRESS", "ECS deployment ecs-svc/2 in progress.", 0),
        rolled_back.clone(),
        rolled_back,
        event(deployment, "SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed.", 3),
        event(action, "SERVICE_STEADY_STATE", "", 3),
    ];
    let output = steward(&["replay", "--full", "0", "-"], &lines(&events));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let told: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(told.len(), 2, "{text}");
    assert!(told[0].starts_with("HIGH deployment-rolled-back: Service web on harbor"), "{text}");
    assert!(told[1].starts_with("RECOVERED deployment-rolled-back: Over: the service is steady"), "{text}");
    assert!(text.contains("abnormal stops: 1, messages sent: 2 (1 alert, 1 recovery)"), "{text}");
}

#[test]
fn a_repeat_is_a_duplicate_and_another_time_is_not() {
    let event =
        |minute| event("ECS Service Action", "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:CPU", minute);
    let output = steward(&["judge", "--format", "json", "-"], &lines(&[event(0), event(0), event(1)]));
    let rows = String::from_utf8(output.stdout).expect("UTF-8");
    let causes: Vec<_> =
        rows.lines().map(|row| serde_json::from_str::<Value>(row).expect("JSON")["cause"].clone()).collect();
    assert_eq!(causes, ["placement-failed", "duplicate", "placement-failed"]);
}

#[test]
fn an_explanation_names_the_rules_that_were_asked() {
    let output = steward(&["explain", "ecs-deployment-state-change/rolled-back.json"], "");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for words in ["1. repeat", "2. deployment", "yes: deployment-rolled-back (high)", "alert / high"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("3. placement"), "the first that finds something decides: {text}");
}
