//! What became of one invocation and of each of its instances, for logs and for people.

use super::news::task_in_words;
use super::target::{Deed, Purpose, Target};
use crate::drain::words::tasks;
use crate::drain::{Because, Leave, Step, Wait};
use crate::event::arn::last_part;
use crate::handler::HandlerError;
use crate::policy::Policy;
use crate::policy::drain::Treatment;

/// What became of one instance in one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// For example `i-0a1b2c3d4e5f60718`.
    pub instance_id: String,
    /// Why it was looked at.
    pub purpose: Purpose,
    /// Its group's name.
    pub group: Option<String>,
    /// Its cluster, by name or ARN.
    pub cluster: Option<String>,
    /// ECS's count of its tasks.
    pub tasks: Option<i64>,
    /// What is next; none where not enough was seen to decide.
    pub step: Option<Step>,
    /// What was done.
    pub done: Vec<Deed>,
    /// What went wrong.
    pub trouble: Option<String>,
    /// The tasks it waits for and what keeps each, in words; empty where they were not listed.
    pub blockers: Vec<String>,
}

/// What became of one invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each instance that was looked at.
    pub rows: Vec<Row>,
    /// Calls that AWS refused, in words; with the IAM action where that is what is missing.
    pub refused: Vec<String>,
    /// The first of these, where people could not be told.
    pub untold: Option<String>,
    /// Whether something was not asked only because our share of the account's calls is used up for now.
    pub starved: bool,
}

impl Report {
    /// Why the record that asked for this instance, or for all, has to come again. Nearly nothing does: the
    /// next tick looks anew, and what AWS refuses is told. But where that could not be told it must show as an
    /// error of the function, and a spot warning comes once.
    pub(super) fn failure_of(&self, instance: Option<&str>) -> Option<HandlerError> {
        if let Some(untold) = &self.untold {
            return Some(HandlerError::Publish(untold.clone()));
        }
        let row = self.rows.iter().find(|row| Some(row.instance_id.as_str()) == instance)?;
        let why = match &row.step {
            Some(Step::Drain { .. }) if !row.done.contains(&Deed::SetDraining) => row.trouble.as_deref(),
            Some(Step::Wait(Wait { because: Because::Trouble(why), .. })) => Some(why.as_str()),
            _ => None,
        };
        why.filter(|_| row.purpose == Purpose::Spot).map(|why| HandlerError::Aws(why.to_owned()))
    }
}

impl Row {
    /// What is next or why it waits, for people: what is decided, less what was done about it.
    #[must_use]
    pub fn next_in_words(&self) -> String {
        let did = |deed| self.done.contains(&deed);
        let Some(step) = &self.step else { return "look again: too little was seen to decide".to_owned() };
        let main = match step {
            Step::Drain { .. } if did(Deed::SetDraining) => "wait until its tasks have stopped".to_owned(),
            Step::Complete(_, ending) if did(Deed::Completed) => format!("nothing: {}", ending.in_words()),
            Step::Complete(..) if did(Deed::WasOver) => {
                "nothing: no hook of ours holds it any more".to_owned()
            }
            Step::Leave(Leave::NoCluster) => format!("nothing: {}", self.not_found()),
            Step::Drain { .. }
            | Step::Remember { .. }
            | Step::ListTasks { .. }
            | Step::AskGroup { .. }
            | Step::Wait(_)
            | Step::Complete(..)
            | Step::Drained { .. }
            | Step::Leave(_) => step.in_words(),
        };
        let mut parts = Vec::new();
        if step.heartbeat() && !did(Deed::Heartbeat) {
            parts.push("extend the hook's time".to_owned());
        }
        if let Step::Wait(Wait { stop, .. }) = step
            && !stop.is_empty()
            && !did(Deed::StoppedTasks)
        {
            parts.push(format!("ask {} to stop", tasks(stop.len())));
        }
        parts.push(main);
        parts.join("; ")
    }

    /// What went wrong with it, or what nobody could find out.
    #[must_use]
    pub fn trouble_in_words(&self) -> Option<&str> {
        let why = match &self.step {
            Some(Step::Wait(Wait { because: Because::Trouble(why), .. })) => Some(why.as_str()),
            _ => None,
        };
        self.trouble.as_deref().or(why)
    }

