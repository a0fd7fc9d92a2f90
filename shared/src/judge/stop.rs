//! A stop as the rules see it: the task, what its texts say, and what the policy says of it.

use std::fmt::Write as _;

use super::background::{Background, Draining};
use super::exit_code;
use super::text::{self, TextClass};
use crate::event::timestamp::span_in_words;
use crate::event::{Container, StopCode, TaskStateChange, Timestamp};
use crate::policy::Applied;
use crate::verdict::{Cause, Severity};

/// What judging needs to know beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// When the task stopped, or the present: the time mute windows are held against.
    pub now: Timestamp,
    /// The highest version of this task judged as stopped before.
    pub last_version: Option<i64>,
    /// What is known beyond the event.
    pub background: Option<&'a Background>,
    /// Containers of this task, by name, whose end was judged before while the task ran on.
    pub known_ends: &'a [Box<str>],
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The cause.
    pub cause: Cause,
    /// How loud, before the policy has its say.
    pub severity: Severity,
    /// The container to blame, as an index into the task's list.
    pub culprit: Option<usize>,
    /// What happened, as a sentence whose subject is the task: `was scaled in.`
    pub summary: String,
    /// Why the rule thinks so, beyond the fields themselves.
    pub notes: Vec<String>,
    /// The cause whose next step helps here; mostly the cause itself.
    pub look_at: Cause,
    /// A later rule that finds something louder is right: this is about a container beside it.
    pub yields: bool,
}

impl Finding {
    /// A finding about the task as a whole.
    #[must_use]
    pub fn new(cause: Cause, severity: Severity, summary: impl Into<String>) -> Self {
        Self {
            cause,
            severity,
            culprit: None,
            summary: summary.into(),
            notes: Vec::new(),
            look_at: cause,
            yields: false,
        }
    }

    /// Blames a container.
    #[must_use]
    pub const fn blaming(mut self, culprit: Option<usize>) -> Self {
        self.culprit = culprit;
        self
    }

    /// Lets a later rule decide where it finds something louder.
    #[must_use]
    pub const fn yielding(mut self) -> Self {
        self.yields = true;
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A container with what its reason says and whether the policy counts it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The container.
    pub container: &'a Container,
    /// What its reason says, where that has weight: memory, start and runtime errors.
    pub class: Option<TextClass>,
    /// The policy names it as a sidecar that does not count.
    pub is_sidecar: bool,
    /// Whether its end stops the task; none where the task definition is not known, or does not know it.
    pub essential: Option<bool>,
}

/// The view of a stopped task that every rule gets.
#[derive(Debug)]
pub struct Stop<'a> {
    /// The task.
    pub task: &'a TaskStateChange,
    /// The context of the judgement.
    pub context: &'a Context<'a>,
    /// The policy's rules for this task.
    pub policy: &'a Applied<'a>,
    /// A service keeps the task running; otherwise it is a job.
    pub is_service: bool,
    /// What `stoppedReason` says.
    pub reason: Option<TextClass>,
    /// Every container, in the order of the event.
    pub containers: Vec<Seen<'a>>,
}

