//! The alert as a person reads it: an e-mail body, and one line.

use std::fmt::Write as _;

use super::Alert;
use super::incident::{Standing, words};
use super::limits::{self, LINE_CHARS, name, one_line};
use crate::event::timestamp::span_in_words;

/// The body of an e-mail: what died, where, since when it ran, why we think so, what to look at first.
#[must_use]
pub fn body(alert: &Alert) -> String {
    let (verdict, subject) = (&alert.verdict, &alert.subject);
    let mut text = String::with_capacity(1024);
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(text, "{label:<8} {value}").unwrap_or_default();
        }
    };
    line("What", Some(what(alert)));
    line("Where", Some(place(alert)));
    line("When", when(alert));
    line("Task", subject.task_arn.as_deref().map(name));
    line("Revision", subject.task_definition.as_deref().map(name));
    let mut sections = format!("{}\n\n{text}", one_line(&alert.summary(), limits::FACT_CHARS));
    if let Some(standing) = &alert.standing {
        sections.push_str(&incident(standing));
    }
    sections.push_str("\nWhy we think so\n");
    for fact in limits::facts(&verdict.evidence) {
        writeln!(sections, "  - {fact}").unwrap_or_default();
    }
    writeln!(sections, "\nLook first\n  {}", verdict.next_step).unwrap_or_default();
    let links = alert.links();
    if !links.is_empty() {
        sections.push_str("\nLinks\n");
        for link in &links {
            writeln!(sections, "  {:<8} {}", link.name, link.url).unwrap_or_default();
        }
    }
    let loudness = format!("{} / {}", verdict.severity, verdict.cause);
    writeln!(sections, "\n{loudness}, same incident: {}", one_line(&verdict.fingerprint, limits::FACT_CHARS))
        .unwrap_or_default();
    sections
}

/// One line for SMS and terminals: `HIGH out-of-memory: web on harbor: …`.
#[must_use]
pub fn line(alert: &Alert) -> String {
    let verdict = &alert.verdict;
    let line = format!("{} {}: {}", loudness(alert).to_uppercase(), verdict.cause, alert.summary());
    one_line(&line, LINE_CHARS)
}

/// The subject of an e-mail, ASCII and within SNS's limit: `[high] out-of-memory: web on harbor`.
#[must_use]
pub fn subject(alert: &Alert) -> String {
    let verdict = &alert.verdict;
    let about = match alert.subject.workload() {
        Some(_) => alert.subject.in_words(),
        None => alert.subject.cluster.clone().unwrap_or_else(|| "ecs-steward".to_owned()),
    };
    let more = words::prefix(alert.standing.as_deref());
    limits::ascii_line(
        &format!("[{}] {more}{}: {about}", loudness(alert), verdict.cause),
        limits::SUBJECT_CHARS,
    )
}

/// The severity, or the word of an incident's end.
fn loudness(alert: &Alert) -> &'static str {
    if alert.is_recovery() { alert.word() } else { alert.verdict.severity.word() }
}

/// The section on the incident, and what fails where it is a storm.
fn incident(standing: &Standing) -> String {
    let mut section = "\nIncident\n".to_owned();
    for (label, value) in words::lines(standing) {
        writeln!(section, "  {label:<8} {value}").unwrap_or_default();
    }
    let members = words::members(standing);
    if !members.is_empty() {
        section.push_str("\nWhat fails\n");
    }
    for member in members {
        writeln!(section, "  - {member}").unwrap_or_default();
    }
    section
}

/// `service web, container app, exit code 137`
fn what(alert: &Alert) -> String {
    let (verdict, subject) = (&alert.verdict, &alert.subject);
    let mut parts = Vec::new();
    match (&subject.service, &subject.family) {
        (Some(service), _) => parts.push(format!("service {}", name(service))),
        (None, Some(family)) => parts.push(format!("task of {}", name(family))),
        (None, None) => {}
    }
    parts.extend(verdict.container.as_deref().map(|container| format!("container {}", name(container))));
    parts.extend(verdict.exit_code.map(|code| format!("exit code {code}")));
    parts.join(", ")
}

/// `cluster harbor, eu-west-1, account 111122223333, FARGATE in eu-west-1b`
fn place(alert: &Alert) -> String {
    let subject = &alert.subject;
    let mut parts = Vec::new();
    parts.extend(subject.cluster.as_deref().map(|cluster| format!("cluster {}", name(cluster))));
    parts.extend(subject.region.as_deref().map(name));
    parts.extend(subject.account.as_deref().map(|account| format!("account {}", name(account))));
    parts.extend(subject.launch_type.as_deref().map(name));
    parts.extend(subject.availability_zone.as_deref().map(name));
    parts.extend(subject.container_instance.as_deref().map(|id| format!("container instance {}", name(id))));
    parts.join(", ")
}

/// `stopped 2026-05-01T10:00:00Z, had run 3 h 5 min since 2026-05-01T06:55:00Z`
fn when(alert: &Alert) -> Option<String> {
    let subject = &alert.subject;
    let stopped = subject.stopped.map(|at| format!("stopped {at}"));
    let ran = match (subject.ran_for_millis, subject.started) {
        (Some(millis), Some(started)) => Some(format!("had run {} since {started}", span_in_words(millis))),
        (None, Some(started)) => Some(format!("ran since {started}")),
        _ if subject.task_arn.is_some() => Some("never reached RUNNING".to_owned()),
        _ => None,
    };
    let parts: Vec<_> = stopped.into_iter().chain(ran).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
