//! Reading `[[protect]]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::Pattern;
use crate::policy::protect::{LONGEST_RELEASE_AFTER, Mode, ProtectRule, Tag};

/// A `[[protect]]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProtectTable {
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the task definition's family.
    family: Option<String>,
    /// A pattern over the task's group.
    group: Option<String>,
    /// `key` or `key=value`, the value a pattern.
    tag: Option<String>,
    /// `dry-run`, `protect` or `release`.
    mode: Option<String>,
    /// A span of time.
    release_after: Option<String>,
}

impl Check<'_> {
    /// Reads a `[[protect]]`.
    pub(super) fn protect(&mut self, table: Spanned<toml::Value>) -> Option<ProtectRule> {
        let (place, table) = self.table::<ProtectTable>("protect", table)?;
        if table.family.is_none() && table.group.is_none() && table.tag.is_none() {
            self.wrong(&place, "names no tasks: give a family, a group or a tag");
        }
        let pattern = |check: &mut Self, field: &str, text: Option<String>| {
            text.and_then(|text| check.pattern(&place, field, &text))
        };
        Some(ProtectRule {
            cluster: pattern(self, "cluster", table.cluster),
            family: pattern(self, "family", table.family),
            group: pattern(self, "group", table.group),
            tag: table.tag.and_then(|text| self.tag(&place, &text)),
            mode: table.mode.map_or_else(Mode::default, |word| self.mode(&place, &word)),
            release_after: table.release_after.and_then(|text| self.release_after(&place, &text)),
        })
    }

    /// A tag: `key` or `key=value`.
    fn tag(&mut self, place: &str, text: &str) -> Option<Tag> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        if key.is_empty() {
            self.wrong(place, &format!("`tag`: `{text}` has no key"));
            return None;
        }
        Some(Tag { key: key.to_owned(), value: value.map(Pattern::new) })
    }

    /// A mode; a wrong one is told, and changes nothing.
    fn mode(&mut self, place: &str, word: &str) -> Mode {
        match word {
            "dry-run" => Mode::DryRun,
            "protect" => Mode::Protect,
            "release" => Mode::Release,
            _ => {
                self.wrong(place, &format!("`mode`: `{word}` is none of dry-run, protect, release"));
                Mode::DryRun
            }
        }
    }

    /// A span of time up to a day; zero is one too.
    fn release_after(&mut self, place: &str, text: &str) -> Option<Duration> {
        match humantime::parse_duration(text) {
            Ok(span) if span > LONGEST_RELEASE_AFTER => {
                self.wrong(place, "`release-after` is longer than a day");
                None
            }
            Ok(span) => Some(span),
            Err(error) => {
                let problem = format!("`release-after`: `{text}` is no span of time such as 2m: {error}");
                self.wrong(place, &problem);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::drain::task::Task;
    use crate::policy::Policy;
    use crate::policy::protect::{ForTask, Mode};
    use crate::protect::{HostedTask, TaskFilter};

    const FULL: &str = r#"
        [[protect]]
        cluster = "batch-*"
        family = "nightly-*"
        mode = "protect"
        release-after = "5m"
        [[protect]]
        cluster = "batch-blue"
        tag = "ecs-steward.protect=true"
        [[protect]]
        group = "service:broker"
        family = "broker"
        tag = "keep"
        mode = "protect"
        [[protect]]
        cluster = "old"
        group = "service:gone"
        mode = "release"
    "#;

    fn task(family: &str, group: &str, tags: &[(&str, &str)]) -> HostedTask {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let task = Task { group: Some(group.to_owned()), ..Task::default() };
        HostedTask { task, family: Some(family.to_owned()), tags }
    }

    #[test]
    fn all_patterns_of_an_entry_must_fit_and_the_one_that_does_most_decides() {
        let policy = Policy::parse(FULL).expect("a policy");
        let marked = [("ecs-steward.protect", "true")];
        for (cluster, task, want) in [
            ("batch-blue", task("nightly-1", "family:nightly-1", &[]), ForTask::Act),
            ("batch-blue", task("nightly-1", "family:nightly-1", &marked), ForTask::Act),
            ("batch-blue", task("web", "service:web", &marked), ForTask::Trial),
            ("batch-blue", task("web", "service:web", &[("ecs-steward.protect", "false")]), ForTask::Nothing),
            ("batch-green", task("web", "service:web", &marked), ForTask::Nothing),
            ("web", task("nightly-1", "family:nightly-1", &[]), ForTask::Nothing),
            ("web", task("broker", "service:broker", &[("keep", "")]), ForTask::Act),
            ("web", task("broker", "service:broker", &[]), ForTask::Nothing),
            ("old", task("gone", "service:gone", &[]), ForTask::Nothing),
        ] {
            assert_eq!(policy.protect_in(cluster).of_task(&task), want, "{cluster} {task:?}");
        }
        let nobody = HostedTask::default();
        assert_eq!(policy.protect_in("batch-blue").of_task(&nobody), ForTask::Nothing);
    }

    #[test]
    fn only_what_is_named_is_listed() {
        let policy = Policy::parse(FULL).expect("a policy");
        let broker = || TaskFilter::Family("broker".to_owned());
        assert_eq!(policy.protect_in("batch-green").filters(), [TaskFilter::All]);
        assert_eq!(policy.protect_in("web").filters(), [broker()]);
        assert_eq!(policy.protect_in("old").filters(), [broker()]);
        for (entry, want) in [
            ("group = \"service:web\"", TaskFilter::Service("web".into())),
            ("group = \"family:nightly\"", TaskFilter::Family("nightly".into())),
            ("group = \"service:web-*\"", TaskFilter::All),
            ("group = \"import\"", TaskFilter::All),
            ("tag = \"keep\"", TaskFilter::All),
        ] {
            let policy = Policy::parse(&format!("[[protect]]\n{entry}")).expect("a policy");
            assert_eq!(policy.protect_in("harbor").filters(), [want], "{entry}");
            assert_eq!(policy.protects[0].mode, Mode::DryRun, "{entry}");
        }
    }

    #[test]
    fn a_cluster_is_changed_only_where_an_entry_says_so() {
        let policy = Policy::parse(FULL).expect("a policy");
        let span = |cluster: &str| policy.protect_in(cluster).release_after();
        assert!(policy.protect_in("old").acts());
        assert_eq!((span("batch-1"), span("web")), (Duration::from_mins(5), Duration::from_mins(2)));
        let dry = Policy::parse("[[protect]]\nfamily = \"a\"").expect("a policy");
        assert!(!dry.protect_in("web").acts() && !dry.protect_in("web").needs_tags());
        assert!(Policy::default().protect_in("web").is_empty());
    }

    #[test]
    fn every_error_is_named_at_once() {
        let text = "[[protect]]\ncluster = \"a\"\nmode = \"on\"\nrelease-after = \"2 days\"\n\
            [[protect]]\ntag = \"=x\"\nfamilies = \"b\"\n[[protect]]\nfamily = \"\"\nrelease-after = \"soon\"\n";
        let errors = Policy::parse(text).expect_err("it is full of errors");
        let lines = errors.lines().join("\n");
        for want in [
            "line 1, [[protect]]: names no tasks: give a family, a group or a tag",
            "`mode`: `on` is none of dry-run, protect, release",
            "`release-after` is longer than a day",
            "line 5, [[protect]]: `families`: unknown field",
            "`tag`: `=x` has no key",
            "line 8, [[protect]]: `family` has an empty pattern",
            "`release-after`: `soon` is no span of time such as 2m",
        ] {
            assert!(lines.contains(want), "{want} is missing in:\n{lines}");
        }
    }
}
