//! The judgement of one event, rule by rule.

use super::rules::RULES;
use super::stop::{Context, Finding, Stop};
use super::{Verdict, judge};
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
pub fn explain(task: &TaskStateChange, policy: &Policy, context: &Context) -> (Vec<Answer>, Verdict) {
    let applied = policy.apply_to(task);
    let stop = Stop::new(task, &applied, context);
    let mut answers = Vec::new();
    for rule in RULES {
        let found = (rule.apply)(&stop);
        let decided = found.is_some();
        answers.push(Answer { rule: rule.name, question: rule.question, found });
        if decided {
            break;
        }
    }
    (answers, judge(task, policy, context))
}
