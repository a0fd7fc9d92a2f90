//! How a group is asked for.

use crate::auto_scaling::HookPlan;

/// What a group is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPlan {
    /// Its name.
    pub name: String,
    /// How many instances it begins with.
    pub instances: usize,
    /// The cluster they join; none for instances that join none.
    pub cluster: Option<String>,
    /// How many tasks have room on each, those of daemon services not counted.
    pub capacity: usize,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
    /// Whether an abandoned terminate hook leaves the instance running.
    pub retains_on_abandon: bool,
    /// Its hooks.
    pub hooks: Vec<HookPlan>,
    /// Its capacity provider, and whether that protects its instances.
    pub capacity_provider: Option<(String, bool)>,
}

impl GroupPlan {
    /// A group of so many instances that join no cluster, with room for ten tasks each and without hooks.
    #[must_use]
    pub fn named(name: &str, instances: usize) -> Self {
        Self {
            name: name.to_owned(),
            instances,
            cluster: None,
            capacity: 10,
            tags: Vec::new(),
            retains_on_abandon: false,
            hooks: Vec::new(),
            capacity_provider: None,
        }
    }

    /// Whose instances join this cluster.
    #[must_use]
    pub fn in_cluster(mut self, cluster: &str) -> Self {
        self.cluster = Some(cluster.to_owned());
        self
    }

    /// With room for so many tasks on each instance.
    #[must_use]
    pub const fn capacity(mut self, tasks: usize) -> Self {
        self.capacity = tasks;
        self
    }

    /// With a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With a hook.
    #[must_use]
    pub fn hook(mut self, hook: HookPlan) -> Self {
        self.hooks.push(hook);
        self
    }

    /// With a capacity provider, which protects its instances (managed termination protection) or does not.
    #[must_use]
    pub fn capacity_provider(mut self, name: &str, protects: bool) -> Self {
        self.capacity_provider = Some((name.to_owned(), protects));
        self
    }

    /// That keeps instances whose terminate hook was abandoned.
    #[must_use]
    pub const fn retaining(mut self) -> Self {
        self.retains_on_abandon = true;
        self
    }
}
