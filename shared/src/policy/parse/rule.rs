//! Reading `[[rule]]` and `[[mute]]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::Check;
use crate::policy::{Mute, Rule, Scope};
use crate::verdict::{Cause, Severity};

/// A `[[rule]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleTable {
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the service's name.
    service: Option<String>,
    /// A pattern over the task definition's family.
    family: Option<String>,
    /// Exit codes as good as 0.
    #[serde(default)]
    expected_exit_codes: Vec<i64>,
    /// Patterns over container names.
    #[serde(default)]
    sidecars: Vec<String>,
    /// Severities by cause.
    #[serde(default)]
    severity: BTreeMap<String, String>,
    /// The reason for silence.
    quiet: Option<String>,
}

/// A `[[mute]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MuteTable {
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the service's name.
    service: Option<String>,
    /// A pattern over the task definition's family.
    family: Option<String>,
    /// Causes to silence.
    #[serde(default)]
    causes: Vec<String>,
    /// When it begins.
    from: Option<Datetime>,
    /// When it ends.
    until: Option<Datetime>,
    /// Why.
    reason: Option<String>,
}

impl Check<'_> {
    /// Reads a `[[rule]]`.
    pub(super) fn rule(&mut self, table: Spanned<toml::Value>) -> Option<Rule> {
        let before = self.errors.len();
        let (place, table) = self.table::<RuleTable>("rule", table)?;
        let gives_severity = !table.severity.is_empty();
        let severity = self.severities(&place, table.severity);
        if table.quiet.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            self.wrong(&place, "quiet needs a reason, as text");
        }
        let says_something = !table.expected_exit_codes.is_empty()
            || !table.sidecars.is_empty()
            || gives_severity
            || table.quiet.is_some();
        if !says_something && self.errors.len() == before {
            self.wrong(&place, "says nothing: give expected-exit-codes, sidecars, severity or quiet");
        }
        Some(Rule {
            scope: self.scope(&place, [table.cluster, table.service, table.family]),
            expected_exit_codes: table.expected_exit_codes,
            sidecars: table
                .sidecars
                .iter()
                .filter_map(|text| self.pattern(&place, "sidecars", text))
                .collect(),
            severity,
            quiet: table.quiet,
        })
    }

    /// Reads a `[[mute]]`.
    pub(super) fn mute(&mut self, table: Spanned<toml::Value>) -> Option<Mute> {
        let (place, table) = self.table::<MuteTable>("mute", table)?;
        let from = table.from.and_then(|from| self.time(&place, "from", from));
        if table.until.is_none() {
            self.wrong(&place, "needs `until`, the time at which the silence ends");
        }
        let until = table.until.and_then(|until| self.time(&place, "until", until));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            self.wrong(&place, "ends before it begins");
        }
        let reason = table.reason.filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            self.wrong(&place, "needs a `reason`");
        }
        let scope = self.scope(&place, [table.cluster, table.service, table.family]);
        if scope == Scope::default() {
            self.wrong(&place, "would silence everything: give a cluster, service or family");
        }
        let causes = table.causes.iter().filter_map(|cause| self.cause(&place, cause)).collect();
        Some(Mute { scope, causes, from, until: until?, reason: reason? })
    }

    /// Severities by cause.
    pub(super) fn severities(
        &mut self,
        place: &str,
        table: BTreeMap<String, String>,
    ) -> BTreeMap<Cause, Severity> {
        let mut severities = BTreeMap::new();
        for (cause, level) in table {
            let known = Severity::ALL.iter().copied().find(|known| known.word() == level);
            if known.is_none() {
                self.wrong(
                    place,
                    &format!("unknown severity `{level}` for `{cause}`, expected info, low, medium or high"),
                );
            }
            if let (Some(cause), Some(level)) = (self.cause(place, &cause), known) {
                severities.insert(cause, level);
            }
        }
        severities
    }
}
