//! The judgement of one event, rule by rule.

use super::rules::{RULES, decide};
use super::stop::{Context, Finding, Stop};
use super::{Verdict, conclude};
use crate::event::TaskStateChange;
use crate::policy::Policy;

/// What one rule answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The rule's name.
    pub rule: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// What it found, or nothing.
    pub found: Option<Finding>,
}

/// Every rule that was asked, up to the one that decided, and the verdict.
#[must_use]
pub fn explain(task: &TaskStateChange, policy: &Policy, context: &Context<'_>) -> (Vec<Answer>, Verdict) {
    let applied = policy.apply_to(task);
    let stop = Stop::new(task, &applied, context);
    let (deciding, finding) = decide(&stop);
    let mut answers: Vec<_> = RULES[..=deciding]
        .iter()
        .map(|rule| Answer { rule: rule.name, question: rule.question, found: (rule.apply)(&stop) })
        .collect();
    if let Some(last) = answers.last_mut() {
        last.found = Some(finding.clone());
    }
    (answers, conclude(&stop, finding))
}
