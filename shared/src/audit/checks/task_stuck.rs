//! A task does not come to RUNNING.
//!
//! ECS says nothing of it while it waits: for room, for an agent that does not answer, for an image that does not end.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>. Tasks of one
//! workload are one state, so that a service with fifty of them is one alert.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Snapshot, Task, all};
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::event::timestamp::span_in_words;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// Where a task stands before it runs.
const BEFORE_RUNNING: [&str; 3] = ["PROVISIONING", "PENDING", "ACTIVATING"];
/// Tasks that an alert names.
const NAMED: usize = 5;

/// The workload of a task: its service, or its family.
type Workload<'a> = (Option<&'a str>, Option<&'a str>);

/// Every workload with tasks that have not come to RUNNING for long.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, now: Timestamp) -> Read<Vec<State>> {
    // Without these it is not known whether there are tasks to read.
    all(&snapshot.services)?;
    let mut stuck: BTreeMap<Workload<'_>, Vec<&Task>> = BTreeMap::new();
    for task in all(&snapshot.tasks)? {
        if BEFORE_RUNNING.contains(&task.last_status.as_str())
            && is_old(task, policy.audit.task_stuck_after, now)
        {
            let service = task.service();
            stuck
                .entry((service, task.family.as_deref().filter(|_| service.is_none())))
                .or_default()
                .push(task);
        }
    }
    Ok(stuck.into_iter().map(|(workload, tasks)| state(workload, &tasks, policy, now)).collect())
}

/// Whether a task has waited for long; one of which nobody knows since when may have.
fn is_old(task: &Task, limit: Duration, now: Timestamp) -> bool {
    task.created.is_none_or(|created| now.elapsed_since(created) >= limit)
}

/// The state of a workload's tasks.
fn state((service, family): Workload<'_>, tasks: &[&Task], policy: &Policy, now: Timestamp) -> State {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let words = match (service, family) {
        (Some(service), _) => format!("Service {service}"),
        (None, Some(family)) => format!("Job {family}"),
        (None, None) => "A job".to_owned(),
    };
    let thing = Thing { service: owned(service), family: owned(family), words, ..Thing::default() };
    let summary = match tasks.len() {
        1 => "has a task that does not come to RUNNING.".to_owned(),
        count => format!("has {count} tasks that do not come to RUNNING."),
    };
    // Where ECS says since when, the time is over already.
    let is_dated = tasks.iter().any(|task| task.created.is_some());
    let grace = if is_dated { Duration::ZERO } else { policy.audit.task_stuck_after };
    let more = tasks.len().saturating_sub(NAMED);
    State::new(thing, Cause::TaskStuck, Severity::Medium, summary, grace)
        .with(tasks.iter().take(NAMED).map(|task| fact(task, now)))
        .with((more > 0).then(|| format!("and {more} more")))
}

/// A task in words.
fn fact(task: &Task, now: Timestamp) -> String {
    let since = task.created.map_or_else(String::new, |created| {
        format!(" since {created}, {}", span_in_words(now.millis_since(created)))
    });
    let place = match (&task.container_instance, &task.capacity_provider) {
        (Some(instance), _) => format!(", on container instance {}", last_part(instance)),
        (None, Some(provider)) => format!(", waits for capacity provider {provider}"),
        (None, None) => ", not placed yet".to_owned(),
    };
    format!("task {} is {}{since}{place}", last_part(&task.arn), task.last_status)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{State, Task, Timestamp, look};
    use crate::audit::checks::testing::{NOW, snapshot, task};
    use crate::policy::Policy;

    fn waiting(minutes: i64, task: Task) -> Task {
        Task { created: Some(Timestamp::from_millis(NOW.as_millis() - minutes * 60_000)), ..task }
    }

    fn found(tasks: Vec<Task>) -> Vec<State> {
        let mut seen = snapshot();
        seen.tasks = Ok(tasks);
        look(&seen, &Policy::default(), NOW).unwrap()
    }

    #[test]
    fn it_is_stuck_that_does_not_come_to_running() {
        for (status, minutes, want) in [
            ("PENDING", 15, true),
            ("PROVISIONING", 20, true),
            ("ACTIVATING", 16, true),
            ("PENDING", 14, false),
            ("RUNNING", 900, false),
            ("DEACTIVATING", 900, false),
            ("", 900, false),
        ] {
            let one = waiting(minutes, task("t1", "service:web", status, Some("i-1")));
            assert_eq!(found(vec![one]).len(), usize::from(want), "{status} for {minutes} min");
        }
    }

    #[test]
    fn a_task_without_a_date_waits_out_its_time_from_the_first_look_on() {
        let state = found(vec![task("t1", "service:web", "PENDING", None)]).remove(0);
        assert_eq!(state.grace, Duration::from_mins(15));
        let dated = found(vec![waiting(15, task("t1", "service:web", "PENDING", None))]).remove(0);
        assert_eq!(dated.grace, Duration::ZERO);
    }

    #[test]
    fn tasks_of_one_workload_are_one_state() {
        let mut tasks: Vec<_> = (0..7)
            .map(|number| waiting(20, task(&format!("t{number}"), "service:web", "PENDING", Some("i-1"))))
            .collect();
        let job = task("j1", "family:nightly", "PROVISIONING", None);
        tasks.push(waiting(
            30,
            Task { family: Some("nightly".into()), capacity_provider: Some("spot".into()), ..job },
        ));
        let states = found(tasks);
        assert_eq!(states.len(), 2);
        assert_eq!(states[0].thing.words, "Job nightly");
        assert_eq!(
            states[0].facts,
            ["task j1 is PROVISIONING since 2026-11-23T06:35:00Z, 30 min, waits for capacity provider spot"]
        );
        assert_eq!(states[1].finding.summary, "has 7 tasks that do not come to RUNNING.");
        assert_eq!(states[1].facts.len(), 6);
        assert_eq!(states[1].facts[5], "and 2 more");
    }
}
