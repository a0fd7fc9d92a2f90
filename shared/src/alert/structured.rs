//! The alert as data: for queues, functions and webhooks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Alert;
use super::incident::Standing;
use super::incident::storm::Member;
use super::limits::{self, FACT_CHARS, name, one_line};

/// The version of the shape below; it changes only when a field changes its meaning or goes.
pub const SCHEMA: &str = "ecs-steward.alert.v1";

/// The alert as JSON. Field names are part of the contract; absent facts are null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    not(test),
    expect(
        clippy::missing_docs_in_private_items,
        reason = "each field is the fact of its name, see `Subject`"
    )
)]
struct Structured<'a> {
    schema: &'static str,
    verdict: &'static str,
    notice: &'static str,
    cause: &'static str,
    severity: &'static str,
    summary: String,
    evidence: Vec<String>,
    next_step: &'a str,
    fingerprint: String,
    container: Option<String>,
    exit_code: Option<i64>,
    cluster: Option<String>,
    service: Option<String>,
    family: Option<String>,
    task_arn: Option<String>,
    task_definition: Option<String>,
    launch_type: Option<String>,
    container_instance: Option<String>,
    availability_zone: Option<String>,
    account: Option<String>,
    region: Option<String>,
    started_at: Option<String>,
    stopped_at: Option<String>,
    ran_for_seconds: Option<i64>,
    stop_code: Option<String>,
    stopped_reason: Option<String>,
    detail_type: Option<String>,
    event_id: Option<String>,
    links: BTreeMap<&'static str, String>,
    incident: Option<Incident>,
}

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
struct Incident {
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

impl Incident {
    /// From how it stands.
    fn of(standing: &Standing) -> Self {
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

/// The alert as one line of JSON.
#[must_use]
pub fn json(alert: &Alert) -> String {
    let (verdict, subject) = (&alert.verdict, &alert.subject);
    let named = |text: &Option<String>| text.as_deref().map(name);
    let structured = Structured {
        schema: SCHEMA,
        verdict: alert.word(),
        notice: alert.notice().word(),
        cause: verdict.cause.word(),
        severity: verdict.severity.word(),
        summary: one_line(&alert.summary(), FACT_CHARS),
        evidence: limits::facts(&verdict.evidence),
        next_step: &verdict.next_step,
        fingerprint: one_line(&verdict.fingerprint, FACT_CHARS),
        container: verdict.container.as_deref().map(name),
        exit_code: verdict.exit_code,
        cluster: named(&subject.cluster),
        service: named(&subject.service),
        family: named(&subject.family),
        task_arn: named(&subject.task_arn),
        task_definition: named(&subject.task_definition),
        launch_type: named(&subject.launch_type),
        container_instance: named(&subject.container_instance),
        availability_zone: named(&subject.availability_zone),
        account: named(&subject.account),
        region: named(&subject.region),
        started_at: subject.started.map(|at| at.to_string()),
        stopped_at: subject.stopped.map(|at| at.to_string()),
        ran_for_seconds: subject.ran_for_millis.map(|millis| millis / 1000),
        stop_code: named(&subject.stop_code),
        stopped_reason: subject.stopped_reason.as_deref().map(|reason| one_line(reason, FACT_CHARS)),
        detail_type: named(&subject.detail_type),
        event_id: named(&subject.event_id),
        incident: alert.standing.as_deref().map(Incident::of),
        links: alert.links().into_iter().map(|link| (link.name, link.url)).collect(),
    };
    serde_json::to_string(&structured).unwrap_or_default()
}
