//! Reading `[[drain]]`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Check;
use crate::policy::drain::{AtDeadline, DrainRule, LONGEST_HOLD, Treatment};

/// A `[[drain]]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DrainTable {
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the Auto Scaling group's name.
    group: Option<String>,
    /// A span of time.
    deadline: Option<String>,
    /// `continue`, `retain` or `hold`.
    at_deadline: Option<String>,
    /// A span of time.
    stop_grace: Option<String>,
    /// A treatment.
    service: Option<toml::Value>,
    /// A treatment.
    daemon: Option<toml::Value>,
    /// A treatment.
    standalone: Option<toml::Value>,
    /// A treatment.
    protected: Option<toml::Value>,
    /// A treatment.
    agent_gone: Option<toml::Value>,
    /// Severities by cause.
    #[serde(default)]
    severity: BTreeMap<String, String>,
}

impl Check<'_> {
    /// Reads a `[[drain]]`.
    pub(super) fn drain(&mut self, table: Spanned<toml::Value>) -> Option<DrainRule> {
        let (place, table) = self.table::<DrainTable>("drain", table)?;
        let before = self.errors.len();
        let pattern = |check: &mut Self, field: &str, text: Option<String>| {
            text.and_then(|text| check.pattern(&place, field, &text))
        };
        let rule = DrainRule {
            cluster: pattern(self, "cluster", table.cluster),
            group: pattern(self, "group", table.group),
            deadline: self.span(&place, "deadline", table.deadline),
            at_deadline: self.at_deadline(&place, table.at_deadline),
            stop_grace: self.span(&place, "stop-grace", table.stop_grace),
            service: self.treatment(&place, "service", table.service),
            daemon: self.treatment(&place, "daemon", table.daemon),
            standalone: self.treatment(&place, "standalone", table.standalone),
            protected: self.treatment(&place, "protected", table.protected),
            agent_gone: self.treatment(&place, "agent-gone", table.agent_gone),
            severity: self.severities(&place, table.severity),
        };
        let scope_only =
            DrainRule { cluster: rule.cluster.clone(), group: rule.group.clone(), ..DrainRule::default() };
        if self.errors.len() == before && rule == scope_only {
            self.wrong(
                &place,
                "says nothing: give a deadline, at-deadline, stop-grace, a class of tasks or severity",
            );
        }
        if rule.stop_grace.zip(rule.deadline).is_some_and(|(grace, deadline)| grace >= deadline) {
            self.wrong(
                &place,
                "`stop-grace` is as long as the deadline or longer: nothing would be waited for",
            );
        }
        Some(rule)
    }

    /// A span of time: above zero, and not longer than a hook can hold.
    fn span(&mut self, place: &str, field: &str, text: Option<String>) -> Option<Duration> {
        let text = text?;
        match humantime::parse_duration(&text) {
            Ok(span) if span.is_zero() => self.wrong(place, &format!("`{field}` is zero")),
            Ok(span) if span > LONGEST_HOLD => {
                self.wrong(place, &format!("`{field}` is longer than 48h, the longest any hook holds"));
            }
            Ok(span) => return Some(span),
            Err(error) => {
                self.wrong(
                    place,
                    &format!("`{field}`: `{text}` is no span of time such as 90m or 2h: {error}"),
                );
            }
        }
        None
    }

    /// What is done at the deadline.
    fn at_deadline(&mut self, place: &str, word: Option<String>) -> Option<AtDeadline> {
        let word = word?;
        match word.as_str() {
            "continue" => Some(AtDeadline::Continue),
            "retain" => Some(AtDeadline::Retain),
            "hold" => Some(AtDeadline::Hold),
            _ => {
                self.wrong(place, &format!("`at-deadline`: `{word}` is none of continue, retain, hold"));
                None
            }
        }
    }

    /// What is done with a class of tasks.
    fn treatment(&mut self, place: &str, field: &str, value: Option<toml::Value>) -> Option<Treatment> {
        let value = value?;
        match (value.as_str(), value.as_table()) {
            (Some("wait"), _) => return Some(Treatment::Wait),
            (Some("ignore"), _) => return Some(Treatment::Ignore),
            (None, Some(table)) if table.len() == 1 => {
                if let Some(after) = table.get("stop-after").and_then(toml::Value::as_str) {
                    let after = self.span(place, &format!("{field}.stop-after"), Some(after.to_owned()))?;
                    return Some(Treatment::StopAfter(after));
                }
            }
            _ => {}
        }
        let shown = value.as_str().map_or_else(|| value.type_str().to_owned(), |word| format!("`{word}`"));
        let hint = "is none of \"wait\", \"ignore\" and { stop-after = \"30m\" }";
        self.wrong(place, &format!("`{field}`: {shown} {hint}"));
        None
    }
}
