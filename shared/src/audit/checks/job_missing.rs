//! A job has not succeeded for longer than the policy lets it.
//!
//! ECS says nothing of a run that never began: a schedule that is off, a role that may not run it, a `RunTask` that
//! failed. So the time since the last success counts, or since the job is watched.

use std::time::Duration;

use crate::alert::incident::job::{JobEnd, JobRecord};
use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Snapshot};
use crate::event::Timestamp;
use crate::event::timestamp::span_in_words;
use crate::policy::Policy;
use crate::policy::job::JobRule;
use crate::verdict::{Cause, Severity};

/// How late a success may be heard of.
const HEARD_WITHIN: Duration = Duration::from_mins(2);

/// Every job that is missing a success.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, now: Timestamp) -> Read<Vec<State>> {
    let mut jobs = policy.jobs_in(&snapshot.cluster.name).peekable();
    if jobs.peek().is_none() {
        return Ok(Vec::new());
    }
    let records = snapshot.jobs.as_ref().map_err(Clone::clone)?;
    Ok(jobs.zip(records).filter_map(|(job, record)| missing(job, record, snapshot, now)).collect())
}

/// The state of a job, where it is missing.
fn missing(job: &JobRule, record: &JobRecord, snapshot: &Snapshot, now: Timestamp) -> Option<State> {
    let every = job.succeeds_every?;
    if now.elapsed_since(record.since()) < every {
        return None;
    }
    let since = match record.succeeded {
        Some(at) => format!("has not succeeded since {at}"),
        None => format!("has not succeeded since it is watched, {}", record.watched_since),
    };
    let summary = format!("{since}, and should every {}.", humantime::format_duration(every));
    let last = record.ended.as_ref().map_or_else(|| "no run of it has ended since".to_owned(), fact);
    let running = snapshot.tasks.iter().flatten().filter(|task| task.is_of_job(&job.family)).count();
    let running = (running > 0).then(|| format!("runs that are under way: {running}"));
    let state = State::new(thing(&job.family), Cause::JobMissing, Severity::Medium, summary, HEARD_WITHIN);
    Some(state.with([last]).with(running))
}

/// A job as what a state is of.
pub(super) fn thing(family: &str) -> Thing {
    Thing { family: Some(family.to_owned()), words: format!("Job {family}"), ..Thing::default() }
}

/// The last run in words.
fn fact(end: &JobEnd) -> String {
    let how = if end.succeeded { "succeeded" } else { "failed" };
    let code = end.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    let ran = end.ran_millis.map(|millis| format!(", after {}", span_in_words(millis))).unwrap_or_default();
    format!("last run: task {} {how} at {}{code}{ran}", end.task, end.at)
}

#[cfg(test)]
mod tests {
    use super::{JobEnd, JobRecord, Policy, State, Timestamp, look};
    use crate::audit::checks::testing::{NOW, snapshot, task};
    use crate::audit::seen::{Task, Unread};

    fn policy() -> Policy {
        let text = "[[job]]\ncluster = \"harbor\"\nfamily = \"nightly\"\nsucceeds-every = \"26h\"\n\
            [[job]]\ncluster = \"harbor\"\nfamily = \"import\"\nruns-at-most = \"1h\"\n";
        Policy::parse(text).unwrap()
    }

    fn ago(hours: i64) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() - hours * 3_600_000)
    }

    fn found(record: JobRecord) -> Vec<State> {
        let mut seen = snapshot();
        seen.jobs = Ok(vec![record, JobRecord::new(ago(900))]);
        seen.tasks = Ok(vec![Task {
            family: Some("nightly".into()),
            ..task("t1", "family:nightly", "RUNNING", None)
        }]);
        look(&seen, &policy(), NOW).unwrap()
    }

    #[test]
    fn it_is_missing_that_has_not_succeeded_in_time() {
        let succeeded = |hours| JobRecord { succeeded: Some(ago(hours)), ..JobRecord::new(ago(900)) };
        for (record, want) in [
            (succeeded(25), false),
            (succeeded(26), true),
            (succeeded(800), true),
            (JobRecord::new(ago(25)), false),
            (JobRecord::new(ago(26)), true),
        ] {
            assert_eq!(found(record.clone()).len(), usize::from(want), "{record:?}");
        }
    }

    #[test]
    fn it_says_how_it_last_ended() {
        let mut record = JobRecord { succeeded: Some(ago(30)), ..JobRecord::new(ago(900)) };
        let ended = JobEnd {
            at: ago(6),
            task: "t0".into(),
            succeeded: false,
            exit_code: Some(1),
            ran_millis: Some(300_000),
        };
        record.ended = Some(ended);
        let state = found(record).remove(0);
        assert_eq!(
            state.finding.summary,
            format!("has not succeeded since {}, and should every 1day 2h.", ago(30))
        );
        assert_eq!(
            state.facts,
            [
                format!("last run: task t0 failed at {}, exit code 1, after 5 min", ago(6)),
                "runs that are under way: 1".into()
            ]
        );
        let never = found(JobRecord::new(ago(30))).remove(0);
        assert_eq!(never.facts[0], "no run of it has ended since");
    }

    #[test]
    fn what_is_not_known_is_not_missing_and_not_well() {
        let mut seen = snapshot();
        seen.jobs = Err(Unread("jobs: the table failed".into()));
        assert!(look(&seen, &policy(), NOW).is_err());
        assert_eq!(look(&seen, &Policy::default(), NOW), Ok(Vec::new()), "nothing is said of jobs");
    }
}
