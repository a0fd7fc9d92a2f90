//! More incidents at once than anybody reads: one cluster-wide incident in their place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cluster::{Cluster, Opening, workload};
use super::course::Course;
use super::document::Example;
use super::settings::{Grouping, STORM_ABSORBS, STORM_GATHERS};
use crate::alert::{Alert, Subject};
use crate::event::Timestamp;
use crate::verdict::{Cause, Decision, Severity, Verdict};

/// Members that are kept by name.
pub const MEMBERS: usize = 300;
/// Causes named in the summary.
const TOP_CAUSES: usize = 3;

/// One fingerprint of a storm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub fingerprint: String,
    /// The service, or the family of a job.
    pub workload: String,
    /// Why.
    pub cause: Cause,
    /// How loud.
    pub severity: Severity,
    /// Its stops within the storm.
    pub count: u64,
}

/// The cluster-wide incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storm {
    /// How far people were told.
    pub course: Course,
    /// When incidents last began faster than they are told one by one.
    pub surged: Timestamp,
    /// What fails, in the order it began.
    pub members: Vec<Member>,
    /// Fingerprints beyond those.
    #[serde(default)]
    pub unnamed: u64,
    /// Where: cluster, account and region.
    pub place: Subject,
    /// Its thread.
    pub thread: String,
}

impl Storm {
    /// Begins, out of the incidents of the last minute. Of those all but the latest, the stop at hand, were told
    /// one by one.
    pub(super) fn begin(newcomers: &[Opening], alert: &Alert, now: Timestamp) -> Self {
        let verdict = &alert.verdict;
        let member = |opening: &Opening| Member {
            fingerprint: opening.fingerprint.clone(),
            workload: opening.workload.clone(),
            cause: opening.cause,
            severity: opening.severity,
            count: 1,
        };
        let subject = &alert.subject;
        let place = Subject {
            partition: subject.partition.clone(),
            account: subject.account.clone(),
            region: subject.region.clone(),
            cluster: subject.cluster.clone(),
            ..Subject::default()
        };
        let loudest = newcomers.iter().map(|opening| opening.severity).max();
        let severity = loudest.map_or(verdict.severity, |loudest| loudest.max(verdict.severity));
        let mut course = Course::new(now, severity, now.plus(STORM_GATHERS)).about(verdict.cause);
        course.count = u64::try_from(newcomers.len()).unwrap_or(1).max(1);
        let thread = format!("{}/*/{now}", subject.cluster.as_deref().unwrap_or("-"));
        Self {
            course,
            surged: now,
            members: newcomers.iter().map(member).collect(),
            unnamed: 0,
            place,
            thread,
        }
    }

    /// Whether a stop is its: of a member, or of a newcomer while incidents begin fast. An hour after the surge
    /// what still fails is an incident of its own.
    #[must_use]
    pub fn takes(&self, fingerprint: &str, now: Timestamp, grouping: &Grouping) -> bool {
        let since = now.elapsed_since(self.surged);
        since <= STORM_ABSORBS || (since <= grouping.quiet_after && self.has(fingerprint))
    }

    /// Whether a fingerprint is in it.
    #[must_use]
    pub fn has(&self, fingerprint: &str) -> bool {
        self.members.iter().any(|member| member.fingerprint == fingerprint)
    }

    /// Counts stops of a fingerprint.
    pub(super) fn add(&mut self, example: &Example, stops: u64, now: Timestamp) {
        let Example { verdict, subject } = example;
        let found = self.members.iter_mut().find(|member| member.fingerprint == verdict.fingerprint);
        if let Some(member) = found {
            member.count += stops;
            member.severity = member.severity.max(verdict.severity);
        } else if self.members.len() < MEMBERS {
            self.members.push(Member {
                fingerprint: verdict.fingerprint.clone(),
                workload: workload(subject),
                cause: verdict.cause,
                severity: verdict.severity,
                count: stops,
            });
        } else {
            self.unnamed += 1;
        }
        self.course.count += stops;
        self.course.last_seen = self.course.last_seen.max(now);
        self.course.severity = self.course.severity.max(verdict.severity);
    }

    /// The cluster's name, as fingerprints have it.
    #[must_use]
    pub fn name(&self) -> String {
        self.place.cluster.as_deref().unwrap_or("-").replace('/', "_")
    }

    /// What is told of it.
    #[must_use]
    pub fn example(&self) -> Example {
        let cluster = self.name();
        let mut causes: BTreeMap<Cause, usize> = BTreeMap::new();
        let mut workloads: Vec<&str> = Vec::new();
        for member in &self.members {
            *causes.entry(member.cause).or_default() += 1;
            if !workloads.contains(&&*member.workload) {
                workloads.push(&member.workload);
            }
        }
        let mut top: Vec<_> = causes.into_iter().collect();
        top.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
        let in_words = |(cause, count): &(Cause, usize)| format!("{count} {cause}");
        let named: Vec<_> = top.iter().take(TOP_CAUSES).map(in_words).collect();
        let (services, cause) = (workloads.len(), Cause::ClusterWide);
        let mut evidence =
            vec![format!("incidents by cause: {}", top.iter().map(in_words).collect::<Vec<_>>().join(", "))];
        if self.unnamed > 0 {
            evidence.push(format!("{} more fingerprints are not named here", self.unnamed));
        }
        Example {
            verdict: Verdict {
                verdict: Decision::Alert,
                cause,
                severity: self.course.severity,
                container: None,
                exit_code: None,
                summary: format!(
                    "{services} services or jobs on {cluster} fail at once: {}.",
                    named.join(", ")
                ),
                evidence,
                next_step: cause.next_step().into(),
                fingerprint: format!("{cluster}/*/{cause}/-/-"),
            },
            subject: self.place.clone(),
        }
    }
}

impl Cluster {
    /// Takes a stop into the cluster's storm, where there is one for it; one begins where the stop's incident is
    /// one too many.
    pub(super) fn absorb(
        &mut self,
        alert: &Alert,
        now: Timestamp,
        grouping: &Grouping,
    ) -> Option<&mut Storm> {
        let fingerprint = &alert.verdict.fingerprint;
        if self.storm.as_ref().is_some_and(|storm| storm.takes(fingerprint, now, grouping)) {
            let is_new = self.storm.as_ref().is_some_and(|storm| !storm.has(fingerprint));
            if is_new {
                self.open(&alert.verdict, &alert.subject, now);
            }
            let surging = self.is_surging(now, grouping);
            let storm = self.storm.as_mut()?;
            storm.add(&Example::of(alert), 1, now);
            if is_new && surging {
                storm.surged = now;
            }
            return Some(storm);
        }
        // Told one by one until the stop at hand would be one too many.
        if grouping.storm_at == 0 || self.newcomers(now).count() < grouping.storm_at {
            return None;
        }
        self.open(&alert.verdict, &alert.subject, now);
        let newcomers: Vec<_> = self.newcomers(now).cloned().collect();
        match &mut self.storm {
            Some(storm) => {
                storm.surged = now;
                storm.add(&Example::of(alert), 1, now);
            }
            None => self.storm = Some(Storm::begin(&newcomers, alert, now)),
        }
        self.storm.as_mut()
    }
}
