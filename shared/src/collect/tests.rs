//! Names, the script between its quotes, and the table of steps.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;

use super::script::{quoted, script};
use super::{Collection, Known, Sent, State, Step, step};
use crate::drain::Stage;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::policy::collect_logs::{CollectLogs, Collector};

const SINCE: Timestamp = Timestamp::from_millis(1_795_417_500_000);

fn policy(text: &str) -> CollectLogs {
    let policy = Policy::parse(&format!("[collect-logs]\nbucket = \"harbor-logs\"\n{text}"));
    policy.expect("a policy").collect_logs.expect("it is on")
}

fn collection() -> Collection {
    Collection {
        instance_id: "i-0a1b2c3d4e5f60718".into(),
        cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor".into(),
        region: Some("eu-west-1".into()),
        since: SINCE,
    }
}

#[test]
fn names_are_the_same_whenever_they_are_made() {
    let (collection, policy) = (collection(), policy("prefix = \"hosts\""));
    assert_eq!(collection.key(&policy), "hosts/harbor/i-0a1b2c3d4e5f60718/20261123T070500Z.tgz");
    let comment = collection.comment();
    assert_eq!(comment, "ecs-steward: logs of i-0a1b2c3d4e5f60718 since 2026-11-23T07:05:00Z");
    assert!(comment.len() <= 100);
}

#[test]
fn the_collector_is_taken_from_where_the_policy_says() {
    let digest = "ab".repeat(32);
    let of = |text: &str| script(&collection(), &policy(text));
    for (text, want, checked) in [
        (String::new(), "\ncp -- '/opt/amazon/ecs/ecs-logs-collector.sh' ecs-logs-collector.sh\n", false),
        (
            "collector = \"s3://tools/c.sh\"".to_owned(),
            "\naws s3 cp --only-show-errors --region 'eu-west-1' 's3://tools/c.sh' ecs-logs-collector.sh\n",
            false,
        ),
        (
            format!("collector = \"s3://tools/c.sh\"\nsha256 = \"{digest}\""),
            "'s3://tools/c.sh' ecs-logs-collector.sh\n",
            true,
        ),
        (
            format!("collector = \"https://example.com/c.sh\"\nsha256 = \"{digest}\""),
            "-- 'https://example.com/c.sh'\n",
            true,
        ),
    ] {
        let script = of(&text);
        assert!(script.contains(want), "{script}");
        let check = format!("printf '%s\\n' '{digest}  ecs-logs-collector.sh' | sha256sum --check --quiet");
        assert_eq!(script.contains(&check), checked, "{script}");
        let upload = "\"$archive\" 's3://harbor-logs/harbor/i-0a1b2c3d4e5f60718/20261123T070500Z.tgz'";
        assert!(script.ends_with(upload), "{script}");
    }
}

/// What `sh` answers to a script.
fn shell(script: &str, path: Option<&str>) -> (bool, String) {
    let mut command = Command::new("/bin/sh");
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let mut shell =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell");
    shell.stdin.take().expect("its input").write_all(script.as_bytes()).expect("it reads");
    let output = shell.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_out_of_its_quotes(text in "[ -~\n\t'\"$`\\\\;|&ü]{0,40}") {
        let (fine, said) = shell(&format!("printf %s {}", quoted(&text)), None);
        prop_assert!(fine && said == text, "{text:?} was read as {said:?}");
    }

    /// Whatever stands in the policy, also past its check, and however an instance and a cluster are called:
    /// it is one word of the script.
    #[test]
    fn no_value_adds_a_command(
        bad in "[ -~'\"$`;|&\n]{0,30}",
        cluster in "[ -~']{0,30}",
        which in 0..3_u8,
    ) {
        let bad = format!("{bad}'; echo BROKEN; '$(echo BROKEN)`echo BROKEN`");
        let collector = match which {
            0 => Collector::File(bad.clone()),
            1 => Collector::Object(bad.clone(), Some(bad.clone())),
            _ => Collector::Url(bad.clone(), bad.clone()),
        };
        let policy = CollectLogs { bucket: bad.clone(), prefix: bad.clone(), collector, ..policy("") };
        let (instance_id, region) = (bad.clone(), Some(bad));
        let script = script(&Collection { instance_id, cluster, region, ..collection() }, &policy);
        // Each command becomes a function that writes nothing, so that only a value that breaks out is heard.
        let deaf = "aws() { :; }; cp() { :; }; curl() { :; }; bash() { :; }; find() { echo x; }; \
            sha256sum() { while read -r _; do :; done; }; mktemp() { echo /; }; rm() { :; };\n";
        let (fine, said) = shell(&format!("{deaf}{script}"), None);
        prop_assert!(fine && !said.contains("BROKEN"), "{said}\n{script}");
    }

    #[test]
    fn a_policy_that_is_read_has_only_plain_letters(bucket in "\\PC{0,20}", prefix in "\\PC{0,20}", path in "\\PC{0,20}") {
        let table = |key: &str, value: &str| (key.to_owned(), toml::Value::from(value));
        let path = format!("/{path}");
        let inner: toml::Table =
            [table("bucket", &bucket), table("prefix", &prefix), table("collector", &path)].into_iter().collect();
        let whole: toml::Table = [("collect-logs".to_owned(), toml::Value::from(inner))].into_iter().collect();
        if let Ok(policy) = Policy::parse(&format!("{}", Written(&whole))) {
            let read = policy.collect_logs.expect("it is on");
            let texts = format!("{}{}{:?}", read.bucket, read.prefix, read.collector);
            prop_assert!(!texts.contains(['\'', '$', '`', ';', '\n', ' ', '|', '&']), "{texts}");
        }
    }
}

