//! The rules, one per file, in the order they are tried. The first that finds something decides.

mod container_exited;
mod duplicate;
mod exit_codes;
mod health_check;
mod infrastructure;
mod not_stopped;
mod out_of_memory;
mod scheduler_stop;
mod start_trouble;
mod unknown;
mod user_stop;

use super::stop::{Finding, Stop};
use crate::verdict::{Cause, Severity};

/// One rule of the order.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, as `steward explain` prints it.
    pub name: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// Its answer: a finding, or nothing where the next rule is to be tried.
    pub apply: fn(&Stop<'_>) -> Option<Finding>,
}

/// The order of judgement. The last rule answers always.
pub const RULES: &[Rule] = &[
    Rule { name: "not-stopped", question: "Has the task not stopped yet?", apply: not_stopped::apply },
    Rule {
        name: "container-exited",
        question: "Did a container fail while the task runs on?",
        apply: container_exited::apply,
    },
    Rule {
        name: "duplicate",
        question: "Was this version, or a later one, judged before?",
        apply: duplicate::apply,
    },
    Rule {
        name: "out-of-memory",
        question: "Does a text say that memory ran out?",
        apply: out_of_memory::apply,
    },
    Rule {
        name: "start-trouble",
        question: "Did the task fail to start, or the runtime fail?",
        apply: start_trouble::apply,
    },
    Rule { name: "health-check", question: "Did a health check fail?", apply: health_check::apply },
    Rule {
        name: "infrastructure",
        question: "Was the capacity under the task taken away?",
        apply: infrastructure::apply,
    },
    Rule {
        name: "scheduler-stop",
        question: "Did the scheduler ask the task to go?",
        apply: scheduler_stop::apply,
    },
    Rule { name: "user-stop", question: "Did somebody ask the task to go?", apply: user_stop::apply },
    Rule { name: "exit-codes", question: "Did a container end by itself?", apply: exit_codes::apply },
    Rule { name: "unknown", question: "None of these: what is left is an alert.", apply: unknown::apply },
];

/// What decides a stop: the finding, and the place of its rule in [`RULES`].
///
/// The first rule that finds something decides, save that a finding which [yields](Finding::yields) gives
/// way to a louder one of a later rule and is noted there.
#[must_use]
pub fn decide(stop: &Stop<'_>) -> (usize, Finding) {
    let mut held: Option<(usize, Finding)> = None;
    for (place, rule) in RULES.iter().enumerate() {
        let Some(mut found) = (rule.apply)(stop) else { continue };
        let yields = found.yields;
        if let Some((_, quieter)) = &held {
            if found.severity > quieter.severity {
                found.notes.push(format!("beside it the task {}", quieter.summary));
            } else if yields {
                continue;
            } else {
                break;
            }
        }
        held = Some((place, found));
        if !yields {
            break;
        }
    }
    held.unwrap_or_else(|| {
        (
            RULES.len() - 1,
            Finding::new(Cause::UnknownStopCode, Severity::Low, "stopped, and no rule answered."),
        )
    })
}

#[cfg(test)]
pub(crate) mod testing;
