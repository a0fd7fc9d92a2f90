//! The alert as data: for queues, functions and webhooks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::archive::NAMED;
use super::incident::structured::StructuredIncident;
use super::limits::{self, FACT_CHARS, name, one_line};
use super::log_lines::LINES;
use super::{Alert, Archive, Details, LogLine};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    ec2_instance: Option<String>,
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
    incident: Option<StructuredIncident>,
    details: StructuredDetails,
}

/// What is known beyond the event; absent parts are null or empty.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    not(test),
    expect(
        clippy::missing_docs_in_private_items,
        reason = "each field is the fact of its name, see `Details`"
    )
)]
struct StructuredDetails {
    log_lines: Vec<StructuredLine>,
    log_group: Option<String>,
    log_stream: Option<String>,
    image: Option<String>,
    image_digest: Option<String>,
    revision: Option<String>,
    deployment: Option<&'static str>,
    deployment_since: Option<String>,
    deployment_failed_tasks: Option<i64>,
    container_memory_mib: Option<i64>,
    task_memory_mib: Option<i64>,
    memory_peak_mib: Option<i64>,
    memory_peak_percent: Option<i64>,
    archives: Vec<StructuredArchive>,
    missing: Vec<String>,
}

/// The logs of a host.
#[derive(Serialize)]
struct StructuredArchive {
    /// The EC2 instance.
    instance: String,
    /// `s3://bucket/key`.
    uri: String,
    /// How far it is, in words.
    state: String,
}

/// A log line.
#[derive(Serialize)]
struct StructuredLine {
    /// When, in RFC 3339.
    at: Option<String>,
    /// What it says.
    text: String,
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
        ec2_instance: named(&subject.ec2_instance),
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
        links: alert.links().into_iter().map(|link| (link.name, link.url)).collect(),
        incident: alert.standing.as_deref().map(StructuredIncident::of),
        details: structured_details(&alert.details),
    };
    serde_json::to_string(&structured).unwrap_or_default()
}

/// The logs of a host as data.
fn structured_archive(archive: &Archive) -> StructuredArchive {
    StructuredArchive { instance: name(&archive.instance), uri: archive.uri(), state: archive.state() }
}

/// The details as data.
fn structured_details(details: &Details) -> StructuredDetails {
    let named = |text: &Option<String>| text.as_deref().map(name);
    let line = |line: &LogLine| StructuredLine {
        at: line.at().map(|at| at.to_string()),
        text: line.text().to_owned(),
    };
    let (log_group, log_stream) = details.log_names().unzip();
    let (deployment, memory) = (details.deployment, details.memory);
    StructuredDetails {
        log_lines: details.last_lines(LINES).iter().map(line).collect(),
        log_group,
        log_stream,
        image: named(&details.image),
        image_digest: named(&details.image_digest),
        revision: named(&details.revision),
        deployment: deployment.map(|deployment| deployment.relation.word()),
        deployment_since: deployment.and_then(|deployment| Some(deployment.since?.to_string())),
        deployment_failed_tasks: deployment.and_then(|deployment| deployment.failed_tasks),
        container_memory_mib: memory.container_limit_mib,
        task_memory_mib: memory.task_limit_mib,
        memory_peak_mib: memory.peak_mib,
        memory_peak_percent: memory.peak_percent,
        archives: details.archives.iter().take(NAMED).map(structured_archive).collect(),
        missing: details.reasons(),
    }
}
