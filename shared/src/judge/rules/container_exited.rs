//! Rule: a container ended with an error while its task runs on.
//!
//! The event does not say which containers are essential. The end of an essential one ends the task
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>), so what ends
//! and leaves its task running is taken for one that is not. Once the task is asked to stop, its containers end
//! because of that, and its final event is judged instead.

use crate::event::timestamp::span_in_words;
use crate::judge::{Cause, Finding, Severity, Stop, exit_code};
use crate::redact;

/// Characters of a container's reason in the sentence; the evidence has all of it.
const REASON_CHARS: usize = 160;

/// `low`, for the first container whose end nobody was told of.
pub(super) fn apply(stop: &Stop<'_>) -> Option<Finding> {
    let index = untold(stop)?;
    let container = stop.containers[index].container;
    let name = container.label();
    let how = match container.exit_code {
        Some(code) => format!("ended with exit code {code} ({})", exit_code::in_words(code)),
        None => "ended and reported no exit code".to_owned(),
    };
    let why =
        container.reason.as_deref().map(|reason| format!(": {}", shortened(reason))).unwrap_or_default();
    let status = stop.task.last_status.as_deref().unwrap_or("RUNNING").trim();
    // A task whose start and whose last change are one event says nothing of its age.
    let up = stop.task.up_for_millis().filter(|millis| *millis >= 1_000);
    let up = up.map(|millis| format!("up for {}", span_in_words(millis)));
    let goes_on = match &up {
        Some(up) => format!("is still {status} ({up})"),
        None => format!("is still {status}"),
    };
    let summary = format!("{goes_on}, but {name} {how}{why}.");
    let mut found = Finding::new(Cause::ContainerExited, Severity::Low, summary).blaming(Some(index));
    found.notes.push(format!("the task runs on: it is {status}, and no stop was asked for"));
    found.notes.extend(up.map(|up| format!("the task is {up}")));
    if stop.essential(index).is_none() {
        found.notes.push(format!(
            "which containers are essential is not in the event; the end of one that is ends the task, so {name} is taken for one that is not"
        ));
    }
    if container.exit_code.is_none() {
        found.notes.push("a missing exit code is not taken for 0".to_owned());
    }
    Some(found)
}

/// The first container that failed in a task that runs on, and whose end was not judged before. None where the
/// task's stop, or a later change, was judged already.
pub(super) fn untold(stop: &Stop<'_>) -> Option<usize> {
    let is_late = stop.task.version.zip(stop.context.last_version).is_some_and(|(own, last)| own <= last);
    if is_late || !runs_on(stop) {
        return None;
    }
    (0..stop.containers.len()).find(|index| failed(stop, *index) && !was_judged(stop, *index))
}

/// Whether the task is on its way up or running, and nobody asked it to stop.
fn runs_on(stop: &Stop<'_>) -> bool {
    let task = stop.task;
    let is = |status: &Option<Box<str>>, word: &str| {
        status.as_deref().is_some_and(|status| status.trim().eq_ignore_ascii_case(word))
    };
    ["PENDING", "ACTIVATING", "RUNNING"].iter().any(|word| is(&task.last_status, word))
        && !is(&task.desired_status, "STOPPED")
        && task.stop_code.is_none()
        && task.stopping_at.is_none()
}

/// Whether a container stopped with a code that is neither 0 nor expected, or without one. A sidecar of the
/// policy does not count, and one that is known to be essential ends the task, whose final event follows.
fn failed(stop: &Stop<'_>, index: usize) -> bool {
    let seen = stop.containers[index];
    let status = seen.container.last_status.as_deref().unwrap_or_default();
    status.trim().eq_ignore_ascii_case("STOPPED")
        && !seen.is_sidecar
        && seen.essential != Some(true)
        && stop.judged_code(index) != Some(0)
}

/// Whether a container's end was judged before.
fn was_judged(stop: &Stop<'_>, index: usize) -> bool {
    let name = stop.containers[index].container.name.as_ref();
    name.is_some_and(|name| stop.context.known_ends.contains(name))
}

/// A reason as part of a sentence. Without its secrets first: one that is cut may not be known for a secret.
fn shortened(reason: &str) -> String {
    let clean = redact::text(reason.trim());
    let clean = clean.trim_end_matches('.');
    match clean.char_indices().nth(REASON_CHARS) {
        Some((end, _)) => format!("{} …", &clean[..end]),
        None => clean.to_owned(),
    }
}

#[cfg(test)]
mod tests;
