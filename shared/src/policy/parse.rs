//! Reading `policy.toml`: strict, and with every error at once.

mod audit;
mod collect_logs;
mod drain;
mod errors;
mod grouping;
mod hosts;
mod job;
mod protect;
mod route;
mod rule;
mod volumes;

pub use errors::PolicyErrors;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::audit::AuditPolicy;
use super::hosts::Hosts;
use super::volumes::VolumePolicy;
use super::{Pattern, Policy, Scope};
use crate::alert::incident::Grouping;
use crate::event::Timestamp;
use crate::verdict::Cause;

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
    /// `[[job]]`
    #[serde(default)]
    job: Vec<Spanned<toml::Value>>,
    /// `[[protect]]`
    #[serde(default)]
    protect: Vec<Spanned<toml::Value>>,
    /// `[grouping]`
    grouping: Option<Spanned<toml::Value>>,
    /// `[volumes]`
    volumes: Option<Spanned<toml::Value>>,
    /// `[hosts]`
    hosts: Option<Spanned<toml::Value>>,
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
                "unknown table `{key}`, expected `rule`, `mute`, `drain`, `protect`, `job`, `route`, `audit`, `grouping`, `hosts`, `volumes` or \
                 `collect-logs`"
            ));
        }
        let rules = file.rule.into_iter().filter_map(|table| check.rule(table)).collect();
        let mutes = file.mute.into_iter().filter_map(|table| check.mute(table)).collect();
        let drains = file.drain.into_iter().filter_map(|table| check.drain(table)).collect();
        let protects = file.protect.into_iter().filter_map(|table| check.protect(table)).collect();
        let jobs = file.job.into_iter().filter_map(|table| check.job(table)).collect();
        let routes = file.route.into_iter().filter_map(|table| check.route(table)).collect();
        let audit = file.audit.map_or_else(AuditPolicy::default, |table| check.audit(table));
        let grouping = file.grouping.map_or_else(Grouping::default, |table| check.grouping(table));
        let collect_logs = file.collect_logs.and_then(|table| check.collect_logs(table));
        let volumes = file.volumes.map_or_else(VolumePolicy::default, |table| check.volumes(table));
        let hosts = file.hosts.map_or_else(Hosts::default, |table| check.hosts(table));
        if check.errors.is_empty() {
            Ok(Self {
                rules,
                mutes,
                drains,
                protects,
                jobs,
                routes,
                audit,
                grouping,
                collect_logs,
                volumes,
                hosts,
            })
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
