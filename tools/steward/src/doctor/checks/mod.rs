//! The checks, one a file. Each takes what was read and answers findings.

mod clusters;
mod configuration;
pub mod dead_letters;
pub mod delivery;
mod hooks;
mod managed_draining;
pub mod permissions;
mod table;
pub mod topics;

use super::finding::Finding;
use super::snapshot::Snapshot;

/// A check.
type Check = fn(&Snapshot) -> Vec<Finding>;

/// All of them, in the order in which their findings are printed.
const CHECKS: [Check; 9] = [
    hooks::check,
    managed_draining::check,
    clusters::check,
    configuration::check,
    delivery::check,
    dead_letters::check,
    topics::check,
    table::check,
    permissions::check,
];

/// What all checks find, errors first.
pub fn all(snapshot: &Snapshot) -> Vec<Finding> {
    let mut findings: Vec<_> = CHECKS.iter().flat_map(|check| check(snapshot)).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::all;

    #[test]
    fn what_is_well_has_no_findings() {
        assert_eq!(all(&testing::healthy()), vec![]);
    }

    #[test]
    fn what_was_not_read_is_never_well() {
        type Blind = fn(&mut super::Snapshot);
        let blinds: [(&str, Blind); 12] = [
            ("groups", |seen| seen.groups = Err(testing::denied("a:Groups"))),
            ("hooks", |seen| testing::group(seen).hooks = Err(testing::denied("a:Hooks"))),
            ("clusters", |seen| seen.clusters = Err(testing::denied("a:Clusters"))),
            ("instances", |seen| testing::cluster(seen).instances = Err(testing::denied("a:Instances"))),
            ("providers", |seen| seen.providers = Err(testing::denied("a:Providers"))),
            ("function", |seen| seen.functions[0].function = Err(testing::denied("a:Function"))),
            ("mappings", |seen| seen.functions[1].mappings = Err(testing::denied("a:Mappings"))),
            ("concurrency", |seen| seen.functions[1].concurrency = Err(testing::denied("a:Concurrency"))),
            ("queues", |seen| testing::each(&mut seen.queues, "a:Queue")),
            ("rules", |seen| testing::each(&mut seen.rules, "a:Rules")),
            ("topics", |seen| testing::each(&mut seen.topics, "a:Topic")),
            ("tables", |seen| testing::each(&mut seen.tables, "a:Table")),
        ];
        for (name, blind) in blinds {
            let mut snapshot = testing::healthy();
            blind(&mut snapshot);
            let found = all(&snapshot);
            let told = |finding: &super::Finding| {
                finding.word == "not-checked"
                    && finding.permission.is_some_and(|action| action.starts_with("a:"))
            };
            assert!(found.iter().any(told), "{name}: {found:#?}");
        }
    }
}
