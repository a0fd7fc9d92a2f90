//! A run of a job takes longer than the policy lets it.

use std::time::Duration;

use super::job_missing::thing;
use crate::audit::finding::State;
use crate::audit::seen::{Read, Snapshot, Task, all};
use crate::event::Timestamp;
use crate::event::arn::last_part;
use crate::event::timestamp::span_in_words;
use crate::policy::Policy;
use crate::policy::job::JobRule;
use crate::verdict::{Cause, Severity};

/// Runs that an alert names.
const NAMED: usize = 5;

/// Whether the tasks of a cluster have to be read for it.
#[must_use]
pub fn has_limits(cluster: &str, policy: &Policy) -> bool {
    policy.jobs_in(cluster).any(|job| job.runs_at_most.is_some())
}

/// Every job with a run that takes too long.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, now: Timestamp) -> Read<Vec<State>> {
    let cluster = &snapshot.cluster.name;
    if !has_limits(cluster, policy) {
        return Ok(Vec::new());
    }
    let tasks = all(&snapshot.tasks)?;
    Ok(policy.jobs_in(cluster).filter_map(|job| overrunning(job, tasks, now)).collect())
}

/// The state of a job, where a run of it takes too long.
fn overrunning(job: &JobRule, tasks: &[Task], now: Timestamp) -> Option<State> {
    let limit = job.runs_at_most?;
    let is_long = |started: Timestamp| now.elapsed_since(started) >= limit;
    let of_job = tasks.iter().filter(|task| task.is_of_job(&job.family));
    let mut long: Vec<_> = of_job
        .filter_map(|task| task.started.filter(|at| is_long(*at)).map(|at| (at, last_part(&task.arn))))
        .collect();
    long.sort_unstable();
    let runs = match long.len() {
        0 => return None,
        1 => "runs".to_owned(),
        count => format!("has {count} runs that last"),
    };
    let summary = format!("{runs} for more than {}.", humantime::format_duration(limit));
    let fact = |(at, task): &(Timestamp, &str)| {
        format!("task {task} runs since {at}, {}", span_in_words(now.millis_since(*at)))
    };
    let more = long.len().saturating_sub(NAMED);
    let state =
        State::new(thing(&job.family), Cause::JobOverrunning, Severity::Medium, summary, Duration::ZERO);
    Some(state.with(long.iter().take(NAMED).map(fact)).with((more > 0).then(|| format!("and {more} more"))))
}

#[cfg(test)]
mod tests {
    use super::{Policy, State, Task, Timestamp, look};
    use crate::audit::checks::testing::{NOW, snapshot, task};
    use crate::audit::seen::Unread;

    fn policy() -> Policy {
        Policy::parse("[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nruns-at-most = \"90m\"\n")
            .unwrap()
    }

    fn run(id: &str, group: &str, minutes: Option<i64>) -> Task {
        let started = minutes.map(|minutes| Timestamp::from_millis(NOW.as_millis() - minutes * 60_000));
        Task { family: Some("nightly".into()), started, ..task(id, group, "RUNNING", None) }
    }

    fn found(tasks: Vec<Task>) -> Vec<State> {
        let mut seen = snapshot();
        seen.tasks = Ok(tasks);
        look(&seen, &policy(), NOW).unwrap()
    }

    #[test]
    fn a_run_is_held_to_its_time() {
        for (task, want) in [
            (run("t", "family:nightly", Some(90)), true),
            (run("t", "family:nightly", Some(89)), false),
            (run("t", "family:nightly", None), false),
            (run("t", "service:nightly", Some(900)), false),
            (Task { family: Some("other".into()), ..run("t", "family:other", Some(900)) }, false),
            (Task { last_status: "STOPPED".into(), ..run("t", "family:nightly", Some(900)) }, false),
        ] {
            assert_eq!(found(vec![task.clone()]).len(), usize::from(want), "{task:?}");
        }
    }

    #[test]
    fn runs_of_a_job_are_one_state_with_the_oldest_first() {
        let runs = (0..7).map(|n| run(&format!("t{n}"), "family:nightly", Some(100 + n))).collect();
        let state = found(runs).remove(0);
        assert_eq!(state.finding.summary, "has 7 runs that last for more than 1h 30m.");
        assert!(
            state.facts[0].starts_with("task t6 runs since ") && state.facts[5] == "and 2 more",
            "{state:?}"
        );
        assert_eq!(
            found(vec![run("t", "family:nightly", Some(95))])[0].finding.summary,
            "runs for more than 1h 30m."
        );
    }

    #[test]
    fn unread_tasks_are_not_well() {
        let mut seen = snapshot();
        seen.tasks = Err(Unread("tasks: throttled".into()));
        assert!(look(&seen, &policy(), NOW).is_err() && look(&seen, &Policy::default(), NOW).is_ok());
    }
}
