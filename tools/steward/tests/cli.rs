//! The command line's contract: output, exit codes, errors, memory.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn steward(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_steward")).args(args).current_dir(root()).output().expect("steward runs")
}

/// Exit code, stdout, stderr.
fn run(args: &[&str]) -> (i32, String, String) {
    let output = steward(args);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("it was not killed"), text(output.stdout), text(output.stderr))
}

const ABNORMAL: &str =
    "events-fixtures/ecs-task-state-change/essential-container-exited--service-exit-1.json";
const QUIET: &str = "events-fixtures/ecs-task-state-change/essential-container-exited--job-exit-0.json";

#[test]
fn a_json_row_has_the_fields_of_the_contract() {
    let (code, out, err) = run(&["judge", "--format", "json", ABNORMAL]);
    assert_eq!((code, err.as_str()), (0, ""));
    let row: Value = serde_json::from_str(&out).expect("one line of JSON");
    let mut fields: Vec<_> = row.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    let want = [
        "cause",
        "container",
        "detailType",
        "evidence",
        "exitCode",
        "fingerprint",
        "id",
        "nextStep",
        "severity",
        "source",
        "subject",
        "summary",
        "verdict",
    ];
    assert_eq!(fields, want);
    assert!(out.starts_with("{\"source\":\"events-fixtures/"), "in the order of the contract: {out}");
}

#[test]
fn fail_on_alert_is_1_and_bad_input_is_2() {
    assert_eq!(run(&["judge", "--fail-on", "alert", ABNORMAL]).0, 1);
    assert_eq!(run(&["judge", "--fail-on", "alert", QUIET]).0, 0);
    let (code, out, err) = run(&["judge", "no-such-file.json"]);
    assert_eq!((code, out.lines().count()), (2, 1), "only the head of the table");
    assert_eq!(err, "steward: no-such-file.json: No such file or directory (os error 2)\n");
    assert_eq!(run(&["judge"]).0, 2, "usage");
    assert_eq!(run(&["judge", "--policy", "no-such-policy.toml", QUIET]).0, 2);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = fs::read_to_string(root().join(ABNORMAL)).expect("a fixture");
    let good: Value = serde_json::from_str(&good).expect("JSON");
    let lines = format!("{good}\n{{\"cut\": \n{good}\n{{\"no\": \"event\"}}\n");
    let file = folder.path().join("events.jsonl");
    fs::write(&file, lines).expect("a file");
    let name = file.display().to_string();
    let (code, out, err) = run(&["judge", "--format", "json", &name]);
    assert_eq!(code, 2);
    let causes: Vec<_> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["cause"].clone()).collect();
    assert_eq!(causes, ["application-exit", "duplicate"]);
    let lines: Vec<_> = err.lines().collect();
    assert_eq!(lines.len(), 2, "{err}");
    assert!(lines[0].starts_with(&format!("steward: {name}:2: ")), "{}", lines[0]);
    assert!(lines[1].starts_with(&format!("steward: {name}:4: is no event")), "{}", lines[1]);
}

#[test]
fn explain_names_the_rule_that_decided() {
    let (code, out, _) = run(&["explain", ABNORMAL]);
    assert_eq!(code, 0);
    assert!(out.contains("10. exit-codes") && out.contains("yes: application-exit (medium)"), "{out}");
    assert!(out.contains("Verdict: alert / medium / application-exit"), "{out}");
}

#[test]
fn replay_prints_the_alerts_and_what_was_suppressed() {
    let (code, out, err) = run(&["replay", ABNORMAL, QUIET]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("Subject: [medium] application-exit: "), "{out}");
    assert!(out.contains("Why we think so"), "{out}");
    assert!(out.contains("events: 2, abnormal stops: 1, messages sent: 2 (1 alert, 1 recovery)"), "{out}");
    let (_, short, _) = run(&["replay", "--full", "0", ABNORMAL, QUIET]);
    assert!(short.starts_with("MEDIUM application-exit: "), "{short}");
}

