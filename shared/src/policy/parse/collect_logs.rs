//! Reading `[collect-logs]`. Its texts become part of a shell script that runs as root, so each is of few
//! letters, none of which a shell gives a meaning between quotes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::collect_logs::{CollectLogs, Collector, LONGEST, OF_THE_AMI, Occasion, SHORTEST, WITHIN};

/// The longest prefix: a key has 1,024 bytes, and cluster, instance and time need some.
const LONGEST_PREFIX: usize = 500;

/// `[collect-logs]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CollectLogsTable {
    /// A bucket's name.
    bucket: Option<String>,
    /// The beginning of keys.
    prefix: Option<String>,
    /// Causes.
    on: Option<Vec<String>>,
    /// A span of time.
    within: Option<String>,
    /// A path, an object or an address.
    collector: Option<String>,
    /// What the collector must have.
    sha256: Option<String>,
}

impl Check<'_> {
    /// Reads `[collect-logs]`.
    pub(super) fn collect_logs(&mut self, table: Spanned<toml::Value>) -> Option<CollectLogs> {
        let (place, table) = self.table::<CollectLogsTable>("collect-logs", table)?;
        let place = place.replace("[[collect-logs]]", "[collect-logs]");
        let bucket = table.bucket.unwrap_or_default();
        if bucket.is_empty() {
            self.wrong(&place, "needs a `bucket`, the name of an S3 bucket");
        } else if !is_bucket(&bucket) {
            self.wrong(&place, &format!("`bucket`: `{bucket}` is no name of an S3 bucket"));
        }
        let prefix = table.prefix.unwrap_or_default();
        let prefix = prefix.trim_end_matches('/');
        if !prefix.is_empty() && (!is_path(prefix) || prefix.len() > LONGEST_PREFIX) {
            let hint = "letters, digits and -_.=+ between slashes, up to 500 of them";
            self.wrong(&place, &format!("`prefix`: `{prefix}` is not of {hint}"));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let on = self.occasions(&place, table.on);
        let within = self.time_box(&place, table.within);
        let collector = self.collector(&place, table.collector, table.sha256)?;
        Some(CollectLogs { bucket, prefix, on, within, collector })
    }

    /// What logs are collected for; all there is where it does not say.
    fn occasions(&mut self, place: &str, words: Option<Vec<String>>) -> BTreeSet<Occasion> {
        let Some(words) = words else { return Occasion::ALL.into() };
        if words.is_empty() {
            self.wrong(place, "`on` is empty: leave the whole table out to collect nothing");
        }
        let mut on = BTreeSet::new();
        for word in words {
            if let Some(occasion) = Occasion::from_word(&word) {
                on.insert(occasion);
            } else {
                let known = Occasion::ALL.map(Occasion::word).join(", ");
                self.wrong(place, &format!("`on`: `{word}` is none of {known}"));
            }
        }
        on
    }

    /// The time box.
    fn time_box(&mut self, place: &str, text: Option<String>) -> Duration {
        let Some(text) = text else { return WITHIN };
        match humantime::parse_duration(&text) {
            Ok(span) if (SHORTEST..=LONGEST).contains(&span) => return span,
            Ok(_) => self.wrong(place, &format!("`within`: `{text}` is not between 1m and 15m")),
            Err(error) => {
                self.wrong(place, &format!("`within`: `{text}` is no span of time such as 5m: {error}"));
            }
        }
        WITHIN
    }

    /// Where the collector comes from.
    fn collector(&mut self, place: &str, from: Option<String>, sha256: Option<String>) -> Option<Collector> {
        let before = self.errors.len();
        let sha256 = sha256.map(|digits| digits.to_ascii_lowercase());
        if sha256.as_ref().is_some_and(|digits| !is_sha256(digits)) {
            self.wrong(place, "`sha256` is not 64 hexadecimal digits");
        }
        let from = from.unwrap_or_else(|| OF_THE_AMI.to_owned());
        let collector = if let Some(object) = from.strip_prefix("s3://") {
            let (bucket, key) = object.split_once('/').unwrap_or_default();
            if !is_bucket(bucket) || !is_path(key) {
                self.wrong(place, &format!("`collector`: `{from}` is no s3://bucket/key"));
            }
            Some(Collector::Object(from, sha256))
        } else if let Some(address) = from.strip_prefix("https://") {
            if !is_address(address) {
                self.wrong(place, &format!("`collector`: `{from}` is no plain https address"));
            }
            if sha256.is_none() {
                self.wrong(
                    place,
                    "`collector` is fetched and runs as root: give its `sha256`, or a copy in S3",
                );
            }
            sha256.map(|sha256| Collector::Url(from, sha256))
        } else {
            if !from.strip_prefix('/').is_some_and(is_path) {
                let hint = "an absolute path on the instance, s3://bucket/key and https://…";
                self.wrong(place, &format!("`collector`: `{from}` is none of {hint}"));
            }
            if sha256.is_some() {
                self.wrong(place, "`sha256` is for a collector that is fetched, not for a file");
            }
            Some(Collector::File(from))
        };
        collector.filter(|_| self.errors.len() == before)
    }
}

