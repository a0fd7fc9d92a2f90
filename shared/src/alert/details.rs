//! What an alert tells beyond the event: log lines, image, deployment, memory; and what was not to be had.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::deployment::Relation;
use super::limits::{self, name, one_line};
use super::log_lines::{LINES, LogLine, LogStream};
use crate::event::Timestamp;

/// Longest reason for something that is missing.
const REASON_CHARS: usize = 200;
/// Reasons that are told.
const REASONS: usize = 8;

/// What is known beyond the event. Every part may be absent, and none changes how loud an alert is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Details {
    /// The last lines the container to blame wrote, oldest first.
    pub log_lines: Vec<LogLine>,
    /// Where the container's log is, whether or not lines were had.
    pub log_stream: Option<LogStream>,
    /// The image of the container to blame.
    pub image: Option<String>,
    /// Its digest, which names one image for ever.
    pub image_digest: Option<String>,
    /// `family:revision`.
    pub revision: Option<String>,
    /// How the task stands to its service's deployments.
    pub deployment: Option<DeploymentNote>,
    /// What is known of memory.
    pub memory: Memory,
    /// The logs of hosts that are collected for it.
    pub archives: Vec<Archive>,
    /// What was asked for and not had, each with its reason.
    pub missing: Vec<String>,
}

/// How a task stands to its service's deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentNote {
    /// The relation.
    pub relation: Relation,
    /// When the task's own deployment was created.
    #[serde(with = "millis")]
    pub since: Option<Timestamp>,
    /// Tasks of that deployment that failed in a row.
    pub failed_tasks: Option<i64>,
}

impl DeploymentNote {
    /// `new task of the deployment in progress, since 2026-05-01T09:58:00Z, 3 failed tasks`
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = self.relation.in_words().to_owned();
        if let Some(since) = self.since {
            write!(words, ", deployed {since}").unwrap_or_default();
        }
        match self.failed_tasks {
            Some(1) => words.push_str(", 1 failed task"),
            Some(failed) if failed > 1 => write!(words, ", {failed} failed tasks").unwrap_or_default(),
            Some(_) | None => {}
        }
        words
    }
}

/// What is known of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Memory {
    /// The hard limit of the container to blame, in MiB.
    pub container_limit_mib: Option<i64>,
    /// The limit of the task, in MiB.
    pub task_limit_mib: Option<i64>,
    /// The most a task of the family used in the hour before the stop, in MiB (Container Insights).
    pub peak_mib: Option<i64>,
    /// The most the service used in the hour before the stop, as percent of what its tasks reserve.
    pub peak_percent: Option<i64>,
}

impl Memory {
    /// `container limit 512 MiB, task limit 1024 MiB; peak in the hour before: 97 % of the service's reservation`
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        let limits = [
            self.container_limit_mib.map(|mib| format!("container limit {mib} MiB")),
            self.task_limit_mib.map(|mib| format!("task limit {mib} MiB")),
        ];
        let peaks = [
            self.peak_mib.map(|mib| format!("{mib} MiB of a task")),
            self.peak_percent.map(|percent| format!("{percent} % of the service's reservation")),
        ];
        let [limits, peaks] =
            [limits, peaks].map(|parts| parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        let peaks = (!peaks.is_empty()).then(|| format!("peak in the hour before: {peaks}"));
        let parts: Vec<_> = (!limits.is_empty()).then_some(limits).into_iter().chain(peaks).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

impl Details {
    /// Whether nothing is known and nothing was looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Without log lines: they go first where a message is too long.
    #[must_use]
    pub fn without_log_lines(&self) -> Self {
        let cut = (!self.log_lines.is_empty()).then(|| "log lines: the message was too long".to_owned());
        let missing = self.missing.iter().cloned().chain(cut).collect();
        Self { log_lines: Vec::new(), missing, ..self.clone() }
    }

    /// The last log lines that are told.
    #[must_use]
    pub fn last_lines(&self, at_most: usize) -> &[LogLine] {
        let lines = at_most.min(LINES);
        &self.log_lines[self.log_lines.len().saturating_sub(lines)..]
    }

    /// `registry/web:1.4 (sha256:0a1b…)`
    #[must_use]
    pub fn image_in_words(&self) -> Option<String> {
        match (self.image.as_deref().map(name), self.image_digest.as_deref().map(name)) {
            (Some(image), Some(digest)) if !image.contains(&digest) => Some(format!("{image} ({digest})")),
            (Some(image), _) => Some(image),
            (None, digest) => digest,
        }
    }

    /// The reasons for what is missing, cut.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        self.missing.iter().take(REASONS).map(|reason| one_line(reason, REASON_CHARS)).collect()
    }

    /// The group and the stream of the log, cut.
    #[must_use]
    pub fn log_names(&self) -> Option<(String, String)> {
        let stream = self.log_stream.as_ref()?;
        let cut = |text: &str| one_line(text, limits::FACT_CHARS);
        Some((cut(&stream.group), cut(&stream.stream)))
    }
}

/// Times as milliseconds since the epoch.
pub(super) mod millis {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::event::Timestamp;

