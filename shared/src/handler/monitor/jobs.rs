//! Jobs that the policy speaks of: how each run ended is remembered, so that one which is missing can be told.

use super::judged::Judged;
use super::{Monitor, Round};
use crate::alert::incident::job::{JobEnd, JobRecord};
use crate::event::TaskStateChange;
use crate::metrics::job::JobRun;
use crate::ports::{AlertTable, Clock, MetricSink, Publisher, TableError, TaskFacts, VerdictBus};
use crate::verdict::Cause;

/// Whether all that is to be remembered of a record beside its verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// It is, or there is nothing.
    Yes,
    /// It is not: the record has to come again.
    No,
}

impl<P, M, C, T, F, B> Monitor<P, M, C, T, F, B>
where
    P: Publisher,
    M: MetricSink,
    C: Clock,
    T: AlertTable,
    F: TaskFacts,
    B: VerdictBus,
{
    /// Remembers how a run of a job ended that the policy speaks of, and counts it.
    pub(super) async fn note_job(
        &self,
        task: Option<&TaskStateChange>,
        judged: &Judged,
        round: &mut Round,
    ) -> Noted {
        let Some((task, cluster, family)) = task.and_then(|task| self.watched_job(task, judged)) else {
            return Noted::Yes;
        };
        let now = self.clock.now();
        let verdict = &judged.alert.verdict;
        let exit_code =
            verdict.exit_code.or_else(|| task.containers.iter().filter_map(|one| one.exit_code).max());
        let end = JobEnd {
            at: task.stopped().unwrap_or(now),
            task: task.task_id().unwrap_or("-").to_owned(),
            succeeded: verdict.cause == Cause::Completed,
            exit_code,
            ran_millis: task.ran_for_millis(),
        };
        if let Some(incidents) = &self.incidents {
            if round.table_failed {
                return Noted::No;
            }
            if let Err(error) = incidents.note_job(cluster, family, &end, now).await {
                round.table_failed(&error);
                return Noted::No;
            }
        }
        let seconds = end.ran_millis.and_then(|millis| u32::try_from(millis / 1_000).ok());
        let exit_code = end.exit_code.and_then(|code| u32::try_from(code).ok());
        round.tally.jobs.push(JobRun { seconds, exit_code, ..JobRun::new(cluster, family, end.succeeded) });
        Noted::Yes
    }

    /// What is known of the jobs of a cluster that the policy speaks of, in the order of
    /// [`Policy::jobs_in`](crate::policy::Policy::jobs_in). Those nobody knows of yet are watched from now on.
    ///
    /// # Errors
    /// [`TableError::Unavailable`], also where there is no table.
    pub async fn jobs_in(&self, cluster: &str, round: &mut Round) -> Result<Vec<JobRecord>, TableError> {
        let names: Vec<_> = self.policy.jobs_in(cluster).map(|job| (cluster, job.family.as_str())).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |why: &str| Err(TableError::Unavailable(why.to_owned()));
        let Some(incidents) = self.incidents.as_ref() else { return failed("there is no alert table") };
        if round.table_failed {
            return failed("it failed before in this invocation");
        }
        let records = incidents.jobs(&names, self.clock.now()).await;
        if let Err(error) = &records {
            round.table_failed(error);
        }
        records
    }

    /// A task that has stopped for good and is a job the policy speaks of, with its cluster and family. What was dealt
    /// with before is noted.
    fn watched_job<'a>(
        &self,
        task: &'a TaskStateChange,
        judged: &Judged,
    ) -> Option<(&'a TaskStateChange, &'a str, &'a str)> {
        let has_ended = task.last_status.as_deref() == Some("STOPPED");
        if !has_ended || judged.alert.verdict.cause == Cause::Duplicate || task.is_service() {
            return None;
        }
        let (cluster, family) = (task.cluster()?, task.family()?);
        self.policy.job(cluster, family).map(|_| (task, cluster, family))
    }
}
