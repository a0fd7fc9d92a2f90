//! `hooks`: whether a lifecycle hook of ours holds each instance with tasks, and long enough.
//! Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html>.

use std::time::Duration;

use shared::aws::account::seen::{GroupSeen, HookSeen};
use shared::drain::auto_scaling::ActionResult;
use shared::drain::settings::Settings;
use shared::drain::times::RESERVE;
use shared::event::arn::last_part;
use shared::policy::drain::AtDeadline;

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Snapshot, named_clusters, our_hooks};

/// The check's word.
const CHECK: &str = "hooks";
/// With less, one lost tick and a late one end the hook.
const LEAST_HEARTBEAT: Duration = Duration::from_mins(5);

/// Nobody waits for the group's tasks.
const MISSING: Kind = Kind {
    check: CHECK,
    word: "hook-missing",
    severity: Severity::Warning,
    why: "Auto Scaling terminates its instances with whatever runs on them.",
    fix: "Add a hook of ours with infra/hook.yaml, or turn on managed draining of its capacity provider.",
};
/// The hook ends between two heartbeats.
const SHORT: Kind = Kind {
    check: CHECK,
    word: "heartbeat-too-short",
    severity: Severity::Error,
    why: "One lost minute tick and a late one end the hook, and the instance goes with its tasks. Its limit is short too: 100 heartbeat timeouts.",
    fix: "Set the hook's heartbeat timeout to 300 s or more; infra/hook.yaml takes 3600.",
};
/// The policy wants to wait for longer than the hook does.
const BEYOND: Kind = Kind {
    check: CHECK,
    word: "deadline-beyond-hook",
    severity: Severity::Error,
    why: "A hook holds for 100 heartbeat timeouts and 48 h at most. The drain ends ten minutes before that, earlier than the policy allows its tasks.",
    fix: "Raise the hook's heartbeat timeout, or lower the [[drain]] deadline.",
};
/// `at-deadline = "retain"` where abandoning terminates.
const NOT_RETAINING: Kind = Kind {
    check: CHECK,
    word: "retain-without-retention",
    severity: Severity::Error,
    why: "Nothing is retained there: the instance is held to the hook's own limit, and then ended with its tasks.",
    fix: "Set the group's instance lifecycle policy (TerminateHookAbandon: retain), or another at-deadline.",
};
/// A hook that expires lets the instance go.
const CONTINUES: Kind = Kind {
    check: CHECK,
    word: "expires-with-tasks",
    severity: Severity::Warning,
    why: "Where no heartbeat reaches the hook in time, because the function is down, its instance is ended with its tasks.",
    fix: "Set DefaultResult ABANDON and let the group retain (TerminateHookAbandon: retain), so that the instance stays.",
};
/// A hook or tag that leads nowhere.
const NO_CLUSTER: Kind = Kind {
    check: CHECK,
    word: "cluster-unknown",
    severity: Severity::Warning,
    why: "Each look asks for a cluster that does not exist, people are told that drains cannot do their work, and the instances have to be searched for in every other cluster.",
    fix: "Correct the cluster in the hook's NotificationMetadata or in the group's tag.",
};
/// A group that ticks leave out.
const UNTAGGED: Kind = Kind {
    check: CHECK,
    word: "group-untagged",
    severity: Severity::Error,
    why: "With DRAIN_GROUPS=tagged no tick looks at it: a lost event is not made up for, and heartbeats may not come.",
    fix: "Tag the group with its cluster, or set DRAIN_GROUPS to all.",
};

/// Every group that has instances in a cluster, or a hook of ours.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let groups = match &seen.groups {
        Ok(groups) => groups,
        Err(why) => return vec![not_checked(CHECK, "Auto Scaling groups", why)],
    };
    let settings = seen.settings();
    groups.iter().flat_map(|group| check_group(seen, group, &settings)).collect()
}

/// One group.
fn check_group(seen: &Snapshot, group: &GroupSeen, settings: &Settings) -> Vec<Finding> {
    let name = format!("group {}", group.group.name);
    if let Err(why) = &group.hooks {
        return vec![not_checked(CHECK, name, why)];
    }
    let hooks = our_hooks(group, settings);
    let mut found = Vec::new();
    if hooks.is_empty() {
        let clusters = seen.clusters_of(group);
        if !clusters.is_empty() && !seen.providers_of(group).any(|provider| provider.drains) {
            let clusters: Vec<_> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
            let what = format!("instances of {} are held by no hook of ours", clusters.join(", "));
            found.push(MISSING.of(name, what));
        }
        return found;
    }
    for cluster in named_clusters(group, settings) {
        if seen.has_cluster(&cluster) == Some(false) {
            found.push(
                NO_CLUSTER.of(
                    name.clone(),
                    format!("hook or tag names the cluster {cluster}, which does not exist"),
                ),
            );
        }
    }
    if settings.only_tagged && group.group.tag(&settings.cluster_tag).is_none() {
        found.push(UNTAGGED.of(name, format!("it has no tag {}", settings.cluster_tag)));
    }
    found.extend(hooks.into_iter().flat_map(|hook| check_hook(seen, group, hook, settings)));
    found
}

