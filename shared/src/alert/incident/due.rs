//! The time comes for an incident: a digest, its end, or what somebody died over.

use super::claim::{Ticket, incident_ticket, storm_ticket};
use super::cluster::Cluster;
use super::course::{Notice, Wish};
use super::document::Incident;
use super::settings::Grouping;
use crate::event::Timestamp;

/// What is to become of an incident now, where its cluster is `cluster`, and what people are told.
///
/// Where a storm that people know of names the incident, it tells of it from now on: it takes the stops nobody
/// was told of, and the incident goes.
#[must_use]
pub fn incident(
    incident: Incident,
    cluster: Option<Cluster>,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> (Option<Incident>, Option<Cluster>, Option<Ticket>) {
    let mut incident = incident;
    let notice = match incident.course.wish(now, grouping) {
        Wish::Tell(notice) => notice,
        Wish::Wait(_) => return (Some(incident), cluster, None),
    };
    let ends = match notice {
        Notice::Alert | Notice::Louder => false,
        Notice::Digest => folds(&incident, cluster.as_ref()),
        Notice::Recovery => folds(&incident, cluster.as_ref()) || !incident.has_recovery(),
    };
    if !ends {
        let ticket = incident_ticket(&mut incident, notice, now, until, grouping);
        return (Some(incident), cluster, Some(ticket));
    }
    let mut cluster = cluster;
    if let Some(storm) = cluster.as_mut().and_then(|cluster| cluster.storm.as_mut())
        && folds_into(&incident, storm)
        && incident.course.untold() > 0
    {
        let (untold, last_seen) = (incident.course.untold(), incident.course.last_seen);
        storm.add(&incident.latest, untold, last_seen);
        if storm.course.told_at.is_some_and(|told_at| last_seen <= told_at) {
            // People were told after these stops that this fails; how often, the storm's end says.
            storm.course.told += untold;
        }
    }
    (None, cluster, None)
}

/// What is to become of a cluster's storm now, and what people are told.
#[must_use]
pub fn storm(
    cluster: Cluster,
    now: Timestamp,
    until: Timestamp,
    grouping: &Grouping,
) -> (Cluster, Option<Ticket>) {
    let mut cluster = cluster;
    let Some(storm) = &mut cluster.storm else { return (cluster, None) };
    let ticket = match storm.course.wish(now, grouping) {
        Wish::Tell(notice) => Some(storm_ticket(storm, notice, now, until, grouping)),
        Wish::Wait(_) => None,
    };
    (cluster, ticket)
}

/// Whether the cluster's storm tells of an incident in its place.
fn folds(incident: &Incident, cluster: Option<&Cluster>) -> bool {
    let storm = cluster.and_then(|cluster| cluster.storm.as_ref());
    storm.is_some_and(|storm| folds_into(incident, storm))
}

/// Whether this storm does: people know of it, and it names the incident.
fn folds_into(incident: &Incident, storm: &super::storm::Storm) -> bool {
    storm.course.told_severity.is_some() && storm.has(&incident.latest.verdict.fingerprint)
}