#[test]
fn replay_tells_what_judge_finds_whatever_the_events_say_of_their_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut event: Value =
        serde_json::from_str(&fs::read_to_string(root().join(ABNORMAL)).expect("a fixture")).expect("JSON");
    event["time"] = Value::Null;
    for field in ["stoppedAt", "stoppingAt", "executionStoppedAt"] {
        event["detail"][field] = Value::Null;
    }
    let file = folder.path().join("timeless.json");
    fs::write(&file, format!("{event}\nboom\n")).expect("a file");
    let (code, out, err) = run(&["replay", &file.display().to_string()]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
    assert!(out.contains("events: 2, abnormal stops: 1, messages sent: 3 (2 alert, 1 recovery)"), "{out}");
}

#[test]
fn one_bad_path_does_not_hide_the_others_and_nothing_is_not_success() {
    let (code, out, err) = run(&["judge", "--format", "json", "no-such-file.json", ABNORMAL]);
    assert_eq!((code, out.lines().count(), err.lines().count()), (2, 1, 1));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("described.json");
    fs::write(&file, r#"{"tasks":[],"failures":[{"reason":"MISSING"}]}"#).expect("a file");
    let (code, _, err) = run(&["judge", "--fail-on", "alert", &file.display().to_string()]);
    assert_eq!(code, 2);
    assert!(err.contains("holds no event"), "{err}");
}

#[test]
fn a_policy_is_checked_with_every_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.toml");
    fs::write(&file, "[[rule]]\nservce = 'x'\n[[mute]]\nreason = 'x'\n").expect("a file");
    let (code, out, err) = run(&["policy", "check", &file.display().to_string()]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(err.lines().count(), 3, "{err}");
    assert_eq!(run(&["policy", "check", "infra/policy.toml"]).0, 0, "the example is good");
}

#[test]
fn the_tables_of_the_readme_are_those_of_the_code() {
    let (code, _, err) = run(&["docs", "--check", "README.md"]);
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn help_has_an_example_for_every_verb() {
    for verb in [
        &["judge"][..],
        &["explain"],
        &["replay"],
        &["generate"],
        &["simulate"],
        &["drain"],
        &["policy", "check"],
        &["docs"],
    ] {
        let (code, out, _) = run(&[verb, &["--help"]].concat());
        assert_eq!(code, 0);
        assert!(out.contains("Example"), "{verb:?}: {out}");
    }
}

#[test]
fn generate_repeats_and_refuses_what_it_cannot_do() {
    let (code, out, err) = run(&["generate", "--events", "300", "--seed", "5", "--span", "2h"]);
    assert_eq!((code, out.lines().count(), err.as_str()), (0, 300, ""));
    assert_eq!(run(&["generate", "--events", "300", "--seed", "5", "--span", "2h"]).1, out);
    let (_, broken, _) = run(&["generate", "--events", "300", "--seed", "5", "--span", "2h", "--broken"]);
    assert_eq!(broken.lines().count(), 303);
    for (flags, problem) in [
        (
            ["--start", "yesterday"],
            "steward: generate: --start yesterday: is no time such as 2026-05-01T00:00:00Z\n",
        ),
        (["--span", "0s"], "steward: generate: --span 0s: is not between a millisecond and 20 years\n"),
    ] {
        let (code, out, err) = run(&[&["generate"][..], &flags].concat());
        assert_eq!((code, out.as_str(), err.as_str()), (2, "", problem));
    }
    assert_eq!(run(&["generate", "--events", "0"]).0, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(["judge", "--format", "json", "events-fixtures"])
        .current_dir(root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("steward runs");
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().expect("its errors").read_to_string(&mut err).expect("UTF-8");
    assert_eq!((child.wait().expect("it ends").code(), err.as_str()), (Some(0), ""));
}

/// Peak resident memory of a process, in kilobytes.
#[cfg(target_os = "linux")]
fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a number")
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_input() {
    let mut event: Value =
        serde_json::from_str(&fs::read_to_string(root().join(ABNORMAL)).expect("a fixture")).expect("JSON");
    let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(["judge", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("steward runs");
    let mut input = child.stdin.take().expect("its input");
    let mut feed = |from: u32, to: u32| {
        for task in from..to {
            event["detail"]["taskArn"] =
                format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{task:032}").into();
            writeln!(input, "{event}").expect("it reads");
        }
    };
    // Past the memory of duplicates, which is bounded, and then as far again.
    feed(0, 9_000);
    let early = peak_memory(child.id());
    feed(9_000, 20_000);
    let late = peak_memory(child.id());
    drop(input);
    assert!(child.wait().expect("it ends").success());
    assert!(late < early + 4_096, "{early} kB, then {late} kB");
}
