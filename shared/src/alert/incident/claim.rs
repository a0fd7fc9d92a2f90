//! A stop worth an alert meets what the table holds: told now, or counted and told later.

use super::cluster::Cluster;
use super::course::{Course, Notice, Wish};
use super::document::{self, Example, Incident, LastHour, Seen, State};
use super::settings::Grouping;
use super::standing::Standing;
use super::storm::Storm;
use crate::alert::Alert;
use crate::event::Timestamp;

/// A stop worth an alert.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'a> {
    /// What is told of it.
    pub alert: &'a Alert,
    /// The task's version, 0 for what has none.
    pub version: i64,
    /// Whether it can be recognised when it comes again: its key is known.
    pub has_key: bool,
}

/// What a lease is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// An incident, by its fingerprint.
    Incident(String),
    /// The storm of a cluster, by its name.
    Storm(String),
}

impl About {
    /// The key of its document.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Incident(fingerprint) => document::incident_key(fingerprint),
            Self::Storm(cluster) => document::cluster_key(cluster),
        }
    }
}

/// The duty to tell people something, until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// What it is about.
    pub about: About,
    /// The end of the lease.
    pub until: Timestamp,
    /// What is told.
    pub example: Example,
    /// How the incident stands.
    pub standing: Standing,
    /// Topics that have this very message already.
    pub delivered: Vec<String>,
}

impl Ticket {
    /// What is told, without what only the stop at hand knows.
    #[must_use]
    pub fn alert(&self) -> Alert {
        Alert::new(self.example.verdict.clone(), self.example.subject.clone())
    }
}

/// Why nobody is told now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// This stop was dealt with before.
    Duplicate,
    /// Its incident is known; what comes next about it comes at this time at the latest.
    Counted(Timestamp),
    /// It is told at this time unless it is over before.
    Waits(Timestamp),
    /// It belongs to a cluster-wide incident, whose next message comes at this time at the latest.
    Storm(Timestamp),
}

impl Suppressed {
    /// The word in logs and reports.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Counted(_) => "counted",
            Self::Waits(_) => "waits",
            Self::Storm(_) => "storm",
        }
    }
}

/// What comes of a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Tell people.
    Tell(Box<Ticket>),
    /// Do not.
    Suppressed(Suppressed),
}

/// What the table is to hold after a stop, and whether people are told now, with a lease until `until`.
#[must_use]
pub fn claim(
    state: State,
    stop: Stop<'_>,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> (State, Answer) {
    let State { seen, incident, cluster } = state;
    let verdict = &stop.alert.verdict;
    let was_counted = seen
        .as_ref()
        .is_some_and(|seen| seen.version >= stop.version || seen.fingerprint == verdict.fingerprint);
    let seen = if was_counted || !stop.has_key {
        seen
    } else {
        Some(Seen { version: stop.version, fingerprint: verdict.fingerprint.clone(), at: now })
    };
    if was_counted {
        let (incident, answer) = told_again(incident, now, until, grouping);
        return (State { seen, incident, cluster }, answer);
    }
    if let Some(mut incident) = incident {
        incident.add(stop.alert, now);
        let answer = incident_answer(&mut incident, now, until, grouping);
        return (State { seen, incident: Some(incident), cluster }, answer);
    }
    let mut cluster = cluster.unwrap_or_default();
    if let Some(storm) = cluster.absorb(stop.alert, now, grouping) {
        let answer = match storm.course.wish(now, grouping) {
            Wish::Tell(notice) => Answer::Tell(Box::new(storm_ticket(storm, notice, now, until, grouping))),
            Wish::Wait(next) => Answer::Suppressed(Suppressed::Storm(next)),
        };
        cluster.fit();
        return (State { seen, incident: None, cluster: Some(cluster) }, answer);
    }
    let mut incident = begun(&mut cluster, stop.alert, now);
    cluster.fit();
    let answer = incident_answer(&mut incident, now, until, grouping);
    (State { seen, incident: Some(incident), cluster: Some(cluster) }, answer)
}

/// An incident that begins with a stop.
fn begun(cluster: &mut Cluster, alert: &Alert, now: Timestamp) -> Incident {
    let (thread, follows) = cluster.open(&alert.verdict, &alert.subject, now);
    let mut incident = Incident {
        course: Course::new(now, alert.verdict.severity, now).about(alert.verdict.cause),
        latest: Example::of(alert),
        thread,
        follows,
        tasks: Vec::new(),
        last_hour: LastHour::default(),
    };
    incident.note(alert, now);
    incident
}

/// A stop that was counted before comes again: whoever was to tell of it may have died.
fn told_again(
    incident: Option<Incident>,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> (Option<Incident>, Answer) {
    let duplicate = Answer::Suppressed(Suppressed::Duplicate);
    let Some(mut incident) = incident else { return (None, duplicate) };
    let answer = match incident.course.wish(now, grouping) {
        Wish::Tell(Notice::Alert | Notice::Louder) => incident_answer(&mut incident, now, until, grouping),
        Wish::Tell(Notice::Digest | Notice::Recovery) | Wish::Wait(_) => duplicate,
    };
    (Some(incident), answer)
}

/// Tells of an incident, or says when.
fn incident_answer(incident: &mut Incident, now: Timestamp, until: Timestamp, grouping: &Grouping) -> Answer {
    match incident.course.wish(now, grouping) {
        Wish::Tell(notice) => Answer::Tell(Box::new(incident_ticket(incident, notice, now, until, grouping))),
        Wish::Wait(next) => Answer::Suppressed(Suppressed::Counted(next)),
    }
}

/// Takes the lease on an incident.
pub(super) fn incident_ticket(
    incident: &mut Incident,
    notice: Notice,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> Ticket {
    incident.course.begin(notice, until);
    Ticket {
        about: About::Incident(incident.latest.verdict.fingerprint.clone()),
        until,
        example: incident.latest.clone(),
        standing: Standing::of_incident(incident, notice, now, grouping),
        delivered: delivered(&incident.course),
    }
}

/// Takes the lease on a storm.
pub(super) fn storm_ticket(
    storm: &mut Storm,
    notice: Notice,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> Ticket {
    storm.course.begin(notice, until);
    Ticket {
        about: About::Storm(storm.name()),
        until,
        example: storm.example(),
        standing: Standing::of_storm(storm, notice, now, grouping),
        delivered: delivered(&storm.course),
    }
}

/// Topics that took the message before.
fn delivered(course: &Course) -> Vec<String> {
    course.pending.as_ref().map(|pending| pending.delivered.clone()).unwrap_or_default()
}
