//! The alert as a person reads it: an e-mail body, and one line.

use std::fmt::Write as _;

use super::incident::words;
use super::limits::{self, LINE_CHARS, name, one_line};
use super::log_lines::LINES;
use super::{Alert, LogLine, archive};
use crate::event::timestamp::span_in_words;

/// Width of the column of labels, where none is longer.
const LABEL_CHARS: usize = 8;

/// The body of an e-mail: what died, where, since when it ran, why we think so, what to look at first.
#[must_use]
pub fn body(alert: &Alert) -> String {
    let (verdict, details) = (&alert.verdict, &alert.details);
    let mut text = format!("{}\n\n", one_line(&alert.summary(), limits::FACT_CHARS));
    let rows: Vec<_> = rows(alert).into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or_default().max(LABEL_CHARS);
    for (label, value) in &rows {
        writeln!(text, "{label:<width$} {value}").unwrap_or_default();
    }
    if let Some(standing) = &alert.standing {
        let members = words::members(standing);
        section(&mut text, "What fails", members.iter().map(|member| format!("- {member}")));
    }
    let facts = limits::facts(&verdict.evidence);
    section(&mut text, "Why we think so", facts.iter().map(|fact| format!("- {fact}")));
    let of = verdict.container.as_deref().map(|container| format!(" of {}", name(container)));
    section(
        &mut text,
        &format!("Last log lines{}", of.unwrap_or_default()),
        details.last_lines(LINES).iter().map(LogLine::in_words),
    );
    let archives = archive::lines(&details.archives).into_iter();
    section(&mut text, "Logs of the host", archives.map(|line| format!("- {line}")));
    section(&mut text, "Not to be had", details.reasons().iter().map(|reason| format!("- {reason}")));
    section(&mut text, "Look first", std::iter::once(verdict.next_step.clone().into_owned()));
    if let Some(standing) = &alert.standing {
        let lines = words::lines(standing, verdict.cause).into_iter();
        section(&mut text, "Incident", lines.map(|(label, value)| format!("{label:<8} {value}")));
    }
    let links = alert.links();
    section(&mut text, "Links", links.iter().map(|link| format!("{:<8} {}", link.name, link.url)));
    let loudness = format!("{} / {}", verdict.severity, verdict.cause);
    writeln!(text, "\n{loudness}, same incident: {}", one_line(&verdict.fingerprint, limits::FACT_CHARS))
        .unwrap_or_default();
    text
}

/// The labelled facts, in order.
fn rows(alert: &Alert) -> Vec<(&'static str, String)> {
    let (subject, details) = (&alert.subject, &alert.details);
    [
        ("What", Some(what(alert))),
        ("Where", Some(place(alert))),
        ("When", when(alert)),
        ("Task", subject.task_arn.as_deref().map(name)),
        ("Revision", subject.task_definition.as_deref().map(name)),
        ("Image", details.image_in_words()),
        ("Deployment", details.deployment.map(|deployment| deployment.in_words())),
        ("Memory", details.memory.in_words()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .collect()
}

/// A heading and its lines; nothing where there are none.
fn section(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    for (number, line) in lines.enumerate() {
        if number == 0 {
            writeln!(text, "\n{heading}").unwrap_or_default();
        }
        writeln!(text, "  {line}").unwrap_or_default();
    }
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
    let about = match alert.subject.thing() {
        Some(_) => alert.subject.in_words(),
        None => alert.subject.cluster.clone().unwrap_or_else(|| "ecs-steward".to_owned()),
    };
    let more = words::prefix(alert.standing.as_deref(), verdict.cause);
    limits::ascii_line(
        &format!("[{}] {more}{}: {about}", loudness(alert), verdict.cause),
        limits::SUBJECT_CHARS,
    )
}

/// The severity, or the word of an incident's end.
fn loudness(alert: &Alert) -> &'static str {
    if alert.is_recovery() { alert.word() } else { alert.verdict.severity.word() }
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
    parts.extend(subject.ec2_instance.as_deref().map(|id| format!("EC2 instance {}", name(id))));
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
