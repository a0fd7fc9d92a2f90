//! Which hooks are ours, and where instances may be.

use crate::policy::Pattern;

/// The hook of ECS's own managed draining. It answers for itself; completing it for ECS would end its drain.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html>.
pub const MANAGED_DRAINING_HOOK: &str = "ecs-managed-draining-termination-hook";

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

#[cfg(test)]
mod tests {
    use super::{MANAGED_DRAINING_HOOK, Settings};
    use crate::policy::Pattern;

    #[test]
    fn ours_are_those_of_our_names_and_ecss_own_never_is() {
        let defaults = Settings::default();
        for (hook, ours) in [
            ("ecs-steward", true),
            ("ecs-steward-drain", true),
            ("node-drain", false),
            ("", false),
            (MANAGED_DRAINING_HOOK, false),
        ] {
            assert_eq!(defaults.is_ours(hook), ours, "{hook}");
        }
        let all = Settings { hooks: vec![Pattern::new("*")], ..defaults };
        assert!(all.is_ours("node-drain") && !all.is_ours(MANAGED_DRAINING_HOOK));
    }
}
