//! `policy.toml`: what a team knows of its clusters and the rules cannot.
//!
//! Every table is optional; without a policy the defaults hold, and they are silent about nothing.

mod applied;
pub mod audit;
pub mod collect_logs;
pub mod drain;
pub mod hosts;
pub mod job;
mod parse;
mod pattern;
pub mod protect;
pub mod route;
pub mod volumes;

pub use applied::Applied;
pub use parse::PolicyErrors;
pub use pattern::Pattern;

use std::collections::BTreeMap;

use crate::alert::incident::Grouping;
use crate::event::{TaskStateChange, Timestamp};
use crate::verdict::{Cause, Severity};

/// Rules and mute windows, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// `[[rule]]`: what holds for the tasks a rule names. Where several name a task, the later ones win.
    pub rules: Vec<Rule>,
    /// `[[mute]]`: silence that ends by itself.
    pub mutes: Vec<Mute>,
    /// `[[drain]]`: how instances are drained. Where several name one, the later ones win, setting by setting.
    pub drains: Vec<drain::DrainRule>,
    /// `[[protect]]`: whose instances are kept from being scaled in.
    pub protects: Vec<protect::ProtectRule>,
    /// `[[job]]`: what jobs are to do. Where several name one, the last wins.
    pub jobs: Vec<job::JobRule>,
    /// `[[route]]`: where alerts go that are not for the default topic alone.
    pub routes: Vec<route::Route>,
    /// `[audit]`: how long states may last that emit no event.
    pub audit: audit::AuditPolicy,
    /// `[grouping]`: how stops are grouped into incidents.
    pub grouping: Grouping,
    /// `[collect-logs]`: whether the logs of hosts in trouble are collected, and where to.
    pub collect_logs: Option<collect_logs::CollectLogs>,
    /// `[volumes]`: which burst balances are low.
    pub volumes: volumes::VolumePolicy,
    /// `[hosts]`: how long hosts may be in trouble.
    pub hosts: hosts::Hosts,
}

/// The tasks a rule or mute is about: all patterns that are given must match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// The cluster's name.
    pub cluster: Option<Pattern>,
    /// The service's name; a job matches no service pattern.
    pub service: Option<Pattern>,
    /// The task definition's family.
    pub family: Option<Pattern>,
}

/// One `[[rule]]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// The tasks it is about.
    pub scope: Scope,
    /// Exit codes that are as good as 0 here.
    pub expected_exit_codes: Vec<i64>,
    /// Containers whose ends do not count.
    pub sidecars: Vec<Pattern>,
    /// Severities by cause; `info` makes a cause quiet.
    pub severity: BTreeMap<Cause, Severity>,
    /// Why nobody is to be told of these tasks at all.
    pub quiet: Option<String>,
}

/// One `[[mute]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mute {
    /// The tasks it is about.
    pub scope: Scope,
    /// The causes it silences; all of them where the list is empty.
    pub causes: Vec<Cause>,
    /// When the silence begins; at once where it is not given.
    pub from: Option<Timestamp>,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Mute {
    /// Whether it silences a cause now.
    #[must_use]
    pub fn is_open(&self, cause: Cause, now: Timestamp) -> bool {
        now < self.until
            && self.from.is_none_or(|from| from <= now)
            && (self.causes.is_empty() || self.causes.contains(&cause))
    }

    /// The reason, for the verdict it silences.
    fn in_words(&self) -> String {
        format!("policy: muted until {}, {}", self.until, self.reason)
    }
}

impl Scope {
    /// Whether a task is meant.
    #[must_use]
    pub fn matches(&self, task: &TaskStateChange) -> bool {
        self.fits([task.cluster(), task.service(), task.family()])
    }

    /// Whether these names of a cluster, a service and a family are meant.
    #[must_use]
    pub fn fits(&self, [cluster, service, family]: [Option<&str>; 3]) -> bool {
        let fits = |pattern: &Option<Pattern>, name: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| name.is_some_and(|name| pattern.matches(name)))
        };
        fits(&self.cluster, cluster) && fits(&self.service, service) && fits(&self.family, family)
    }
}

impl Policy {
    /// What the policy says of one task.
    #[must_use]
    pub fn apply_to(&self, task: &TaskStateChange) -> Applied<'_> {
        self.apply_to_names([task.cluster(), task.service(), task.family()])
    }

    /// What the policy says of a cluster, a service and a family of these names.
    #[must_use]
    pub fn apply_to_names(&self, names: [Option<&str>; 3]) -> Applied<'_> {
        Applied {
            rules: self.rules.iter().filter(|rule| rule.scope.fits(names)).collect(),
            mutes: self.mutes.iter().filter(|mute| mute.scope.fits(names)).collect(),
        }
    }
}