/// One hook of ours.
fn check_hook(seen: &Snapshot, group: &GroupSeen, hook: &HookSeen, settings: &Settings) -> Vec<Finding> {
    let resource = format!("hook {} of group {}", hook.hook.name, group.group.name);
    let (heartbeat, limit) = (hook.hook.heartbeat_timeout, hook.hook.global_timeout);
    let retains = group.group.retains_on_abandon;
    let mut found = Vec::new();
    if heartbeat < LEAST_HEARTBEAT {
        found.push(SHORT.of(resource.clone(), format!("its heartbeat timeout is {}", words(heartbeat))));
    }
    if hook.default_result != ActionResult::Abandon.word() {
        found.push(CONTINUES.of(resource.clone(), format!("its DefaultResult is {}", hook.default_result)));
    } else if !retains {
        let what = "its DefaultResult is ABANDON, and the group does not retain";
        found.push(CONTINUES.of(resource.clone(), what));
    }
    let Some(policy) = &seen.policy else { return found };
    for cluster in cluster_names(seen, group, settings) {
        let drain = policy.drain_of(&cluster, Some(&group.group.name));
        let of = if cluster.is_empty() { String::new() } else { format!(" of cluster {cluster}") };
        let end = limit.saturating_sub(RESERVE);
        if drain.deadline > end {
            let (deadline, end) = (words(drain.deadline), words(end));
            found.push(BEYOND.of(
                resource.clone(),
                format!("the policy's deadline{of} is {deadline}, the hook's end {end}"),
            ));
        }
        match drain.at_deadline {
            AtDeadline::Retain if !retains => {
                let what =
                    format!("the policy{of} says at-deadline = \"retain\", and the group does not retain");
                found.push(NOT_RETAINING.of(resource.clone(), what));
            }
            AtDeadline::Retain | AtDeadline::Continue | AtDeadline::Hold => {}
        }
    }
    found
}

/// The names of the clusters a group's instances are in; an empty one where nobody knows any.
fn cluster_names(seen: &Snapshot, group: &GroupSeen, settings: &Settings) -> Vec<String> {
    let mut names: Vec<_> = seen.clusters_of(group).iter().map(|cluster| cluster.name.clone()).collect();
    names.extend(named_clusters(group, settings).iter().map(|name| last_part(name).to_owned()));
    names.sort();
    names.dedup();
    if names.is_empty() { vec![String::new()] } else { names }
}

/// A time for people.
fn words(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::drain::auto_scaling::Hook;
    use shared::policy::Policy;

    use super::super::super::testing::{self, Case, hook};
    use super::check;

    /// Sets the heartbeat timeout and what follows from it.
    fn beat(hook: &mut Hook, seconds: u64) {
        hook.heartbeat_timeout = Duration::from_secs(seconds);
        hook.global_timeout = Hook::longest_hold(hook.heartbeat_timeout);
    }

    #[test]
    fn each_finding_and_its_absence() {
        let policy = |text: &str| Some(Policy::parse(text).expect("a policy"));
        let cases: [(Case, &[&str]); 13] = [
            (|_| {}, &[]),
            (|seen| beat(&mut hook(seen).hook, 299), &["heartbeat-too-short"]),
            (|seen| beat(&mut hook(seen).hook, 300), &[]),
            // 100 times 30 s less ten minutes are 40 minutes, the default deadline is an hour.
            (|seen| beat(&mut hook(seen).hook, 30), &["heartbeat-too-short", "deadline-beyond-hook"]),
            (|seen| hook(seen).default_result = "CONTINUE".into(), &["expires-with-tasks"]),
            (|seen| testing::group(seen).group.retains_on_abandon = false, &["expires-with-tasks"]),
            (|seen| testing::group(seen).hooks = Ok(vec![]), &["hook-missing"]),
            (|seen| hook(seen).hook.name = "node-drain".into(), &["hook-missing"]),
            (
                |seen| hook(seen).hook.transition = "autoscaling:EC2_INSTANCE_LAUNCHING".into(),
                &["hook-missing"],
            ),
            (
                |seen| hook(seen).hook.notification_metadata = Some(r#"{"cluster":"harbour"}"#.into()),
                &["cluster-unknown"],
            ),
            (|seen| testing::vary(seen, "DRAIN_GROUPS", "tagged"), &["group-untagged"]),
            (|seen| testing::vary(seen, "DRAIN_HOOKS", "other-*"), &["hook-missing"]),
            (
                |seen| {
                    testing::group(seen).hooks = Ok(vec![]);
                    seen.clusters = Ok(vec![]);
                },
                &[],
            ),
        ];
        testing::hold(check, &cases);

        let mut seen = testing::healthy();
        testing::group(&mut seen).group.retains_on_abandon = false;
        seen.policy =
            policy("[[drain]]\ncluster = \"harbor\"\nat-deadline = \"retain\"\ndeadline = \"48h\"\n");
        let words: Vec<_> = check(&seen).iter().map(|finding| finding.word).collect();
        assert_eq!(words, ["expires-with-tasks", "deadline-beyond-hook", "retain-without-retention"]);
        seen.policy = policy("[[drain]]\ncluster = \"quay\"\nat-deadline = \"retain\"\n");
        assert_eq!(check(&seen).len(), 1, "a policy for another cluster");
        seen.policy = None;
        assert_eq!(check(&seen).len(), 1, "a policy nobody knows is held against nothing");
    }

    #[test]
    fn managed_draining_holds_what_no_hook_of_ours_does() {
        let mut seen = testing::healthy();
        testing::group(&mut seen).hooks = Ok(vec![]);
        seen.providers = Ok(vec![testing::provider(true)]);
        assert_eq!(check(&seen), vec![]);
    }
}
