//! `steward simulate`: the same output for the same seed, rows that can be relied on, errors.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::process::Command;

use serde_json::Value;

/// Exit code, stdout, stderr.
fn simulate(args: &[&str]) -> (i32, String, String) {
    let command = [&["simulate"], args].concat();
    let output = Command::new(env!("CARGO_BIN_EXE_steward")).args(command).output().expect("steward runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("it was not killed"), text(output.stdout), text(output.stderr))
}

/// The objects of a run.
fn objects(args: &[&str]) -> Vec<Value> {
    let (code, out, _) = simulate(&[args, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{args:?}");
    out.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

#[test]
fn a_seed_repeats_and_only_stderr_tells_the_real_time() {
    for args in [&[][..], &["--faults"], &["--format", "json"], &["--compare", "--seeds", "1"]] {
        let ((code, out, err), (_, again, _)) = (simulate(args), simulate(args));
        assert_eq!((code, &out), (0, &again), "{args:?}");
        let real_times = ["the function's own work: ", "simulated in "];
        assert!(err.lines().all(|line| real_times.iter().any(|known| line.starts_with(known))), "{err}");
        assert!(!out.contains('\u{1b}'), "no colours in a pipe");
    }
    assert_ne!(simulate(&["--seed", "1"]).1, simulate(&["--seed", "2"]).1);
}

#[test]
fn a_timeline_has_every_instance_and_a_summary() {
    let lines = objects(&["--instances", "6", "--terminate", "3", "--tasks", "4"]);
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let instances = of("instance");
    assert_eq!(instances.len(), 3);
    for instance in &instances {
        assert_eq!((&instance["ending"], &instance["killed"]), (&"CONTINUE".into(), &0.into()), "{instance}");
        let at = |field: &str| instance[field].as_i64().expect("a time");
        assert!(at("drainingAfterMs") > 0 && at("drainingAfterMs") < at("lastStopAfterMs"), "{instance}");
        assert_eq!(at("endedAfterMs") - at("lastStopAfterMs"), at("lateMs"), "{instance}");
    }
    let [summary] = of("summary")[..] else { panic!("one summary") };
    assert_eq!(
        (&summary["killed"], &summary["expired"], &summary["drains"]),
        (&0.into(), &0.into(), &3.into())
    );
    let calls: i64 = of("calls").iter().filter_map(|line| line["calls"].as_i64()).sum();
    assert_eq!(summary["calls"], calls);
    assert_eq!(summary["notifications"], of("notification").len());
    assert!(
        of("notification")
            .iter()
            .any(|line| line["subject"].as_str().unwrap_or("").contains("drain-started"))
    );
    let (_, table, _) = simulate(&["--instances", "6", "--terminate", "3", "--tasks", "4"]);
    for word in ["INSTANCE", "i-0", "tasks killed     0", "hooks expired    0", "drain-finished: harbor"] {
        assert!(table.contains(word), "{word}: {table}");
    }
}

#[test]
fn a_comparison_has_a_row_for_each_algorithm_and_ours_harms_nobody() {
    for args in [&["--compare", "--seeds", "2"][..], &["--compare", "--seeds", "2", "--faults"]] {
        let rows = objects(args);
        let names: Vec<_> = rows.iter().filter_map(|row| row["algorithm"].as_str()).collect();
        let want = [
            "ours",
            "count-only",
            "running-list-only",
            "completes-on-retry",
            "first-page-only",
            "sleeps-to-the-limit",
            "republishes",
        ];
        assert_eq!(names, want);
        for field in ["killed", "expired", "neverCompleted"] {
            assert_eq!(rows[0][field], 0, "{field}");
        }
        assert!(rows[1]["killed"].as_i64() > Some(0), "{}", rows[1]);
        assert!(rows.iter().all(|row| row["drains"] == 8 && row["seeds"] == 2));
    }
    let (_, table, _) = simulate(&["--compare", "--seeds", "1"]);
    assert_eq!(table.lines().skip(3).take_while(|line| !line.is_empty()).count(), 7, "{table}");
}

#[test]
fn the_smallest_and_the_fullest_fleets_come_to_an_end() {
    for args in [
        &["--instances", "1", "--terminate", "1", "--tasks", "0"][..],
        &["--instances", "1", "--terminate", "1"],
        &["--instances", "5", "--terminate", "5", "--faults"],
    ] {
        let lines = objects(args);
        let summary = lines.last().expect("a summary");
        assert_eq!(
            (&summary["killed"], &summary["unfinished"]),
            (&0.into(), &0.into()),
            "{args:?}: {summary}"
        );
    }
}

#[test]
fn bad_values_are_told_in_a_line_and_exit_2() {
    let (code, out, err) = simulate(&["--instances", "4", "--terminate", "5"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(err, "steward: simulate: --terminate 5 is more than --instances 4\n");
    for args in [
        &["--instances", "0"][..],
        &["--instances", "5001"],
        &["--terminate", "0"],
        &["--tasks", "many"],
        &["--seeds", "0", "--compare"],
        &["--seeds", "2"],
        &["--format", "xml"],
    ] {
        let (code, out, err) = simulate(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.starts_with("error: "), "{args:?}: {err}");
    }
}