    /// Where it was not found.
    fn not_found(&self) -> String {
        let cluster = Leave::NoCluster.in_words();
        match &self.group {
            Some(group) => format!("{cluster}, though the Auto Scaling group {group} has it"),
            None => format!("{cluster}, and no Auto Scaling group either"),
        }
    }

    /// The one wide line of each instance.
    pub(super) fn log(&self) {
        tracing::info!(
            instance = self.instance_id,
            group = self.group.as_deref(),
            cluster = self.cluster.as_deref(),
            tasks = self.tasks,
            step = ?self.step,
            next = self.next_in_words(),
            done = ?self.done,
            trouble = self.trouble.as_deref(),
            "looked"
        );
    }
}

impl Target {
    /// What became of it.
    pub(super) fn into_row(self, policy: &Policy) -> Row {
        let tasks = self.found().map(|(_, instance)| instance.tasks_count());
        let policy =
            policy.drain_of(last_part(self.cluster.as_deref().unwrap_or_default()), self.group.as_deref());
        let waited_for =
            self.seen.unfinished().filter(|seen| seen.class.treatment(&policy) != Treatment::Ignore);
        let blockers = waited_for.map(task_in_words).collect();
        Row {
            instance_id: self.seen.instance_id,
            purpose: self.wish.purpose,
            group: self.group,
            cluster: self.cluster,
            tasks,
            step: self.step,
            done: self.done,
            trouble: self.trouble,
            blockers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::drain::auto_scaling::ActionResult;
    use crate::drain::{Because, Ending, Leave, Marks, Stage, Step, Wait};
    use crate::event::Timestamp;
    use crate::handler::instance_drain::{Deed, Purpose};

    fn row(step: Option<Step>, done: &[Deed]) -> Row {
        Row {
            instance_id: "i-0a1b2c3d".into(),
            purpose: Purpose::Asked,
            group: Some("blue".into()),
            cluster: Some("harbor".into()),
            tasks: Some(2),
            step,
            done: done.to_vec(),
            trouble: None,
            blockers: Vec::new(),
        }
    }

    #[test]
    fn what_is_done_is_no_longer_next() {
        let now = Timestamp::from_millis(0);
        let marks = Marks { since: now, draining: now, stage: Stage::Begun, heartbeat: None };
        let drain = || Some(Step::Drain { marks, heartbeat: true, tell: None });
        let stop = vec!["a".to_owned(), "b".to_owned()];
        let wait = Wait { because: Because::Unfinished(2), heartbeat: false, stop, tell: None };
        let drained = Ending::Drained { stopped_by_us: 0, ignored: 0 };
        let complete = || Some(Step::Complete(ActionResult::Continue, drained.clone()));
        for (step, done, want) in [
            (drain(), &[][..], "extend the hook's time; set DRAINING"),
            (drain(), &[Deed::Heartbeat, Deed::SetDraining], "wait until its tasks have stopped"),
            (Some(Step::Wait(wait)), &[], "ask 2 tasks to stop; wait for 2 tasks that have not stopped"),
            (complete(), &[], "let the termination go on (CONTINUE): every task has stopped"),
            (complete(), &[Deed::Completed], "nothing: every task has stopped"),
            (complete(), &[Deed::WasOver], "nothing: no hook of ours holds it any more"),
            (None, &[], "look again: too little was seen to decide"),
        ] {
            assert_eq!(row(step, done).next_in_words(), want);
        }
        let mut lost = row(Some(Step::Leave(Leave::NoCluster)), &[]);
        assert_eq!(
            lost.next_in_words(),
            "nothing: none of the ECS clusters that were searched has it, though the Auto Scaling group blue has it"
        );
        lost.group = None;
        assert_eq!(
            lost.next_in_words(),
            "nothing: none of the ECS clusters that were searched has it, and no Auto Scaling group either"
        );
    }

    #[test]
    fn what_nobody_could_find_out_is_trouble() {
        let because = Because::Trouble("throttled".into());
        let wait = Wait { because, heartbeat: false, stop: Vec::new(), tell: None };
        let mut row = row(Some(Step::Wait(wait)), &[]);
        assert_eq!((row.next_in_words().as_str(), row.trouble_in_words()), ("look again", Some("throttled")));
        row.trouble = Some("first".into());
        assert_eq!(row.trouble_in_words(), Some("first"));
    }
}
