//! From what was read to what is followed up.

use super::memory::{Area, Memory};
use super::progress::{Progress, Waits};
use crate::alert::incident::watch::{Found, Look, UNREAD_FOR};
use crate::audit::checks::CHECKS;
use crate::audit::finding::{State, Thing};
use crate::audit::seen::Cluster;
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// The look that says whether a cluster was read.
pub(super) const READS: &str = "reads";
/// The scope of what is of no cluster alone.
pub(super) const EVERYWHERE: &str = "-";
/// Clusters that are told one by one when they cannot be read; more are one alert.
const ONE_BY_ONE: usize = 5;
/// Why what only waits for its turn was not read.
pub(super) const NEXT_TICK: &str = "our share of the calls, or the time, is used up; the next tick goes on";

/// The looks at one cluster, by its name.
pub(super) type Looks = (String, Vec<Look>);

/// What was found in each cluster, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The looks, by cluster.
    pub(super) looks: Vec<Looks>,
    /// Clusters that could not be read, with why.
    unread: Vec<(Cluster, Vec<String>)>,
}

impl Seen {
    /// What the checks see of a cluster. A check whose reads failed changes nothing of what it found before.
    pub(super) fn add(&mut self, progress: &Progress, memory: &Memory, policy: &Policy, now: Timestamp) {
        let (cluster, snapshot) = (&progress.cluster, progress.snapshot(NEXT_TICK));
        let mut looks: Vec<Look> = Vec::new();
        let mut why: Vec<String> = Vec::new();
        let is_told = |(area, waits): (Area, Waits)| match waits {
            Waits::No => true,
            Waits::Yes => memory.is_stale(&cluster.arn, area, now),
        };
        let any_unread = progress.unread().next().is_some();
        let is_unread = progress.unread().any(is_told);
        for check in CHECKS {
            match (check.look)(&snapshot, policy, now) {
                Ok(states) => {
                    let found = states.into_iter().map(|state| state.found(Some(cluster), policy, now));
                    looks.push(Look { name: check.name, seen: Ok(found.collect()) });
                }
                Err(unread) if !why.contains(&unread.0) => why.push(unread.0),
                Err(_) => {}
            }
        }
        if !why.is_empty() {
            tracing::warn!(cluster = cluster.name, why = why.join("; "), waits = !is_unread, "not audited");
        }
        // What was read and makes no sense to a check is as good as unread.
        if is_unread || (!why.is_empty() && !any_unread) {
            self.unread.push((cluster.clone(), why));
        } else if why.is_empty() {
            looks.push(Look { name: READS, seen: Ok(Vec::new()) });
        }
        self.looks.push((cluster.name.clone(), looks));
    }

    /// A cluster that is named and could not be described.
    pub(super) fn unknown(&mut self, cluster: &str, why: String) {
        let name = crate::event::arn::last_part(cluster).to_owned();
        let cluster = Cluster { arn: cluster.to_owned(), name, ..Cluster::default() };
        self.unread.push((cluster, vec![why]));
    }

    /// A cluster that is not there any more: nothing is wrong in it.
    pub(super) fn gone(&mut self, name: String) {
        let names = CHECKS.iter().map(|check| check.name).chain([READS]);
        self.looks.push((name, names.map(|name| Look { name, seen: Ok(Vec::new()) }).collect()));
    }

    /// How many clusters could not be read.
    pub(super) fn unread(&self) -> usize {
        self.unread.len()
    }

    /// All looks, with what could not be read: cluster by cluster, or together where there are many.
    pub(super) fn finish(mut self, all: usize, policy: &Policy, now: Timestamp) -> Vec<Looks> {
        let together = self.unread.len() > ONE_BY_ONE;
        let mut seen = Ok(Vec::new());
        if together {
            let count = self.unread.len();
            let facts = self.unread.iter().take(ONE_BY_ONE);
            let facts = facts.map(|(cluster, why)| format!("{}: {}", cluster.name, why.join("; ")));
            let facts = facts.chain([format!("and {} more", count - ONE_BY_ONE)]).collect();
            seen = Err(Box::new(not_audited(
                None,
                format!("could not read {count} of {all} clusters."),
                facts,
                policy,
                now,
            )));
        } else {
            for (cluster, why) in std::mem::take(&mut self.unread) {
                let summary = "could not be read by the audit.".to_owned();
                let unread = not_audited(Some(&cluster), summary, why, policy, now);
                let look = Look { name: READS, seen: Err(Box::new(unread)) };
                match self.looks.iter_mut().find(|(name, _)| *name == cluster.name) {
                    Some((_, looks)) => looks.push(look),
                    None => self.looks.push((cluster.name, vec![look])),
                }
            }
        }
        self.looks.push((EVERYWHERE.to_owned(), vec![Look { name: READS, seen }]));
        self.looks
    }
}

/// The looks of a tick that could not even find out which clusters there are.
pub(super) fn no_clusters(why: String, policy: &Policy, now: Timestamp) -> Vec<Looks> {
    let summary = "could not find out which clusters there are.".to_owned();
    let unread = not_audited(None, summary, vec![why], policy, now);
    vec![(EVERYWHERE.to_owned(), vec![Look { name: READS, seen: Err(Box::new(unread)) }])]
}

/// What could not be read, as a finding.
fn not_audited(
    cluster: Option<&Cluster>,
    summary: String,
    facts: Vec<String>,
    policy: &Policy,
    now: Timestamp,
) -> Found {
    let words = if cluster.is_some() { String::new() } else { "The audit".to_owned() };
    let thing = Thing { words, ..Thing::default() };
    State::new(thing, Cause::NotAudited, Severity::Medium, summary, UNREAD_FOR)
        .with(facts)
        .found(cluster, policy, now)
}
