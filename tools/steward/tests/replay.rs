//! `steward replay`: one message for each incident, on the clock the events set, and its report.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ABNORMAL: &str =
    "events-fixtures/ecs-task-state-change/essential-container-exited--service-exit-1.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Exit code, stdout, stderr.
fn run(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("steward runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("it was not killed"), text(output.stdout), text(output.stderr))
}

/// A crash of the service of [`ABNORMAL`], at a minute of a day; the task has the number as its id.
fn crash(minute: u32, task: u32) -> String {
    let mut event: Value =
        serde_json::from_str(&fs::read_to_string(root().join(ABNORMAL)).expect("a fixture")).expect("JSON");
    let at = format!("2026-05-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
    event["time"] = at.clone().into();
    for field in ["stoppedAt", "stoppingAt", "executionStoppedAt"] {
        event["detail"][field] = at.clone().into();
    }
    event["detail"]["taskArn"] = format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{task:032}").into();
    event.to_string()
}

/// A file with these lines.
fn file_of(folder: &Path, lines: &[String]) -> String {
    let file = folder.join("events.jsonl");
    fs::write(&file, lines.join("\n")).expect("a file");
    file.display().to_string()
}

#[test]
fn a_crash_loop_is_one_alert_its_digests_and_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<_> = (0..30).map(|number| crash(600 + number, number)).collect();
    let (code, out, err) = run(&["replay", &file_of(folder.path(), &lines)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let heads: Vec<_> = out.lines().filter(|line| line.split(' ').nth(2) == Some("at")).collect();
    let got: Vec<_> = heads.iter().filter_map(|line| line.split(" from ").next()).collect();
    let want = [
        "alert 1 at 2026-05-01T10:00:00Z",
        "digest 2 at 2026-05-01T10:05:00Z",
        "digest 3 at 2026-05-01T10:15:00Z",
    ];
    assert_eq!(got[..3], want, "{heads:?}");
    assert!(got[got.len() - 1].starts_with("recovery "), "it goes on until nothing is due: {heads:?}");
    assert!(heads[0].ends_with("events.jsonl") && heads[1].ends_with("events.jsonl:6"), "{heads:?}");
    assert!(heads[3].ends_with("from what was due"), "no stop came at that time: {heads:?}");
    assert!(out.contains("\nsuppressed: 27 counted\n"), "{out}");
    assert!(out.contains("events: 30, abnormal stops: 30, messages sent: "), "{out}");
    assert!(out.contains("(1 alert, "), "counts by notice: {out}");
}

#[test]
fn the_clock_never_goes_back_and_repeats_are_no_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [crash(600, 1), crash(590, 2), crash(600, 1), "boom".into()];
    let (code, out, err) = run(&["replay", &file_of(folder.path(), &lines)]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
    let late = out.lines().any(|line| line.starts_with("alert") && line.contains("T09:"));
    assert!(!late, "nothing is told before what was told: {out}");
    assert!(
        out.contains("events: 4, abnormal stops: 2, "),
        "a repeat and what cannot be read are none: {out}"
    );
}

#[test]
fn what_comes_before_any_time_is_told_at_the_first_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, out, _) = run(&["replay", &file_of(folder.path(), &["boom".into(), crash(600, 1)])]);
    assert!(out.contains("alert 1 at 2026-05-01T10:00:00Z from "), "{out}");
    assert!(!out.contains("1970-"), "{out}");
}

#[test]
fn a_report_is_complete_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let events = file_of(folder.path(), &[crash(600, 1).replace("checkout-api", "<script>x")]);
    let page = folder.path().join("report.html");
    fs::write(&page, "old").expect("a file");
    let (code, out, err) = run(&["replay", "--full", "0", "--html", &page.display().to_string(), &events]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("messages sent: 2 (1 alert, 1 recovery)"), "{out}");
    let html = fs::read_to_string(&page).expect("the report");
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
    assert_eq!(html.matches("<li class=\"message ").count(), 2);
    assert!(html.contains("&lt;script&gt;x") && html.matches("<script>").count() == 1, "names stay text");
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    left.sort();
    assert_eq!(left, ["events.jsonl", "report.html"], "no temporary file");
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().display();
    for (file, problem) in [
        (format!("{name}/no/report.html"), "No such file or directory (os error 2)"),
        (format!("{name}"), "is a directory"),
    ] {
        let (code, out, err) = run(&["replay", "--html", &file, ABNORMAL]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert_eq!(err, format!("steward: --html {file}: {problem}\n"));
    }
}
