//! What was read of an account, and what follows from it for the checks.

use std::collections::{BTreeMap, BTreeSet};

use shared::aws::account::seen::{
    Attempt, CapacityProviderSeen, ClusterSeen, FunctionSeen, GroupSeen, HookSeen, MappingSeen, NotRead,
    QueueSeen, Read, RuleSeen, SubscriptionSeen, TableSeen,
};
use shared::config::variables::{AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY};
use shared::config::{Config, PolicySource, Vars};
use shared::drain::settings::Settings;
use shared::event::arn::last_part;
use shared::policy::Policy;

/// A function of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Judges stops.
    TaskMonitor,
    /// Drains instances.
    InstanceDrain,
    /// Judges what happens to services.
    ServiceMonitor,
    /// Judges what happens to hosts.
    InstanceMonitor,
    /// Protects instances from scale-in.
    InstanceProtection,
    /// Watches volumes.
    VolumeMonitor,
    /// Looks at clusters.
    ClusterAudit,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::TaskMonitor,
        Self::InstanceDrain,
        Self::ServiceMonitor,
        Self::InstanceProtection,
        Self::VolumeMonitor,
        Self::InstanceMonitor,
        Self::ClusterAudit,
    ];

    /// What the template calls it behind the stack's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TaskMonitor => "task-monitor",
            Self::InstanceDrain => "instance-drain",
            Self::ServiceMonitor => "service-monitor",
            Self::InstanceMonitor => "instance-monitor",
            Self::InstanceProtection => "instance-protection",
            Self::VolumeMonitor => "volume-monitor",
            Self::ClusterAudit => "cluster-audit",
        }
    }
}

/// A function as it is deployed.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// What it does.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its settings.
    pub function: Read<FunctionSeen>,
    /// Its reserved concurrency.
    pub concurrency: Read<Option<u64>>,
    /// What feeds it.
    pub mappings: Read<Vec<MappingSeen>>,
}

/// A simulation of a function's role.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The function's name.
    pub function: String,
    /// Whether alerts go out without it too.
    pub is_optional: bool,
    /// What was tried.
    pub attempt: Attempt,
    /// The actions that are not allowed.
    pub denied: Read<Vec<&'static str>>,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The region.
    pub region: String,
    /// The policy of the functions; none where it is in their package and nobody gave it.
    pub policy: Option<Policy>,
    /// Auto Scaling groups with their hooks.
    pub groups: Read<Vec<GroupSeen>>,
    /// Clusters with their instances.
    pub clusters: Read<Vec<ClusterSeen>>,
    /// Capacity providers over groups.
    pub providers: Read<Vec<CapacityProviderSeen>>,
    /// Our functions.
    pub functions: Vec<Deployed>,
    /// Queues by their ARNs: those that feed a function, and dead-letter queues.
    pub queues: BTreeMap<String, Read<QueueSeen>>,
    /// Rules by the ARN of the queue or function they send to.
    pub rules: BTreeMap<String, Read<Vec<RuleSeen>>>,
    /// Subscriptions by their topic's ARN.
    pub topics: BTreeMap<String, Read<Vec<SubscriptionSeen>>>,
    /// Tables by their names.
    pub tables: BTreeMap<String, Read<TableSeen>>,
    /// What the roles may not do.
    pub simulated: Vec<Simulated>,
}

impl Snapshot {
    /// Why there is nothing to check, where there is not: AWS did not answer one of the first questions.
    pub fn nothing_read(&self) -> Option<&NotRead> {
        let answered = |deployed: &Deployed| !deployed.function.as_ref().is_err_and(|why| !why.is_absent());
        if self.groups.is_ok() || self.clusters.is_ok() || self.functions.iter().any(answered) {
            return None;
        }
        self.groups.as_ref().err()
    }

    /// A function that is there.
    pub fn deployed(&self, role: Role) -> Option<(&Deployed, &FunctionSeen)> {
        let found = self.functions.iter().find(|deployed| deployed.role == role)?;
        Some((found, found.function.as_ref().ok()?))
    }

