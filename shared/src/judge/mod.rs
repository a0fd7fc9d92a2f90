//! Judging a stop, and what ECS says of a service: `judge(event, policy, context) -> Verdict`, total and pure.

pub mod about;
pub mod background;
pub mod exit_code;
pub mod explain;
pub mod host;
mod main_container;
pub mod rules;
pub mod service;
pub mod stop;
pub mod text;

pub use crate::verdict::{Cause, Decision, Severity, Verdict};
pub use background::Background;
pub use stop::{Context, Finding, Stop};

use crate::event::{Event, StopCode, TaskStateChange, Timestamp};
use crate::intake::Unreadable;
use crate::policy::{Applied, Policy};
use crate::redact;

/// Judges one task state change. Never fails: what no rule knows is an alert.
#[must_use]
pub fn judge(task: &TaskStateChange, policy: &Policy, context: &Context<'_>) -> Verdict {
    let applied = policy.apply_to(task);
    let stop = Stop::new(task, &applied, context);
    let (_, finding) = rules::decide(&stop);
    conclude(&stop, finding)
}

/// The verdict a finding comes to.
fn conclude(stop: &Stop<'_>, finding: Finding) -> Verdict {
    verdict(stop, tempered(stop, finding))
}

/// The verdict on an event of a kind that is not judged here: quiet, and counted.
#[must_use]
pub fn unknown_event(event: &Event) -> Verdict {
    let kind = redact::text(event.kind());
    Verdict {
        verdict: Decision::Quiet,
        cause: Cause::UnknownEvent,
        severity: Severity::Info,
        container: None,
        exit_code: None,
        summary: format!("An event of the kind \"{kind}\" is not judged here."),
        evidence: vec![format!("detail-type {kind}")],
        next_step: Cause::UnknownEvent.next_step().into(),
        fingerprint: format!("-/-/{}/-/-", Cause::UnknownEvent),
    }
}

/// The verdict on a record nobody could read: an alert.
#[must_use]
pub fn unreadable_event(unreadable: &Unreadable) -> Verdict {
    Verdict {
        verdict: Decision::Alert,
        cause: Cause::UnreadableEvent,
        severity: Severity::Medium,
        container: None,
        exit_code: None,
        summary: "A record could not be read as an event, so nobody knows whether a task died.".to_owned(),
        evidence: vec![unreadable.to_string(), format!("it begins: {}", unreadable.excerpt)],
        next_step: Cause::UnreadableEvent.next_step().into(),
        fingerprint: format!("-/-/{}/-/-", Cause::UnreadableEvent),
    }
}

/// What holds for every finding: an unknown stop code is never quiet, retried jobs are low, and the
/// policy has the last word.
fn tempered(stop: &Stop<'_>, mut finding: Finding) -> Finding {
    if matches!(finding.cause, Cause::NotStopped | Cause::Duplicate) {
        return finding;
    }
    if let Some(StopCode::Unknown(word)) = stop.stop_code()
        && finding.severity == Severity::Info
    {
        finding.severity = Severity::Low;
        finding.notes.push(format!("looks like {}, but the stopCode {word} is unknown", finding.cause));
        finding.cause = Cause::UnknownStopCode;
        finding.look_at = finding.cause;
    }
    if let Some(owner) = retried_by(stop.task)
        && finding.severity > Severity::Low
    {
        finding.severity = Severity::Low;
        finding.notes.push(format!("{owner} retries its tasks itself: low"));
    }
    under_policy(stop.policy, stop.context.now, finding)
}

/// The service that starts a job again by itself, where one does.
fn retried_by(task: &TaskStateChange) -> Option<&'static str> {
    if task.is_service() {
        None
    } else if task.cluster().is_some_and(|cluster| cluster.starts_with("AWSBatch-")) {
        Some("AWS Batch")
    } else if task.started_by.as_deref().is_some_and(|by| by.starts_with("AWS Step Functions")) {
        Some("AWS Step Functions")
    } else {
        None
    }
}

/// Severity overrides, quiet workloads and mute windows.
fn under_policy(policy: &Applied<'_>, now: Timestamp, mut finding: Finding) -> Finding {
    if let Some(severity) = policy.severity(finding.cause)
        && severity != finding.severity
    {
        finding
            .notes
            .push(format!("policy: severity {} for {}, not {}", severity, finding.cause, finding.severity));
        finding.severity = severity;
    }
    if finding.severity > Severity::Info
        && let Some(reason) = policy.silence(finding.cause, now)
    {
        finding.notes.push(reason);
        finding.severity = Severity::Info;
    }
    finding
}

/// Writes the finding out.
fn verdict(stop: &Stop<'_>, finding: Finding) -> Verdict {
    let culprit = finding.culprit.and_then(|index| stop.containers.get(index));
    let container = culprit.and_then(|seen| seen.container.name.clone());
    let exit_code = culprit.and_then(|seen| seen.container.exit_code);
    // Reasons are texts of others, and what is written here goes to people, logs and buses.
    let facts = stop.facts().into_iter().chain(finding.notes);
    let evidence = facts.map(redact::string).collect();
    Verdict {
        verdict: if finding.severity == Severity::Info { Decision::Quiet } else { Decision::Alert },
        cause: finding.cause,
        severity: finding.severity,
        summary: redact::string(format!("{} {}", subject_in_words(stop.task), finding.summary)),
        evidence,
        next_step: finding.look_at.next_step().into(),
        fingerprint: fingerprint(stop.task, finding.cause, container.as_deref(), exit_code),
        container,
        exit_code,
    }
}

/// `Service web on harbor`, `Job nightly on harbor`, `A task on harbor`.
fn subject_in_words(task: &TaskStateChange) -> String {
    let what = match (task.service(), task.family(), task.is_service()) {
        (Some(service), _, _) => format!("Service {service}"),
        (None, Some(family), true) => format!("A service's task of {family}"),
        (None, Some(family), false) => format!("Job {family}"),
        (None, None, true) => "A service's task".to_owned(),
        (None, None, false) => "A task".to_owned(),
    };
    match task.cluster() {
        Some(cluster) => format!("{what} on {cluster}"),
        None => what,
    }
}

/// cluster / service or family / cause / container / exit code; `-` for what is not known.
fn fingerprint(
    task: &TaskStateChange,
    cause: Cause,
    container: Option<&str>,
    exit_code: Option<i64>,
) -> String {
    let workload = task.service().or_else(|| task.family());
    let code = exit_code.map_or_else(|| "-".to_owned(), |code| code.to_string());
    format!("{}/{}/{cause}/{}/{code}", part(task.cluster()), part(workload), part(container))
}

/// A name as a part of a fingerprint.
fn part(name: Option<&str>) -> String {
    name.unwrap_or("-").replace('/', "_")
}

#[cfg(test)]
mod tests;
