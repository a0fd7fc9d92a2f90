//! What each event of `events-fixtures/` asks of `instance-drain`, on record in `drain-triggers.tsv` there.
//!
//! `tools/infra/rules_check.py` holds the template's event patterns against that file: what asks for something
//! has to get through. `make goldens` writes it anew.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shared::drain::settings::{DEFAULT_HOOKS, Settings};
use shared::event::Event;
use shared::handler::instance_drain::trigger::Trigger;
use shared::policy::Pattern;

/// Patterns over hooks' names: the default, and the one that the hooks of our fixtures fit.
const HOOKS: [&str; 2] = [DEFAULT_HOOKS, "drain*"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events-fixtures")
}

/// The fixtures, sorted, below the root.
fn fixtures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in fs::read_dir(root()).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if folder.is_dir() {
            let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
            found.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "json")));
        }
    }
    found.sort();
    found
}

/// What an event asks for, in a word.
fn word(event: &Event, hooks: &str) -> &'static str {
    let settings = Settings { hooks: vec![Pattern::new(hooks)], ..Settings::default() };
    match Trigger::of(event, |hook| settings.is_ours(hook)) {
        Trigger::Look(..) => "look",
        Trigger::Tick => "tick",
        Trigger::TaskStopped { .. } => "task-stopped",
        Trigger::Nothing(reason) => reason.word(),
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that writes the file")]
fn every_fixtures_trigger_is_on_record() {
    let mut table = format!("fixture\t{}\t{}\n", HOOKS[0], HOOKS[1]);
    for path in fixtures() {
        let name = path.strip_prefix(root()).expect("below the root").display().to_string();
        let payload = shared::intake::read(&fs::read(&path).expect("a fixture"));
        for (index, record) in payload.records.iter().enumerate() {
            let event = record.content.as_ref().expect("an event");
            let [first, second] = HOOKS.map(|hooks| word(event, hooks));
            writeln!(table, "{name}[{index}]\t{first}\t{second}").expect("a line");
        }
    }
    let file = root().join("drain-triggers.tsv");
    if std::env::var("UPDATE_GOLDENS").is_ok() {
        fs::write(&file, table).expect("the file is written");
    } else {
        let on_record = fs::read_to_string(&file).unwrap_or_default();
        let differs = table.lines().zip(on_record.lines()).find(|(now, then)| now != then);
        assert!(table == on_record, "see `make goldens`; the first that differs: {differs:?}");
    }
}
