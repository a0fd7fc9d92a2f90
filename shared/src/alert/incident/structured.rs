//! How an incident stands, as data.

use serde::Serialize;

use super::standing::Standing;
use super::storm::Member;
use crate::alert::limits::name;

/// How its incident stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    not(test),
    expect(
        clippy::missing_docs_in_private_items,
        reason = "each field is the fact of its name, see `Standing`"
    )
)]
pub struct StructuredIncident {
    opened_at: String,
    last_seen_at: String,
    stops: u64,
    new_stops: u64,
    stops_last_hour: Option<u64>,
    next_digest_at: Option<String>,
    over_at: String,
    thread: String,
    follows: Option<String>,
    tasks: Vec<String>,
    members: Vec<Failing>,
    unnamed: u64,
}

/// One fingerprint of a storm.
#[derive(Serialize)]
#[cfg_attr(
    not(test),
    expect(
        clippy::missing_docs_in_private_items,
        reason = "each field is the fact of its name, see `Member`"
    )
)]
struct Failing {
    workload: String,
    cause: &'static str,
    severity: &'static str,
    fingerprint: String,
    stops: u64,
}

impl StructuredIncident {
    /// From how it stands.
    #[must_use]
    pub fn of(standing: &Standing) -> Self {
        let failing = |member: &Member| Failing {
            workload: name(&member.workload),
            cause: member.cause.word(),
            severity: member.severity.word(),
            fingerprint: name(&member.fingerprint),
            stops: member.count,
        };
        Self {
            opened_at: standing.opened.to_string(),
            last_seen_at: standing.last_seen.to_string(),
            stops: standing.count,
            new_stops: standing.new,
            stops_last_hour: standing.last_hour,
            next_digest_at: standing.next.map(|at| at.to_string()),
            over_at: standing.over_at.to_string(),
            thread: name(&standing.thread),
            follows: standing.follows.as_deref().map(name),
            tasks: standing.tasks.iter().map(|id| name(id)).collect(),
            members: standing.members.iter().map(failing).collect(),
            unnamed: standing.unnamed,
        }
    }
}
