//! `clusters`: whether `instance-drain` looks in the clusters whose instances our hooks hold.

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Role, Snapshot, named_clusters, names, our_hooks};

/// The check's word.
const CHECK: &str = "clusters";

/// A name in `DRAIN_CLUSTERS` that leads nowhere.
const UNKNOWN: Kind = Kind {
    check: CHECK,
    word: "cluster-missing",
    severity: Severity::Error,
    why: "An instance that is in no other cluster is held to its hook's limit, since nobody can say that it is not in this one.",
    fix: "Correct DRAIN_CLUSTERS.",
};
/// A cluster that is looked in by nobody.
const LEFT_OUT: Kind = Kind {
    check: CHECK,
    word: "cluster-left-out",
    severity: Severity::Error,
    why: "Its instances are in none of the clusters that are searched: their hook is completed within a minute or two, and they go with their tasks.",
    fix: "Add the cluster to DRAIN_CLUSTERS, or leave the variable out for all clusters.",
};
/// A cluster that only hook or tag lead to.
const NAMED_ONLY: Kind = Kind {
    check: CHECK,
    word: "cluster-named-only",
    severity: Severity::Warning,
    why: "Only the hook's metadata or the group's tag leads there: without it, its instances are let go with their tasks, and a role for DRAIN_CLUSTERS alone may not look there.",
    fix: "Add the cluster to DRAIN_CLUSTERS, or leave the variable out for all clusters.",
};

/// The clusters of the setting, and those of groups with a hook of ours.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let clusters = match &seen.clusters {
        Ok(clusters) => clusters,
        Err(why) => return vec![not_checked(CHECK, "clusters", why)],
    };
    let mut found = Vec::new();
    for cluster in clusters {
        if let Err(why) = &cluster.instances {
            found.push(not_checked(CHECK, format!("cluster {}", cluster.name), why));
        }
    }
    let settings = seen.settings();
    if settings.clusters.is_empty() {
        return found;
    }
    let function = seen.deployed(Role::InstanceDrain).map_or("", |(deployed, _)| &deployed.name);
    for name in &settings.clusters {
        if seen.has_cluster(name) == Some(false) {
            let what = format!("DRAIN_CLUSTERS names {name}, which does not exist");
            found.push(UNKNOWN.of(format!("function {function}"), what));
        }
    }
    for group in seen.known_groups().iter().filter(|group| !our_hooks(group, &settings).is_empty()) {
        let named = named_clusters(group, &settings);
        for cluster in seen.clusters_of(group) {
            if !names(&settings.clusters, cluster) {
                let kind = if names(&named, cluster) { &NAMED_ONLY } else { &LEFT_OUT };
                let what = format!(
                    "group {} has our hook, and DRAIN_CLUSTERS leaves its cluster out",
                    group.group.name
                );
                found.push(kind.of(format!("cluster {}", cluster.name), what));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case, hook};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 6] = [
            (|_| {}, &[]),
            (|seen| testing::vary(seen, "DRAIN_CLUSTERS", "harbor,quay"), &[]),
            (|seen| testing::vary(seen, "DRAIN_CLUSTERS", "harbor,jetty"), &["cluster-missing"]),
            (|seen| testing::vary(seen, "DRAIN_CLUSTERS", "quay"), &["cluster-named-only"]),
            (
                |seen| {
                    testing::vary(seen, "DRAIN_CLUSTERS", "arn:aws:ecs:eu-west-1:111122223333:cluster/quay");
                    hook(seen).hook.notification_metadata = None;
                },
                &["cluster-left-out"],
            ),
            (
                |seen| {
                    testing::vary(seen, "DRAIN_CLUSTERS", "quay");
                    testing::group(seen).hooks = Ok(vec![]);
                },
                &[],
            ),
        ];
        testing::hold(check, &cases);
    }
}
