//! The command line shows no secret of the table, in whatever verb.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::json;

/// Text and secret of each case, as `shared::redact` reads them.
fn cases() -> Vec<(String, String)> {
    let read = |text: &str| text.replace('~', "").replace('⏎', "\n");
    let lines = include_str!("../../../shared/testdata/secrets.tsv").lines();
    let fields = lines.filter(|line| !line.starts_with('#')).map(|line| line.split('\t').map(read));
    fields.map(|mut fields| (fields.nth(1).expect("a text"), fields.next().expect("a secret"))).collect()
}

#[test]
fn no_verb_shows_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.jsonl");
    let mut lines = String::new();
    for (index, (text, _)) in cases().iter().enumerate() {
        let event = json!({"detail-type": "ECS Task State Change", "detail": {
            "taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{index}"), "lastStatus": "STOPPED",
            "group": format!("service:svc-{index}"),
            "stopCode": "EssentialContainerExited", "stoppedReason": text,
            "containers": [{"name": "app", "exitCode": 1, "reason": text}]}});
        let unreadable = json!({"detail-type": "ECS Task State Change", "detail": text});
        writeln!(lines, "{event}\n{unreadable}").expect("text");
    }
    fs::write(&file, lines).expect("written");
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, "[grouping]\nstorm-at = 0\n").expect("written");
    let (policy, page) =
        (policy.display().to_string(), folder.path().join("page.html").display().to_string());
    let replay = ["replay", "--policy", &policy, "--html", &page];
    for verb in [&["judge"][..], &["judge", "--format", "json"], &["explain"], &replay] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_steward")).args(verb).arg(&file).output().expect("runs");
        let page = fs::read(&page).unwrap_or_default();
        let shown = String::from_utf8_lossy(&[output.stdout, output.stderr, page].concat()).into_owned();
        assert!(shown.contains("application-exit") || shown.contains("rule"), "{verb:?}: {shown}");
        for (_, secret) in cases() {
            let one_line = secret.replace('\n', " ");
            for secret in [json!(secret).to_string().trim_matches('"').to_owned(), one_line, secret] {
                assert!(!shown.contains(&secret), "{verb:?} shows {secret}");
            }
        }
    }
}
