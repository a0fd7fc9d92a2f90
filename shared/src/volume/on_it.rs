//! The tasks on an instance, in one line.

use std::collections::BTreeMap;

use crate::drain::task::Task;
use crate::event::arn::last_part;

/// Ids of one workload that are named; the others are counted.
const IDS: usize = 3;
/// Workloads that are named; the others are counted.
const WORKLOADS: usize = 10;

/// `service web: 0a1b, 2c3d; family nightly: 4e5f`, for tasks that have not stopped.
#[must_use]
pub fn tasks_in_words(tasks: &[Task]) -> String {
    let mut workloads: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| !task.is_stopped()) {
        let group = task.group.as_deref().unwrap_or("no group").replacen(':', " ", 1);
        workloads.entry(group).or_default().push(last_part(&task.arn));
    }
    if workloads.is_empty() {
        return "none".to_owned();
    }
    let left_out = workloads.len().saturating_sub(WORKLOADS);
    let mut lines: Vec<_> =
        workloads.into_iter().take(WORKLOADS).map(|(group, ids)| of_one(&group, &ids)).collect();
    if left_out > 0 {
        lines.push(format!("and {left_out} more"));
    }
    lines.join("; ")
}

/// One workload with the ids of its tasks.
fn of_one(group: &str, ids: &[&str]) -> String {
    let named = ids.iter().take(IDS).copied().collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(IDS) {
        0 => format!("{group}: {named}"),
        more => format!("{group}: {named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Task, tasks_in_words};

    fn task(id: &str, group: Option<&str>, status: &str) -> Task {
        Task {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/harbor/{id}"),
            group: group.map(str::to_owned),
            last_status: Some(status.to_owned()),
            ..Task::default()
        }
    }

    #[test]
    fn workloads_are_named_with_some_of_their_tasks() {
        let web = |id| task(id, Some("service:web"), "RUNNING");
        for (tasks, want) in [
            (vec![], "none"),
            (vec![task("a", Some("service:web"), "STOPPED")], "none"),
            (vec![web("a")], "service web: a"),
            (
                vec![
                    web("a"),
                    task("n", Some("family:nightly"), "PENDING"),
                    web("b"),
                    web("c"),
                    web("d"),
                    web("e"),
                ],
                "family nightly: n; service web: a, b, c and 2 more",
            ),
            (vec![task("x", None, "RUNNING")], "no group: x"),
        ] {
            assert_eq!(tasks_in_words(&tasks), want);
        }
        let many: Vec<_> = (0..12).map(|n| task("t", Some(&format!("service:s{n:02}")), "RUNNING")).collect();
        assert!(tasks_in_words(&many).ends_with("service s09: t; and 2 more"));
    }
}
