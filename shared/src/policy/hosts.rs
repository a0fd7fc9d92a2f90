//! `[hosts]`: how long hosts may be in trouble before people are told.

use std::time::Duration;

use super::Policy;
use crate::verdict::{Cause, Severity};

/// What a team may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// How long an agent may be gone, or health checks without data, before people are told. Agents lose their
    /// connection several times an hour and come back by themselves
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html>).
    pub agent_grace: Duration,
}

impl Default for Hosts {
    fn default() -> Self {
        Self { agent_grace: Duration::from_mins(5) }
    }
}

impl Policy {
    /// Whether some rule makes an alert of a cause: who does not know yet which cluster it is about has to find out.
    #[must_use]
    pub fn may_tell_of(&self, cause: Cause) -> bool {
        let severities = self.rules.iter().filter_map(|rule| rule.severity.get(&cause));
        severities.max().is_some_and(|severity| *severity > Severity::Info)
    }
}
