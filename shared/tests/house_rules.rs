//! ARCHITECTURE.md's invariants about the code itself, held against the code.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace")
}

/// Files below a folder, by a test on their path.
fn files(folder: &str, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let skipped =
                entry.file_name().is_some_and(|name| name == "target" || name == ".venv" || name == ".git");
            if entry.is_dir() && !skipped {
                folders.push(entry);
            } else if wanted(&entry) {
                found.push(entry);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "nothing to check below the folder");
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "rs")
}

/// Source files of `shared` in these modules.
fn modules(names: &[&str]) -> Vec<PathBuf> {
    let of_module = |path: &Path| {
        let inner = path.strip_prefix(root().join("shared/src")).expect("below src");
        let first = inner.components().next().and_then(|part| part.as_os_str().to_str()).unwrap_or_default();
        names.iter().any(|name| first == *name || first == format!("{name}.rs"))
    };
    files("shared/src", |path| is_rust(path) && of_module(path))
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs" || name == "testing.rs")
        || path.components().any(|part| part.as_os_str() == "tests")
}

/// Fails with every place where a file holds one of the words.
fn none_of(words: &[&str], paths: &[PathBuf]) {
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| !is_test(path)) {
        let code = code(path);
        found.extend(
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}

const PURE: [&str; 13] = [
    "redact", "event", "intake", "verdict", "judge", "drain", "protect", "collect", "volume", "alert",
    "policy", "metrics", "config",
];

#[test]
fn pure_modules_stay_pure() {
    let words = [
        "async ",
        "tokio",
        "std::fs",
        "std::env",
        "std::net",
        "std::io",
        "SystemTime",
        "Instant::now",
        "println!",
        "aws_sdk",
        "aws_smithy",
    ];
    none_of(&words, &modules(&PURE));
    // Handlers await their ports; everything else holds for them too.
    none_of(&words[1..], &modules(&["handler", "ports"]));
}

#[test]
fn the_tests_the_architecture_names_exist() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let section = architecture
        .split("\n## ")
        .find(|section| section.starts_with("Architecture invariants"))
        .expect("it");
    let all: String =
        files(".", is_rust).iter().map(|path| fs::read_to_string(path).expect("a source file")).collect();
    let named: Vec<_> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.matches('_').count() >= 2
                && word.chars().all(|letter| letter.is_ascii_lowercase() || "_:0123456789".contains(letter))
        })
        .collect();
    assert!(named.len() >= 14, "each invariant names a test: {named:?}");
    for word in named {
        let test = word.rsplit("::").next().unwrap_or(word);
        assert!(all.contains(&format!("fn {test}(")), "no test `{test}`");
    }
}

#[test]
fn only_aws_names_the_sdk() {
    let all = files(".", |path| is_rust(path) && !path.starts_with(root().join("shared/src/aws")));
    none_of(&["aws_sdk_", "aws_smithy_", "aws_config", "aws_credential", "aws_runtime"], &all);
    let manifests = files(".", |path| {
        path.ends_with("Cargo.toml")
            && !path.starts_with(root().join("shared"))
            && *path != root().join("Cargo.toml")
    });
    for manifest in manifests {
        assert!(
            !fs::read_to_string(&manifest).expect("a manifest").contains("aws-s"),
            "{}",
            manifest.display()
        );
    }
}

#[test]
fn aws_needs_no_lambda() {
    // The feature `aws` without `lambda` is what a command line asks for; clippy sees both at once.
    none_of(&["lambda_runtime", "tracing_subscriber", "crate::runtime"], &modules(&["aws"]));
}

#[test]
fn only_runtime_reads_the_process() {
    let others =
        files("shared/src", |path| is_rust(path) && !path.starts_with(root().join("shared/src/runtime")));
    none_of(&["env::var", "SystemTime::now", "Instant::now", "std::io::stdout"], &others);
    // The command line writes to its terminal, and its waiting `drain` sleeps; environment and clock come from
    // `runtime` there too.
    none_of(&["env::var", "SystemTime::now", "Instant::now"], &files("tools/steward/src", is_rust));
}

#[test]
fn nothing_sleeps() {
    let functions = [files("shared/src", is_rust), files("functions", is_rust)].concat();
    none_of(&["sleep(", "interval(", "spawn(", "yield_now"], &functions);
}

#[test]
fn no_wildcard_over_our_enums() {
    // Clippy checks the code; this checks that nobody turned it off.
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    for lint in
        ["wildcard_enum_match_arm", "match_wildcard_for_single_variants", "unwrap_used", "expect_used"]
    {
        assert!(manifest.contains(&format!("{lint} = \"deny\"")), "{lint}");
    }
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for path in files(".", is_rust) {
        let text = fs::read_to_string(&path).expect("a source file");
        let bare = text.lines().filter(|line| {
            line.trim_start().starts_with(concat!("#[", "allow("))
                || line.trim_start().starts_with(concat!("#![", "allow("))
        });
        assert_eq!(bare.count(), 0, "{}: say `expect` with a reason", path.display());
    }
}

#[test]
fn versions_stand_in_one_place() {
    for manifest in files(".", |path| path.ends_with("Cargo.toml") && !path.starts_with(root().join("fuzz")))
    {
        let text = fs::read_to_string(&manifest).expect("a manifest");
        if manifest == root().join("Cargo.toml") {
            continue;
        }
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{} has the workspace's lints",
            manifest.display()
        );
        let dependencies = text
            .split("dependencies]")
            .skip(1)
            .flat_map(|section| section.split("\n[").next().unwrap_or_default().lines());
        for line in dependencies.filter(|line| line.contains('=')) {
            assert!(line.contains("workspace = true"), "{}: {line}", manifest.display());
        }
    }
}

#[test]
fn mains_only_wire() {
    for main in files("functions", |path| path.ends_with("src/main.rs")) {
        let text = fs::read_to_string(&main).expect("a main");
        assert!(text.lines().count() <= 40, "{}", main.display());
        assert!(
            !text.contains("match ") && !text.contains("serde_json"),
            "{} looks at the event",
            main.display()
        );
    }
}

#[test]
fn files_stay_small() {
    for path in files(".", |path| is_rust(path) && !is_test(path)) {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(text.starts_with("//!"), "{} says what it is for", path.display());
        let lines = text.lines().count();
        assert!(lines <= 300, "{} has {lines} lines: split it", path.display());
    }
}

#[test]
fn names_say_something() {
    for path in files(".", is_rust) {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        for empty in ["util", "utils", "helper", "helpers", "common", "manager", "misc"] {
            assert_ne!(name, empty, "{}", path.display());
        }
    }
}
