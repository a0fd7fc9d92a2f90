//! What a subscriber got, as the report keeps it.

use serde::Deserialize;
use shared::alert::Message;
use shared::alert::incident::Notice;
use shared::event::Timestamp;
use shared::judge::{Cause, Severity};

use crate::report::Sent;

/// The bodies of a message, by protocol.
#[derive(Deserialize)]
struct Bodies {
    /// The structured form.
    default: String,
    /// The text.
    email: String,
    /// The line.
    sms: String,
}

/// What the structured form says beyond the attributes.
#[derive(Default, Deserialize)]
struct About {
    /// Which incident.
    fingerprint: String,
}

/// From a message that was sent at a time, because of the record at this place; empty where a tick brought it.
pub fn sent(message: &Message, topics: Vec<String>, at: Timestamp, place: &str) -> Sent {
    let bodies = serde_json::from_str(&message.body).ok().filter(|_| message.by_protocol);
    let bodies = bodies.unwrap_or_else(|| Bodies {
        default: String::new(),
        email: message.body.clone(),
        sms: message.body.clone(),
    });
    let about: About = serde_json::from_str(&bodies.default).unwrap_or_default();
    let value = |wanted: &str| {
        let attribute = message.attributes.iter().find(|(name, _)| *name == wanted);
        attribute.map_or("", |(_, value)| value.as_str())
    };
    let workload = if value("service").is_empty() { value("family") } else { value("service") };
    let about_what = match (workload, value("cluster")) {
        ("", "") => String::new(),
        ("", cluster) => cluster.to_owned(),
        (workload, cluster) => format!("{workload} on {cluster}"),
    };
    Sent {
        at,
        notice: notice(value("notice")),
        severity: severity(value("severity")),
        cause: Cause::from_word(value("cause")).unwrap_or(Cause::UnknownEvent),
        topics,
        subject: message.subject.clone(),
        text: bodies.email,
        line: bodies.sms,
        about: about_what,
        fingerprint: about.fingerprint,
        place: place.to_owned(),
    }
}

/// From its word.
fn notice(word: &str) -> Notice {
    let all = [Notice::Alert, Notice::Louder, Notice::Digest, Notice::Recovery];
    all.into_iter().find(|notice| notice.word() == word).unwrap_or(Notice::Alert)
}

/// From its word.
fn severity(word: &str) -> Severity {
    Severity::ALL.iter().copied().find(|severity| severity.word() == word).unwrap_or(Severity::Info)
}
