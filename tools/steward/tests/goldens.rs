//! Every fixture has a verdict on record, and every record a fixture.
//!
//! `UPDATE_GOLDENS=1 cargo test -p steward --test goldens` (or `make goldens`) writes them anew: read the
//! diff as the change of verdicts that it is.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use shared::event::StopCode;
use shared::judge::Cause;

fn fixtures_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events-fixtures")
}

/// Files with an ending, in any depth, relative to the fixtures' root.
fn files(ending: &str) -> BTreeSet<PathBuf> {
    let root = fixtures_root();
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|own| own == ending) {
                found.insert(entry.strip_prefix(&root).expect("below the root").to_owned());
            }
        }
    }
    found
}

/// The rows `steward judge --format json` prints for a fixture, one indented object each.
fn judged(fixture: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(["judge", "--format", "json"])
        .arg(fixture)
        .current_dir(fixtures_root())
        .output()
        .expect("steward runs");
    assert!(output.status.success(), "{}: {}", fixture.display(), String::from_utf8_lossy(&output.stderr));
    let rows = String::from_utf8(output.stdout).expect("UTF-8");
    let indented = |row: &str| {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        serde_json::to_string_pretty(&row).expect("and back") + "\n"
    };
    rows.lines().map(indented).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that writes the goldens")]
fn every_fixture_has_its_golden_verdict() {
    let update = std::env::var("UPDATE_GOLDENS").is_ok();
    let mut wrong = Vec::new();
    for fixture in files("json") {
        let golden = fixtures_root().join(fixture.with_extension("golden"));
        let verdict = judged(&fixture);
        if update {
            fs::write(&golden, verdict).expect("a golden is written");
        } else if fs::read_to_string(&golden).ok().as_deref() != Some(&verdict) {
            wrong.push(fixture.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "missing or different, see `make goldens`: {wrong:#?}");
}

#[test]
fn no_golden_is_stale() {
    let fixtures = files("json");
    let stale: Vec<_> = files("golden")
        .into_iter()
        .filter(|golden| !fixtures.contains(&golden.with_extension("json")))
        .collect();
    assert!(stale.is_empty(), "no fixture for {stale:?}");
}

#[test]
fn every_cause_and_stop_code_is_in_a_fixture() {
    let all: String = files("golden")
        .iter()
        .map(|golden| fs::read_to_string(fixtures_root().join(golden)).expect("a golden"))
        .collect();
    for cause in Cause::ALL {
        // What cannot be read has no row: it is told on stderr, and `cli.rs` checks that. Drains are told of as
        // what is seen, so is what an audit finds, and a storm is what many events make: the tests of
        // `instance_drain`, `audit` and `monitor` have them.
        let no_verdict_on_an_event = matches!(
            cause,
            Cause::UnreadableEvent
                | Cause::DrainStarted
                | Cause::DrainStuck
                | Cause::DrainFinished
                | Cause::InstanceRetained
                | Cause::ClusterWide
                | Cause::ServiceBelowDesired
                | Cause::TaskStuck
                | Cause::StaleProtection
                | Cause::BurstBalanceLow
                | Cause::JobMissing
                | Cause::JobOverrunning
                | Cause::NotAudited
        );
        let has_fixture = all.contains(&format!("\"cause\": \"{cause}\""));
        assert!(has_fixture || no_verdict_on_an_event, "{cause}");
    }
    for code in [
        StopCode::TaskFailedToStart,
        StopCode::EssentialContainerExited,
        StopCode::UserInitiated,
        StopCode::ServiceSchedulerInitiated,
        StopCode::SpotInterruption,
        StopCode::TerminationNotice,
        StopCode::InfrastructureHealth,
    ] {
        assert!(all.contains(&format!("\"stopCode {code}\"")), "{code}");
    }
}

#[test]
fn a_fixtures_name_says_its_stop_code() {
    let known = [
        "task-failed-to-start",
        "essential-container-exited",
        "user-initiated",
        "service-scheduler-initiated",
        "spot-interruption",
        "termination-notice",
        "infrastructure-health",
        "no-stop-code",
        "unknown-stop-code",
        "not-stopped",
    ];
    for fixture in files("json").iter().filter(|path| path.starts_with("ecs-task-state-change")) {
        let name = fixture.file_stem().and_then(|name| name.to_str()).expect("a name");
        assert!(
            name.split_once("--").is_some_and(|(code, case)| known.contains(&code) && !case.is_empty()),
            "{name}"
        );
    }
}
