//! Reading `policy.toml`: strict, and with every error at once.

mod audit;
mod collect_logs;
mod drain;
mod errors;
mod grouping;
mod protect;
mod route;
mod volumes;

pub use errors::PolicyErrors;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::audit::AuditPolicy;
use super::volumes::VolumePolicy;
use super::{Mute, Pattern, Policy, Rule, Scope};
use crate::alert::incident::Grouping;
use crate::event::Timestamp;
use crate::verdict::{Cause, Severity};

/// The top of the file. Each table is read by itself, so that one error does not hide the next.
#[derive(Deserialize)]
struct File {
    /// `[[rule]]`
    #[serde(default)]
    rule: Vec<Spanned<toml::Value>>,
    /// `[[mute]]`
    #[serde(default)]
    mute: Vec<Spanned<toml::Value>>,
    /// `[[drain]]`
    #[serde(default)]
    drain: Vec<Spanned<toml::Value>>,
    /// `[audit]`
    audit: Option<Spanned<toml::Value>>,
    /// `[[protect]]`
    #[serde(default)]
    protect: Vec<Spanned<toml::Value>>,
    /// `[grouping]`
    grouping: Option<Spanned<toml::Value>>,
    /// `[volumes]`
    volumes: Option<Spanned<toml::Value>>,
    /// `[[route]]`
    #[serde(default)]
    route: Vec<Spanned<toml::Value>>,
    /// `[collect-logs]`
    #[serde(rename = "collect-logs")]
    collect_logs: Option<Spanned<toml::Value>>,
    /// Whatever else stands there.
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

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

impl Policy {
    /// Reads a policy. An empty text is the default policy.
    ///
    /// # Errors
    /// [`PolicyErrors`] with one line for each thing that is wrong; a broken TOML syntax is one line.
    pub fn parse(text: &str) -> Result<Self, PolicyErrors> {
        let file: File = toml::from_str(text).map_err(|error| {
            let place =
                error.span().map(|span| format!("line {}: ", line_of(text, &span))).unwrap_or_default();
            PolicyErrors(vec![format!("{place}{}", error.message())])
        })?;
        let mut check = Check { text, errors: Vec::new() };
        for key in file.unknown.keys() {
            check.errors.push(format!(
                "unknown table `{key}`, expected `rule`, `mute`, `drain`, `protect`, `route`, `audit`, `grouping`, `collect-logs` or `volumes`"
            ));
        }
        let rules = file.rule.into_iter().filter_map(|table| check.rule(table)).collect();
        let mutes = file.mute.into_iter().filter_map(|table| check.mute(table)).collect();
        let drains = file.drain.into_iter().filter_map(|table| check.drain(table)).collect();
        let protects = file.protect.into_iter().filter_map(|table| check.protect(table)).collect();
        let routes = file.route.into_iter().filter_map(|table| check.route(table)).collect();
        let audit = file.audit.map_or_else(AuditPolicy::default, |table| check.audit(table));
        let grouping = file.grouping.map_or_else(Grouping::default, |table| check.grouping(table));
        let collect_logs = file.collect_logs.and_then(|table| check.collect_logs(table));
        let volumes = file.volumes.map_or_else(VolumePolicy::default, |table| check.volumes(table));
        if check.errors.is_empty() {
            Ok(Self { rules, mutes, drains, protects, routes, audit, grouping, collect_logs, volumes })
        } else {
            Err(PolicyErrors(check.errors))
        }
    }
}

/// Collects errors while the tables are read.
struct Check<'a> {
    /// The whole file, for line numbers.
    text: &'a str,
    /// What was found so far.
    errors: Vec<String>,
}

impl Check<'_> {
    /// Notes an error in a table.
    fn wrong(&mut self, place: &str, problem: &str) {
        self.errors.push(format!("{place}: {problem}"));
    }

    /// Reads one table into its type, key by key, so that each wrong one is told.
    fn table<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &str,
        table: Spanned<toml::Value>,
    ) -> Option<(String, T)> {
        let place = format!("line {}, [[{name}]]", line_of(self.text, &table.span()));
        let toml::Value::Table(table) = table.into_inner() else {
            self.wrong(&place, "is not a table");
            return None;
        };
        let mut good = toml::Table::new();
        for (key, value) in table {
            let alone: toml::Table = [(key.clone(), value.clone())].into_iter().collect();
            match alone.try_into::<T>() {
                Ok(_) => drop(good.insert(key, value)),
                Err(error) => self.wrong(&place, &format!("`{key}`: {}", error.message())),
            }
        }
        good.try_into().ok().map(|read| (place, read))
    }

    /// Reads a `[[rule]]`.
    fn rule(&mut self, table: Spanned<toml::Value>) -> Option<Rule> {
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
    fn mute(&mut self, table: Spanned<toml::Value>) -> Option<Mute> {
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
    fn severities(&mut self, place: &str, table: BTreeMap<String, String>) -> BTreeMap<Cause, Severity> {
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

    /// The three patterns of a scope.
    fn scope(&mut self, place: &str, [cluster, service, family]: [Option<String>; 3]) -> Scope {
        let mut read =
            |name: &str, text: Option<String>| text.and_then(|text| self.pattern(place, name, &text));
        Scope {
            cluster: read("cluster", cluster),
            service: read("service", service),
            family: read("family", family),
        }
    }

    /// A pattern; an empty one matches nothing anybody means.
    fn pattern(&mut self, place: &str, field: &str, text: &str) -> Option<Pattern> {
        if text.trim().is_empty() {
            self.wrong(place, &format!("`{field}` has an empty pattern"));
            return None;
        }
        Some(Pattern::new(text))
    }

    /// A cause by its word.
    fn cause(&mut self, place: &str, word: &str) -> Option<Cause> {
        let cause = Cause::from_word(word);
        if cause.is_none() {
            let close = Cause::ALL.iter().min_by_key(|cause| strsim::levenshtein(cause.word(), word));
            let close = close.map_or("", |cause| cause.word());
            self.wrong(place, &format!("unknown cause `{word}`; did you mean `{close}`?"));
        }
        cause
    }

    /// A point in time: date, time and offset.
    fn time(&mut self, place: &str, field: &str, at: Datetime) -> Option<Timestamp> {
        let time = Timestamp::parse(&at.to_string()).filter(|_| at.offset.is_some());
        if time.is_none() {
            self.wrong(
                place,
                &format!("`{field}` needs a date, a time and an offset, such as 2026-12-01T06:00:00Z"),
            );
        }
        time
    }
}

/// The line a span begins at, counted from 1.
fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
}

#[cfg(test)]
mod tests;
