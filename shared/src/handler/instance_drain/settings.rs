//! Which hooks are ours, and where instances may be.

use super::states::MANAGED_DRAINING_HOOK;
use crate::policy::Pattern;

/// The names our hooks have unless the environment says otherwise.
pub const DEFAULT_HOOKS: &str = "ecs-steward*";
/// The tag that names a group's cluster unless the environment says otherwise.
pub const DEFAULT_CLUSTER_TAG: &str = "ecs-steward:cluster";

/// Which hooks and clusters are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Patterns over the names of our hooks.
    pub hooks: Vec<Pattern>,
    /// Clusters to look in where neither hook nor tag names one; all of the account where this is empty too.
    pub clusters: Vec<String>,
    /// The key of the group's tag that names its cluster.
    pub cluster_tag: String,
    /// Whether a tick looks only at groups that have that tag.
    pub only_tagged: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hooks: vec![Pattern::new(DEFAULT_HOOKS)],
            clusters: Vec::new(),
            cluster_tag: DEFAULT_CLUSTER_TAG.to_owned(),
            only_tagged: false,
        }
    }
}

impl Settings {
    /// Whether a hook is ours. ECS's own never is, whatever the patterns say.
    #[must_use]
    pub fn is_ours(&self, hook: &str) -> bool {
        hook != MANAGED_DRAINING_HOOK && self.hooks.iter().any(|pattern| pattern.matches(hook))
    }
}
