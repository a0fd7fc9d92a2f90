//! Lifecycle hooks, and the actions by which they hold an instance.

use std::time::Duration;

use shared::drain::auto_scaling::{ActionResult, Hook, TERMINATING};
use shared::event::Timestamp;

use super::HookNo;

/// A lifecycle hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookPlan {
    /// Its name.
    pub name: String,
    /// AWS's word for when it fires.
    pub transition: String,
    /// How long it waits for a heartbeat.
    pub heartbeat_timeout: Duration,
    /// How long it holds an instance at most; by AWS's rule where there is none.
    pub global_timeout: Option<Duration>,
    /// What happens when its time is over.
    pub default_result: ActionResult,
    /// The team's text.
    pub metadata: Option<String>,
}

impl HookPlan {
    /// A terminate hook with a heartbeat timeout of five minutes and the default result ABANDON.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            transition: TERMINATING.to_owned(),
            heartbeat_timeout: Duration::from_mins(5),
            global_timeout: None,
            default_result: ActionResult::Abandon,
            metadata: None,
        }
    }

    /// With this heartbeat timeout.
    #[must_use]
    pub const fn heartbeat_timeout(mut self, span: Duration) -> Self {
        self.heartbeat_timeout = span;
        self
    }

    /// Holding an instance for so long at most.
    #[must_use]
    pub const fn global_timeout(mut self, span: Duration) -> Self {
        self.global_timeout = Some(span);
        self
    }

    /// With this default result.
    #[must_use]
    pub const fn default_result(mut self, result: ActionResult) -> Self {
        self.default_result = result;
        self
    }

    /// With this text.
    #[must_use]
    pub fn metadata(mut self, text: &str) -> Self {
        self.metadata = Some(text.to_owned());
        self
    }

    /// How long it holds an instance at most.
    #[must_use]
    pub fn longest_hold(&self) -> Duration {
        self.global_timeout.unwrap_or_else(|| Hook::longest_hold(self.heartbeat_timeout))
    }

    /// As the port shows it.
    #[must_use]
    pub fn seen_in(&self, group: &str) -> Hook {
        Hook {
            name: self.name.clone(),
            group: group.to_owned(),
            transition: self.transition.clone(),
            heartbeat_timeout: self.heartbeat_timeout,
            global_timeout: self.longest_hold(),
            notification_metadata: self.metadata.clone(),
        }
    }
}

/// A lifecycle action: a hook holds an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The hook.
    pub hook: HookNo,
    /// AWS's name for this hold.
    pub token: String,
    /// When the hold began.
    pub since: Timestamp,
    /// When it ends unless a heartbeat comes.
    pub expires_at: Timestamp,
    /// When it ends whatever comes.
    pub ends_at: Timestamp,
    /// Whether it holds.
    pub active: bool,
    /// Tells an expiry from one that a heartbeat moved.
    pub(crate) turn: u32,
}