/// Whether a text may name a bucket.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
fn is_bucket(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [text.bytes().next(), text.bytes().last()];
    (3..=63).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'.'))
        && ends.iter().all(|end| end.is_some_and(plain))
        && !text.contains("..")
}

/// Whether a text is names between slashes, none of which leads elsewhere or looks like an option.
fn is_path(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=+".contains(&byte);
    let is_name = |name: &str| {
        !matches!(name, "" | "." | "..") && !name.starts_with('-') && name.bytes().all(may_stand)
    };
    text.split('/').all(is_name)
}

/// Whether a text is a host and a path of an address, without user, query or anything to be encoded.
fn is_address(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=+~:/".contains(&byte);
    let host = text.split('/').next().unwrap_or_default();
    host.contains('.') && !host.starts_with(['-', '.', ':']) && text.bytes().all(may_stand)
}

/// Whether a text is a SHA-256 in lower case.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::policy::Policy;
    use crate::policy::collect_logs::{Collector, OF_THE_AMI, Occasion, WITHIN};
    use crate::verdict::Cause;

    fn read(text: &str) -> Result<Policy, String> {
        Policy::parse(&format!("[collect-logs]\n{text}")).map_err(|errors| errors.to_string())
    }

    #[test]
    fn nothing_is_collected_unless_a_bucket_is_named() {
        assert_eq!(Policy::parse("").map(|policy| policy.collect_logs), Ok(None));
        let policy = read("bucket = \"harbor-logs\"").expect("a policy").collect_logs.expect("it is on");
        assert_eq!((policy.prefix.as_str(), policy.within), ("", WITHIN));
        assert_eq!(policy.collector, Collector::File(OF_THE_AMI.into()));
        assert!(policy.is_for(Cause::DrainStuck) && !policy.is_for(Cause::DrainFinished));
    }

    #[test]
    fn each_setting_is_read() {
        let policy = read(
            "bucket = \"harbor-logs\"\nprefix = \"ecs/hosts/\"\non = [\"agent-disconnected\"]\nwithin = \"3m\"\n\
             collector = \"s3://harbor-tools/ecs-logs-collector.sh\"",
        );
        let policy = policy.expect("a policy").collect_logs.expect("it is on");
        assert_eq!((policy.prefix.as_str(), policy.within), ("ecs/hosts/", Duration::from_mins(3)));
        assert_eq!(policy.on, [Occasion::AgentDisconnected].into());
        assert!(!policy.is_for(Cause::DrainStuck));
        let object = "s3://harbor-tools/ecs-logs-collector.sh";
        assert_eq!(policy.collector, Collector::Object(object.into(), None));
        let digest = "ab".repeat(32);
        let url =
            "https://raw.githubusercontent.com/aws/amazon-ecs-logs-collector/0a1b/ecs-logs-collector.sh";
        let text =
            format!("bucket = \"logs\"\ncollector = \"{url}\"\nsha256 = \"{}\"", digest.to_uppercase());
        let policy = read(&text).expect("a policy").collect_logs.expect("it is on");
        assert_eq!(policy.collector, Collector::Url(url.into(), digest));
    }

    #[test]
    fn every_error_is_one_line() {
        let with = |text: &str| format!("bucket = \"logs\"\n{text}");
        for (text, want) in [
            ("prefix = \"a\"".to_owned(), "line 1, [collect-logs]: needs a `bucket`"),
            ("bucket = \"Logs\"".to_owned(), "`bucket`: `Logs` is no name of an S3 bucket"),
            ("bucket = \"logs'; reboot\"".to_owned(), "is no name of an S3 bucket"),
            (with("prefix = \"a/../b\""), "`prefix`: `a/../b` is not of letters"),
            (with("prefix = \"a b\""), "`prefix`: `a b` is not of letters"),
            (with("prefix = \"--acl\""), "`prefix`: `--acl` is not of letters"),
            (with("on = []"), "`on` is empty"),
            (with("on = [\"drained\"]"), "`on`: `drained` is none of drain-stuck, host-impaired"),
            (with("within = \"30s\""), "`within`: `30s` is not between 1m and 15m"),
            (with("within = \"1h\""), "`within`: `1h` is not between 1m and 15m"),
            (with("within = \"soon\""), "`within`: `soon` is no span of time"),
            (with("collector = \"collector.sh\""), "is none of an absolute path on the instance"),
            (with("collector = \"/opt/$(reboot)\""), "is none of an absolute path on the instance"),
            (with("collector = \"s3://harbor-tools\""), "is no s3://bucket/key"),
            (with("collector = \"http://example.com/a.sh\""), "is none of an absolute path"),
            (with("collector = \"https://example.com/a.sh\""), "give its `sha256`"),
            (with("collector = \"https://user@example.com/\""), "is no plain https address"),
            (with("sha256 = \"abc\""), "`sha256` is not 64 hexadecimal digits"),
            (with(&format!("sha256 = \"{}\"", "ab".repeat(32))), "not for a file"),
            (with("bucke = 1"), "`bucke`: unknown field"),
        ] {
            let errors = read(&text).expect_err(&text);
            assert!(errors.contains(want), "{text}: {errors}");
        }
    }
}
