//! `managed-draining`: what ECS itself does to a group's terminations.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html>.

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Snapshot, our_hooks};

/// The check's word.
const CHECK: &str = "managed-draining";

/// Two hooks wait for the same instance.
const BOTH: Kind = Kind {
    check: CHECK,
    word: "drained-twice",
    severity: Severity::Warning,
    why: "An instance goes only when both hooks were completed, ECS's own and ours; the longer of the two waits counts, and ECS's cannot be shortened or abandoned.",
    fix: "Keep one of them: set managedDraining to DISABLED on the capacity provider, or remove our hook.",
};
/// Protection that ECS does not switch.
const UNSCALED: Kind = Kind {
    check: CHECK,
    word: "protection-without-scaling",
    severity: Severity::Warning,
    why: "Managed termination protection works with managed scaling only: nobody sets or lifts the protection of instances with tasks.",
    fix: "Turn on managed scaling of the capacity provider, or turn managed termination protection off.",
};
/// Protection that new instances do not have.
const UNPROTECTED: Kind = Kind {
    check: CHECK,
    word: "protection-without-instances",
    severity: Severity::Warning,
    why: "ECS lifts and sets the protection only of instances that were launched with it; scale-in may choose the others with their tasks.",
    fix: "Turn on protection from scale-in for new instances of the group, and set it on those that run.",
};

/// Every capacity provider over a group.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let Ok(providers) = &seen.providers else {
        return seen
            .providers
            .as_ref()
            .err()
            .map(|why| not_checked(CHECK, "capacity providers", why))
            .into_iter()
            .collect();
    };
    let settings = seen.settings();
    let mut found = Vec::new();
    for provider in providers {
        let of_group = |name: &str| provider.group == name;
        let group =
            seen.known_groups().iter().find(|group| of_group(&group.arn) || of_group(&group.group.name));
        let Some(group) = group else { continue };
        let resource = format!("capacity provider {} of group {}", provider.name, group.group.name);
        if let (true, Some(hook)) = (provider.drains, our_hooks(group, &settings).first()) {
            let what = format!("managedDraining is ENABLED, and our hook {} is there too", hook.hook.name);
            found.push(BOTH.of(resource.clone(), what));
        }
        if provider.protects && !provider.scales {
            let what = "managedTerminationProtection is ENABLED without managed scaling";
            found.push(UNSCALED.of(resource.clone(), what));
        }
        if provider.protects && !group.protects_new {
            let what = "managedTerminationProtection is ENABLED, and the group launches instances without protection";
            found.push(UNPROTECTED.of(resource, what));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 6] = [
            (|_| {}, &[]),
            (|seen| seen.providers = Ok(vec![testing::provider(true)]), &["drained-twice"]),
            (|seen| seen.providers = Ok(vec![testing::provider(false)]), &[]),
            (
                |seen| {
                    testing::group(seen).hooks = Ok(vec![]);
                    seen.providers = Ok(vec![testing::provider(true)]);
                },
                &[],
            ),
            (
                |seen| {
                    let provider = testing::provider(false);
                    testing::group(seen).protects_new = true;
                    seen.providers = Ok(vec![super::super::super::testing::protecting(provider, false)]);
                },
                &["protection-without-scaling"],
            ),
            (
                |seen| seen.providers = Ok(vec![testing::protecting(testing::provider(false), true)]),
                &["protection-without-instances"],
            ),
        ];
        testing::hold(check, &cases);
    }
}
