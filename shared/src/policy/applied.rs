//! The part of a policy that speaks of one task.

use super::{Mute, Rule};
use crate::event::Timestamp;
use crate::verdict::{Cause, Severity};

/// The rules and mutes whose scope holds a task, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Applied<'a> {
    /// Rules that name the task.
    pub(super) rules: Vec<&'a Rule>,
    /// Mutes that name the task, open or not.
    pub(super) mutes: Vec<&'a Mute>,
}

impl Applied<'_> {
    /// Whether an exit code is as good as 0.
    #[must_use]
    pub fn expects(&self, code: i64) -> bool {
        self.rules.iter().any(|rule| rule.expected_exit_codes.contains(&code))
    }

    /// Whether a container's end does not count.
    #[must_use]
    pub fn is_sidecar(&self, container: &str) -> bool {
        self.rules.iter().flat_map(|rule| &rule.sidecars).any(|pattern| pattern.matches(container))
    }

    /// The severity the policy sets for a cause; the last rule wins.
    #[must_use]
    pub fn severity(&self, cause: Cause) -> Option<Severity> {
        self.rules.iter().rev().find_map(|rule| rule.severity.get(&cause).copied())
    }

    /// Why nobody is to be told, where nobody is.
    #[must_use]
    pub fn silence(&self, cause: Cause, now: Timestamp) -> Option<String> {
        if let Some(reason) = self.rules.iter().find_map(|rule| rule.quiet.as_deref()) {
            return Some(format!("policy: quiet, {reason}"));
        }
        self.mutes.iter().find(|mute| mute.is_open(cause, now)).map(|mute| mute.in_words())
    }
}
