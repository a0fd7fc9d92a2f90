//! The custom notification of Amazon Q Developer in chat applications (Slack, Teams).
//!
//! Schema: <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>: version 1.0,
//! source custom; `threadId` groups what belongs together in one thread.

use serde_json::{Value, json};

use super::limits::{self, FACT_CHARS, name, one_line};
use super::{Alert, archive, text};

/// Log lines in a chat; the others are behind the link.
const LINES: usize = 5;
/// Longest log line in a chat.
const LINE_CHARS: usize = 160;

/// The notification as one line of JSON.
#[must_use]
pub fn json(alert: &Alert) -> String {
    let (verdict, subject) = (&alert.verdict, &alert.subject);
    let facts: Vec<_> =
        limits::facts(&verdict.evidence).iter().map(|fact| format!("• {}", quoted(fact))).collect();
    let summary = quoted(&one_line(&alert.summary(), FACT_CHARS));
    let description = [vec![summary], facts, details(alert)].concat().join("\n");
    let steps: Vec<_> = std::iter::once(verdict.next_step.clone().into_owned())
        .chain(
            alert.links().iter().map(|link| format!("<{}|Open the {} in the console>", link.url, link.name)),
        )
        .collect();
    let context = |text: Option<&str>| Value::from(text.map_or_else(|| "-".to_owned(), name));
    let thread = alert.standing.as_ref().map_or(&*verdict.fingerprint, |standing| &standing.thread);
    let resources: Vec<_> = subject.task_arn.as_deref().map(name).into_iter().collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": format!("{} {}", icon(alert), text::subject(alert)),
            "description": description,
            "nextSteps": steps,
            "keywords": [verdict.severity.word(), verdict.cause.word()],
        },
        "metadata": {
            "threadId": one_line(thread, FACT_CHARS),
            "summary": text::line(alert),
            "eventType": verdict.cause.word(),
            "relatedResources": resources,
            "additionalContext": {
                "severity": verdict.severity.word(),
                "cluster": context(subject.cluster.as_deref()),
                "workload": context(subject.workload()),
            },
        },
    })
    .to_string()
}

/// Image, deployment and memory, logs of hosts, and the last log lines in a code block.
fn details(alert: &Alert) -> Vec<String> {
    let details = &alert.details;
    let facts = [
        ("image", details.image_in_words()),
        ("deployment", details.deployment.map(|deployment| deployment.in_words())),
        ("memory", details.memory.in_words()),
    ];
    let facts =
        facts.into_iter().filter_map(|(label, value)| Some(format!("• {label}: {}", quoted(&value?))));
    let lines: Vec<_> = details
        .last_lines(LINES)
        .iter()
        .map(|line| one_line(line.text(), LINE_CHARS).replace('`', "'"))
        .collect();
    let block = (!lines.is_empty()).then(|| format!("```\n{}\n```", lines.join("\n")));
    let archives = archive::lines(&details.archives).into_iter();
    let archives = archives.map(|line| format!("• logs of the host: {}", quoted(&line)));
    facts.chain(archives).chain(block).collect()
}

/// Text of others as a code span, so that nothing in it is markup or mentions anybody.
fn quoted(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// A sign that is seen before the words are read.
const fn icon(alert: &Alert) -> &'static str {
    match alert.verdict.severity {
        crate::verdict::Severity::High => ":rotating_light:",
        crate::verdict::Severity::Medium => ":warning:",
        crate::verdict::Severity::Low => ":information_source:",
        crate::verdict::Severity::Info => ":white_check_mark:",
    }
}