    /// As a number, or null.
    #[expect(clippy::ref_option, reason = "serde's own shape")]
    pub(in crate::alert) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::as_millis).serialize(serializer)
    }

    /// From a number, or null.
    pub(in crate::alert) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::{DeploymentNote, Details, Memory};
    use crate::alert::deployment::Relation;
    use crate::alert::log_lines::LogLine;
    use crate::event::Timestamp;

    #[test]
    fn memory_says_what_is_known() {
        let all = Memory {
            container_limit_mib: Some(512),
            task_limit_mib: Some(1024),
            peak_mib: Some(498),
            peak_percent: Some(97),
        };
        for (memory, want) in [
            (Memory::default(), None),
            (Memory { container_limit_mib: Some(512), ..Memory::default() }, Some("container limit 512 MiB")),
            (
                Memory { peak_percent: Some(97), ..Memory::default() },
                Some("peak in the hour before: 97 % of the service's reservation"),
            ),
            (
                all,
                Some(
                    "container limit 512 MiB, task limit 1024 MiB; peak in the hour before: 498 MiB of a task, \
                     97 % of the service's reservation",
                ),
            ),
        ] {
            assert_eq!(memory.in_words().as_deref(), want);
        }
    }

    #[test]
    fn a_deployment_says_since_when_and_how_it_goes() {
        for (failed, want) in [
            (None, "new task of the deployment in progress, deployed 2026-11-23T07:05:00Z"),
            (Some(0), "new task of the deployment in progress, deployed 2026-11-23T07:05:00Z"),
            (Some(1), "new task of the deployment in progress, deployed 2026-11-23T07:05:00Z, 1 failed task"),
            (
                Some(4),
                "new task of the deployment in progress, deployed 2026-11-23T07:05:00Z, 4 failed tasks",
            ),
        ] {
            let note = DeploymentNote {
                relation: Relation::NewTask,
                since: Some(Timestamp::from_millis(1_795_417_500_000)),
                failed_tasks: failed,
            };
            assert_eq!(note.in_words(), want);
        }
    }

    #[test]
    fn an_image_is_told_with_its_digest_once() {
        let details = |image: Option<&str>, digest: Option<&str>| Details {
            image: image.map(Into::into),
            image_digest: digest.map(Into::into),
            ..Details::default()
        };
        for (image, digest, want) in [
            (Some("web:1"), Some("sha256:0a"), Some("web:1 (sha256:0a)")),
            (Some("web@sha256:0a"), Some("sha256:0a"), Some("web@sha256:0a")),
            (Some("web:1"), None, Some("web:1")),
            (None, Some("sha256:0a"), Some("sha256:0a")),
            (None, None, None),
        ] {
            assert_eq!(details(image, digest).image_in_words().as_deref(), want);
        }
    }

    #[test]
    fn details_are_read_back_as_they_were_written() {
        let details = Details {
            log_lines: vec![LogLine::new(Some(Timestamp::from_millis(7)), "x"), LogLine::new(None, "y")],
            deployment: Some(DeploymentNote { relation: Relation::OldTask, since: None, failed_tasks: None }),
            missing: vec!["memory: throttled".into()],
            ..Details::default()
        };
        let json = serde_json::to_string(&details).expect("JSON");
        assert_eq!(serde_json::from_str::<Details>(&json).expect("details"), details);
        assert_eq!(serde_json::from_str::<Details>("{}").expect("details"), Details::default());
        assert!(Details::default().is_empty() && !details.is_empty());
        assert_eq!(details.without_log_lines().missing.len(), 2);
    }
}