impl<'a> Stop<'a> {
    /// Looks at a task.
    #[must_use]
    pub fn new(task: &'a TaskStateChange, policy: &'a Applied<'a>, context: &'a Context<'a>) -> Self {
        let user_wrote = task.stop_code == Some(StopCode::UserInitiated);
        // The caller of StopTask wrote the reason: `user_stop` reads it, and no class is taken from it.
        let reason = task.stopped_reason.as_deref().filter(|_| !user_wrote).and_then(text::classify);
        let seen = |container: &'a Container| Seen {
            container,
            class: container.reason.as_deref().and_then(text::classify).filter(|class| has_weight(*class)),
            is_sidecar: container.name.as_deref().is_some_and(|name| policy.is_sidecar(name)),
            essential: container
                .name
                .as_deref()
                .and_then(|name| context.background?.container(name))
                .map(|defined| defined.essential),
        };
        Self {
            task,
            context,
            policy,
            is_service: task.is_service(),
            reason,
            containers: task.containers.iter().map(seen).collect(),
        }
    }

    /// The task's stop code.
    #[must_use]
    pub fn stop_code(&self) -> Option<&'a StopCode> {
        self.task.stop_code.as_ref()
    }

    /// Indexes of the containers that count. Where the policy names all of them as sidecars, all count.
    pub fn counted(&self) -> impl Iterator<Item = usize> + '_ {
        let none_left = self.containers.iter().all(|seen| seen.is_sidecar);
        (0..self.containers.len()).filter(move |index| none_left || !self.containers[*index].is_sidecar)
    }

    /// The exit code of a container.
    #[must_use]
    pub fn code(&self, index: usize) -> Option<i64> {
        self.containers[index].container.exit_code
    }

    /// The exit code where the policy does not expect it, 0 where it does.
    #[must_use]
    pub fn judged_code(&self, index: usize) -> Option<i64> {
        self.code(index).map(|code| if self.policy.expects(code) { 0 } else { code })
    }

    /// How the instance under the task was being drained, where it is known that it was.
    #[must_use]
    pub fn drained(&self) -> Option<Draining> {
        self.context.background?.drained()
    }

    /// The loudest thing a container did after ECS had asked it to stop, with a note on it.
    #[must_use]
    pub fn while_stopping(&self) -> Option<(usize, Severity, String)> {
        let worst = self.counted().filter_map(|index| Some((index, self.judged_code(index)?)));
        let (index, code) =
            worst.max_by_key(|(_, code)| (exit_code::severity_after_stop(*code), *code == 137))?;
        let name = self.containers[index].container.label();
        let severity = exit_code::severity_after_stop(code);
        if severity > Severity::Info {
            return Some((
                index,
                severity,
                format!("{name} crashed with exit code {code} ({})", exit_code::in_words(code)),
            ));
        }
        let note = match self.task.stop_lag_millis() {
            Some(lag) if code == 137 && lag > 0 => {
                format!(
                    "{name} ignored SIGTERM and was killed {} after the stop was asked for: stopTimeout is too short",
                    span_in_words(lag)
                )
            }
            _ if code == 137 => {
                format!("{name} ignored SIGTERM until it was killed (137): stopTimeout is too short")
            }
            _ => return None,
        };
        Some((index, severity, note))
    }

    /// A finding for a stop somebody asked for: quiet in itself, `low` where a container crashed on the way.
    #[must_use]
    pub fn asked(&self, cause: Cause, severity: Severity, summary: impl Into<String>) -> Finding {
        let finding = Finding::new(cause, severity, summary);
        match self.while_stopping() {
            Some((culprit, stopping, note)) if stopping > severity => {
                let summary = format!("{} On the way out, {note}.", finding.summary);
                Finding { severity: stopping, summary, look_at: Cause::Crashed, ..finding }
                    .blaming(Some(culprit))
            }
            Some((_, _, note)) => finding.noting(note),
            None => finding,
        }
    }

    /// The fields that every verdict rests on, as evidence.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let mut facts = Vec::with_capacity(self.containers.len() + 4);
        facts.push(match self.stop_code() {
            Some(code) => format!("stopCode {code}"),
            None => "no stopCode".to_owned(),
        });
        if let Some(reason) = &self.task.stopped_reason {
            facts.push(format!("stoppedReason: {reason}"));
        }
        for seen in &self.containers {
            facts.push(container_fact(seen));
        }
        if self.containers.is_empty() {
            facts.push("no containers in the event".to_owned());
        }
        facts
    }
}

/// Container texts about anything else than memory, start and runtime say nothing about the stop.
const fn has_weight(class: TextClass) -> bool {
    match class {
        TextClass::OutOfMemory | TextClass::Start(_) => true,
        TextClass::HealthCheck
        | TextClass::Spot
        | TextClass::HostGone
        | TextClass::Scaling
        | TextClass::Draining
        | TextClass::Maintenance
        | TextClass::StoppedByUser
        | TextClass::EssentialExit => false,
    }
}

/// `container app: exit code 137 (SIGKILL), reason: OutOfMemoryError: …`
fn container_fact(seen: &Seen<'_>) -> String {
    let container = seen.container;
    let mut fact = format!("container {}: ", container.label());
    match container.exit_code {
        Some(code) => write!(fact, "exit code {code} ({})", exit_code::in_words(code)),
        None => write!(fact, "no exit code"),
    }
    .unwrap_or_default();
    if let Some(reason) = &container.reason {
        fact.push_str(", reason: ");
        fact.push_str(reason);
    }
    match seen.essential {
        Some(true) => fact.push_str(", essential"),
        Some(false) => fact.push_str(", not essential"),
        None => {}
    }
    if seen.is_sidecar {
        fact.push_str(", a sidecar by policy");
    }
    fact
}