/// A table as TOML; the crate's own writer is not built in.
struct Written<'a>(&'a toml::Table);

impl std::fmt::Display for Written<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, table) in self.0 {
            writeln!(formatter, "[{name}]")?;
            for (key, value) in table.as_table().into_iter().flatten() {
                writeln!(
                    formatter,
                    "{key} = {}",
                    serde_json::to_string(value.as_str().unwrap_or_default()).unwrap()
                )?;
            }
        }
        Ok(())
    }
}

#[test]
fn the_script_uploads_what_the_collector_made() {
    // The real shell and the real tools; only the AWS CLI is a stand-in that writes down how it was called.
    let folder = std::env::temp_dir().join(format!("ecs-steward-collect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let collector = folder.join("collector.sh");
    let body = "mkdir -p collect/i-0a/system && echo x > collect/i-0a/system/var.tgz\n\
        tar -czf collect-i-0a-202611230705.tgz collect 2>/dev/null; exit 1\n";
    std::fs::write(&collector, body).expect("a collector");
    let aws = "aws() { echo \"aws $*\"; }\n";
    let made = Collector::File(collector.to_string_lossy().into_owned());
    let said = |policy: &CollectLogs| shell(&format!("{aws}{}", script(&collection(), policy)), None);
    let (ended_well, text) = said(&CollectLogs { collector: made, ..policy("") });
    assert!(ended_well, "{text}");
    let want = "aws s3 cp --only-show-errors --region eu-west-1 ./collect-i-0a-202611230705.tgz \
        s3://harbor-logs/harbor/i-0a1b2c3d4e5f60718/20261123T070500Z.tgz";
    assert!(text.contains(want), "{text}");
    assert!(text.contains("the collector ended with 1"), "{text}");
    std::fs::write(&collector, "true\n").expect("a collector");
    let made = Collector::File(collector.to_string_lossy().into_owned());
    let (ended_well, text) = said(&CollectLogs { collector: made, ..policy("") });
    assert!(!ended_well && text.contains("the collector made no archive"), "{text}");
    let gone = Collector::File(folder.join("gone.sh").to_string_lossy().into_owned());
    assert!(!said(&CollectLogs { collector: gone, ..policy("") }).0);
    let (ended_well, text) = shell(&script(&collection(), &policy("")), Some("/nonexistent"));
    assert!(!ended_well && text.contains("there is no AWS CLI on this instance"), "{text}");
    std::fs::remove_dir_all(&folder).expect("it was there");
}

#[test]
fn words_of_systems_manager_are_read() {
    for (word, want) in [
        ("Pending", State::Running),
        ("In Progress", State::Running),
        ("InProgress", State::Running),
        ("Delayed", State::Running),
        ("Something New", State::Running),
        ("Success", State::Success),
        ("Failed", State::Ended("Failed".into())),
        ("Delivery Timed Out", State::Ended("DeliveryTimedOut".into())),
        ("TimedOut", State::Ended("TimedOut".into())),
        ("Undeliverable", State::Ended("Undeliverable".into())),
    ] {
        assert_eq!(State::from_word(word), want, "{word}");
    }
}

#[test]
fn the_table_of_steps() {
    let within = Duration::from_mins(5);
    let at = |minutes: u64| SINCE.plus(Duration::from_mins(minutes));
    let sent = |state| Known::Sent(Sent { at: at(15), state });
    let refused = Known::Refused(Stage::Stuck25, "not managed".into());
    let given_up = |why: &str| Step::GaveUp(why.to_owned());
    let stuck = Some(Stage::Stuck25);
    for (known, stuck, ending, asked, minutes, want) in [
        // A drain that goes well begins nothing and asks for nothing.
        (Known::Nothing, None, false, false, 15, Step::Nothing),
        (Known::Nothing, None, true, false, 15, Step::Nothing),
        // A new process asks, also where all is over: a command may be running.
        (Known::Nothing, stuck, false, false, 15, Step::Look),
        (Known::Nothing, stuck, true, false, 15, Step::Look),
        (Known::NotSent, stuck, false, true, 15, Step::Start),
        (Known::NotSent, stuck, true, true, 15, Step::Nothing),
        (sent(State::Running), stuck, false, true, 15, Step::Wait(at(20))),
        (sent(State::Running), stuck, true, false, 16, Step::Look),
        (sent(State::Running), stuck, true, true, 16, Step::Wait(at(20))),
        (sent(State::Running), stuck, true, false, 20, given_up("it was not done within 5 min")),
        (sent(State::Success), stuck, true, false, 16, Step::Done),
        (
            sent(State::Ended("Failed".into())),
            stuck,
            true,
            false,
            16,
            given_up("the command ended as Failed"),
        ),
        (Known::Unsure("throttled".into()), stuck, false, true, 15, given_up("throttled")),
        (Known::Unsure("throttled".into()), stuck, false, false, 16, Step::Look),
        (refused.clone(), stuck, false, false, 16, given_up("not managed")),
        (refused.clone(), Some(Stage::Stuck50), false, false, 30, Step::Look),
        (refused.clone(), Some(Stage::Stuck50), true, false, 30, given_up("not managed")),
    ] {
        let got = step(&known, stuck, ending, asked, within, at(minutes));
        assert_eq!(got, want, "{known:?} {stuck:?} ending {ending} asked {asked} after {minutes} min");
    }
}
