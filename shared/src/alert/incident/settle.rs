//! A message was accepted, or was not: the lease ends.

use super::claim::{About, Ticket};
use super::course::{Course, Notice};
use super::document::Document;
use crate::event::Timestamp;

/// What the document of a ticket is to be after its message was accepted; none where the incident is over.
#[must_use]
pub fn accepted(document: Option<Document>, ticket: &Ticket, now: Timestamp) -> Option<Document> {
    on_course(document, ticket, |course| {
        if !course.accepted(ticket.until, now) || ticket.standing.notice != Notice::Recovery {
            return true;
        }
        course.reopened()
    })
}

/// The same after it was not: the next who looks may try. `delivered` topics took it.
#[must_use]
pub fn failed(
    document: Option<Document>,
    ticket: &Ticket,
    now: Timestamp,
    delivered: &[String],
) -> Option<Document> {
    on_course(document, ticket, |course| {
        course.failed(ticket.until, now, delivered);
        true
    })
}

/// Changes the course a ticket is about; what answers false is over.
fn on_course(
    document: Option<Document>,
    ticket: &Ticket,
    change: impl FnOnce(&mut Course) -> bool,
) -> Option<Document> {
    match (document?, &ticket.about) {
        (Document::Incident(mut incident), About::Incident(_)) => {
            let goes_on = change(&mut incident.course);
            goes_on.then_some(Document::Incident(incident))
        }
        (Document::Cluster(mut cluster), About::Storm(_)) => {
            cluster.storm.take_if(|storm| !change(&mut storm.course));
            Some(Document::Cluster(cluster))
        }
        (other, About::Incident(_) | About::Storm(_)) => Some(other),
    }
}
