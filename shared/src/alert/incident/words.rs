//! How an incident stands, in words.

use super::course::Notice;
use super::standing::Standing;
use crate::alert::limits::{NAME_CHARS, name, one_line};
use crate::event::timestamp::span_in_words;
use crate::verdict::Cause;

/// `57 more stops, 58 since 2026-05-01T10:00:00Z. Service web on harbor was killed …`: what a person reads first.
#[must_use]
pub fn summary(standing: Option<&Standing>, cause: Cause, verdict: &str) -> String {
    let Some(standing) = standing else { return verdict.to_owned() };
    if cause.is_of_a_state() {
        return of_a_state(standing, verdict);
    }
    let counted = |count| counted(cause, count);
    match standing.notice {
        Notice::Alert => verdict.to_owned(),
        Notice::Louder => format!("Louder than before, after {}: {verdict}", counted(standing.count)),
        Notice::Digest => {
            let (one, more) = nouns(cause);
            let new = format!("{} more {}", standing.new, if standing.new == 1 { one } else { more });
            format!("{new}, {} since {}. {verdict}", standing.count, standing.opened)
        }
        Notice::Recovery => {
            let why = if standing.steady { "the service is steady" } else { "nothing more came" };
            let span = match standing.count {
                1 => String::new(),
                _ => format!(" in {}", span_in_words(standing.lasted_millis())),
            };
            let untold = match standing.new {
                0 => String::new(),
                new => format!(", {new} of them since the last message"),
            };
            let (since, counted) = (standing.last_seen, counted(standing.count));
            format!("Over: {why} since {since}, after {counted}{span}{untold}. It was: {verdict}")
        }
    }
}

/// The same of a state, which is there or not and is not counted.
fn of_a_state(standing: &Standing, verdict: &str) -> String {
    match standing.notice {
        Notice::Alert => verdict.to_owned(),
        Notice::Louder => format!("Louder than before: {verdict}"),
        Notice::Digest => {
            format!("Still so after {}. {verdict}", span_in_words(standing.lasted_millis()))
        }
        Notice::Recovery if standing.steady => {
            let span = span_in_words(standing.over_at.millis_since(standing.opened));
            format!("Over, after {span}. It was: {verdict}")
        }
        Notice::Recovery => {
            format!("Taken for over: nobody has seen it since {}. It was: {verdict}", standing.last_seen)
        }
    }
}

/// What stands between severity and cause in a subject: `57 more, `.
#[must_use]
pub fn prefix(standing: Option<&Standing>, cause: Cause) -> String {
    match standing {
        Some(standing) if standing.notice == Notice::Digest && cause.is_of_a_state() => "still ".to_owned(),
        Some(standing) if standing.notice == Notice::Digest => format!("{} more, ", standing.new),
        Some(_) | None => String::new(),
    }
}

/// Lines with labels, for the body of a text.
#[must_use]
pub fn lines(standing: &Standing, cause: Cause) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if cause.is_of_a_state() {
        lines.push(("Told since", standing.opened.to_string()));
        if standing.next.is_some() {
            let next = "a reminder each day while it goes on, and a word when it is over";
            lines.push(("Next", next.to_owned()));
        }
        lines.extend(thread_lines(standing));
        return lines;
    }
    let lately =
        standing.last_hour.map(|count| format!(", {count} within the last hour")).unwrap_or_default();
    lines.push((
        if counts_stops(cause) { "Stops" } else { "Events" },
        format!("{} since {}{lately}", standing.count, standing.opened),
    ));
    if !standing.tasks.is_empty() {
        let ids: Vec<_> = standing.tasks.iter().map(|id| name(id)).collect();
        lines.push(("Tasks", ids.join(", ")));
    }
    if let Some(next) = standing.next {
        let over = standing.over_at;
        lines.push((
            "Next",
            format!("a digest from {next} on if it goes on; taken for over at {over} if not"),
        ));
    }
    lines.extend(thread_lines(standing));
    lines
}

/// What groups it with others.
fn thread_lines(standing: &Standing) -> impl Iterator<Item = (&'static str, String)> {
    let follows = standing.follows.as_ref().map(|follows| ("Follows", one_line(follows, NAME_CHARS)));
    std::iter::once(("Thread", one_line(&standing.thread, NAME_CHARS))).chain(follows)
}

/// Lines that name what fails, in a storm.
#[must_use]
pub fn members(standing: &Standing) -> Vec<String> {
    let mut lines: Vec<_> = standing
        .members
        .iter()
        .map(|member| {
            let times = if member.count > 1 {
                format!(", {}", counted(member.cause, member.count))
            } else {
                String::new()
            };
            format!("{}: {} ({}){times}", name(&member.workload), member.cause, member.severity)
        })
        .collect();
    if standing.unnamed > 0 {
        lines.push(format!("and {} more", standing.unnamed));
    }
    lines
}

/// What is counted under a cause: one of it, and more.
const fn nouns(cause: Cause) -> (&'static str, &'static str) {
    if counts_stops(cause) { ("stop", "stops") } else { ("event", "events") }
}

/// Whether what is counted under a cause are stops of tasks.
const fn counts_stops(cause: Cause) -> bool {
    !(cause.is_of_a_service() || matches!(cause, Cause::ContainerExited))
}

/// `1 stop`, `2 stops`
fn counted(cause: Cause, count: u64) -> String {
    let (one, more) = nouns(cause);
    format!("{count} {}", if count == 1 { one } else { more })
}