    /// What a function makes of its environment; none where that is not known.
    pub fn config(&self, role: Role) -> Option<Result<Config, Vec<String>>> {
        let (_, function) = self.deployed(role)?;
        let variables = function.variables.as_ref().ok()?;
        Some(Config::from_vars(&Environment { variables, region: &self.region }))
    }

    /// Which hooks and clusters are meant: what `instance-drain` is told, else the defaults.
    pub fn settings(&self) -> Settings {
        self.config(Role::InstanceDrain).and_then(Result::ok).map(|config| config.drain).unwrap_or_default()
    }

    /// The groups, where they are known.
    pub fn known_groups(&self) -> &[GroupSeen] {
        self.groups.as_deref().unwrap_or_default()
    }

    /// The clusters, where they are known.
    pub fn known_clusters(&self) -> &[ClusterSeen] {
        self.clusters.as_deref().unwrap_or_default()
    }

    /// The capacity providers over a group.
    pub fn providers_of(&self, group: &GroupSeen) -> impl Iterator<Item = &CapacityProviderSeen> {
        let providers = self.providers.as_deref().unwrap_or_default().iter();
        providers.filter(|provider| provider.group == group.arn || provider.group == group.group.name)
    }

    /// The clusters that instances of a group are in or join by a capacity provider.
    pub fn clusters_of(&self, group: &GroupSeen) -> Vec<&ClusterSeen> {
        let providers: BTreeSet<_> =
            self.providers_of(group).map(|provider| provider.name.as_str()).collect();
        let is_home = |cluster: &&ClusterSeen| {
            let by_provider = cluster.capacity_providers.iter().any(|name| providers.contains(name.as_str()));
            let members = cluster.instances.as_ref();
            let has = |members: &BTreeSet<String>| {
                group.group.instances.iter().any(|instance| members.contains(&instance.instance_id))
            };
            by_provider || members.is_ok_and(has)
        };
        self.known_clusters().iter().filter(is_home).collect()
    }

    /// Whether there is a cluster of this name or ARN; none where the clusters are not known.
    pub fn has_cluster(&self, cluster: &str) -> Option<bool> {
        let clusters = self.clusters.as_ref().ok()?;
        Some(clusters.iter().any(|found| found.arn == cluster || found.name == cluster))
    }
}

/// The hooks of a group that hold its terminations for us.
pub fn our_hooks<'a>(group: &'a GroupSeen, settings: &Settings) -> Vec<&'a HookSeen> {
    let hooks = group.hooks.as_deref().unwrap_or_default().iter();
    hooks.filter(|seen| seen.hook.is_terminating() && settings.is_ours(&seen.hook.name)).collect()
}

/// The clusters that hook or tag name for a group's instances, by name or ARN.
pub fn named_clusters(group: &GroupSeen, settings: &Settings) -> Vec<String> {
    let hooks = our_hooks(group, settings);
    let mut named: Vec<_> = hooks.iter().filter_map(|seen| seen.hook.named_cluster()).collect();
    named.extend(group.group.tag(&settings.cluster_tag).map(str::to_owned));
    named.sort();
    named.dedup();
    named
}

/// Whether a list of names and ARNs means a cluster.
pub fn names(list: &[String], cluster: &ClusterSeen) -> bool {
    list.iter().any(|name| last_part(name) == cluster.name)
}

/// The policy that a function is given by its environment; none where it is in its package.
pub fn policy_of(source: &PolicySource) -> Option<Result<Policy, String>> {
    match source {
        PolicySource::Defaults => Some(Ok(Policy::default())),
        PolicySource::Text(text) => Some(Policy::parse(text).map_err(|errors| errors.lines().join("; "))),
        PolicySource::File(_) => None,
    }
}

/// A function's variables, under those that Lambda sets by itself.
struct Environment<'a> {
    /// The function's own.
    variables: &'a BTreeMap<String, String>,
    /// Where it is.
    region: &'a str,
}

impl Vars for Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            AWS_REGION => Some(self.region.to_owned()),
            AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY => Some("set by Lambda".to_owned()),
            name => self.variables.get(name).cloned(),
        }
    }
}
