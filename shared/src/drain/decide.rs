//! The decision itself; ARCHITECTURE.md walks through one under "An instance is scaled in".

use super::auto_scaling::{ActionResult, Hook, LifecycleState};
use super::class::ClassedTask;
use super::container_instance::{ContainerInstance, Status};
use super::marks::{Marks, Stage};
use super::snapshot::{Place, Snapshot, Tasks};
use super::step::{Because, Ending, Leave, Step, Wait};
use super::times::{self, Times};
use crate::event::Timestamp;
use crate::policy::drain::{AtDeadline, DrainPolicy, Treatment};

/// Decides what to do next about one instance. Total and pure: it never guesses from what is missing, and
/// completes a hook only where every task was listed and has stopped, or where the policy says so.
///
/// Without a hook (a drain by hand, a spot warning) it sets DRAINING and watches, and stops nothing.
#[must_use]
pub fn step(seen: &Snapshot, hook: Option<&Hook>, now: Timestamp, policy: &DrainPolicy) -> Step {
    if hook.is_some()
        && let Some(leave) = not_held(seen.state.as_ref())
    {
        return Step::Leave(leave);
    }
    let at = Moment { seen, hook, now, policy };
    match &seen.place {
        Place::Unknown(why) => at.wait_unseen(Because::Trouble(why.clone())),
        Place::NoCluster if hook.is_none() => Step::Leave(Leave::NoCluster),
        Place::NoCluster => match seen.unjoined_since {
            Some(since) if now.elapsed_since(since) >= times::JOINING => {
                Step::Complete(ActionResult::Continue, Ending::NeverJoined)
            }
            Some(_) | None => at.wait(Because::Joining),
        },
        Place::In(instance) => at.of_instance(instance),
    }
}

/// Why no hook holds an instance of this state, where none does.
#[must_use]
pub fn not_held(state: Option<&LifecycleState>) -> Option<Leave> {
    match state {
        None => Some(Leave::Gone),
        Some(LifecycleState::TerminatingWait) => None,
        Some(state @ (LifecycleState::Retained | LifecycleState::Other(_))) => {
            Some(Leave::NotWaiting(state.word().to_owned()))
        }
    }
}

/// What is seen, and when.
#[derive(Clone, Copy)]
struct Moment<'a> {
    /// The instance.
    seen: &'a Snapshot,
    /// The hook that holds it.
    hook: Option<&'a Hook>,
    /// The present.
    now: Timestamp,
    /// How to drain.
    policy: &'a DrainPolicy,
}

impl Moment<'_> {
    /// Of a container instance.
    fn of_instance(self, instance: &ContainerInstance) -> Step {
        let marks = self.marks();
        match &instance.status {
            Status::Active => {
                let fresh = self.fresh_marks(marks);
                let tell = self.news(&fresh).filter(|stage| *stage > Stage::Started);
                return Step::Drain { marks: fresh, heartbeat: self.heartbeat(), tell };
            }
            Status::Draining => {}
            Status::Other(word) => match word.as_ref() {
                // No new task comes to these; whether the old ones have gone is for the lists to say.
                "DEREGISTERING" | "INACTIVE" => {}
                _ => return self.wait_unseen(Because::Status(word.to_string())),
            },
        }
        let marks = match (marks, self.hook) {
            (Some(marks), _) => marks,
            (None, Some(_)) => {
                return Step::Remember { marks: self.fresh_marks(None), heartbeat: self.heartbeat() };
            }
            // Without a hook nothing hangs on when it began.
            (None, None) => Marks { draining: self.now.minus(times::SETTLING), ..self.fresh_marks(None) },
        };
        if marks.stage == Stage::Released && self.hook.is_some() {
            return Step::Leave(Leave::Released);
        }
        if self.now.elapsed_since(marks.draining) < times::SETTLING {
            return self.wait(Because::Settling);
        }
        let tell = self.news(&marks);
        match &self.seen.tasks {
            Tasks::NotListed if self.seen.look_is_due => self.list_tasks(),
            Tasks::NotListed if instance.tasks_count() == 0 && !self.seen.may_still_be_stopping => {
                self.list_tasks()
            }
            Tasks::NotListed if tell > Some(Stage::Started) || self.may_stop_tasks(&marks) => {
                self.list_tasks()
            }
            Tasks::NotListed => {
                self.wait_and_tell(Because::TasksLeft(instance.tasks_count()), Vec::new(), tell)
            }
            Tasks::Unknown(why) => self.wait_and_tell(Because::Trouble(why.clone()), Vec::new(), tell),
            Tasks::Listed { tasks, complete } => self.of_tasks(tasks, *complete, &marks, tell),
        }
    }

    /// Of an instance whose tasks were listed.
    fn of_tasks(self, tasks: &[ClassedTask], complete: bool, marks: &Marks, tell: Option<Stage>) -> Step {
        let unfinished = || tasks.iter().filter(|seen| !seen.task.is_stopped());
        let held_up_by: Vec<_> =
            unfinished().filter(|seen| seen.class.treatment(self.policy) != Treatment::Ignore).collect();
        if held_up_by.is_empty() {
            if !complete {
                return self.wait(Because::Recheck);
            }
            let ignored = unfinished().count();
            if self.hook.is_none() {
                return Step::Drained { ignored };
            }
            if self.collects_logs(marks) {
                return self.wait(Because::Logs);
            }
            let stopped_by_us = tasks.iter().filter(|seen| seen.task.was_stopped_by_us()).count();
            return Step::Complete(ActionResult::Continue, Ending::Drained { stopped_by_us, ignored });
        }
        let Some(hook) = self.hook else {
            return self.wait(Because::Unfinished(held_up_by.len()));
        };
        let times = Times::new(marks.since, hook, self.policy);
        let left = held_up_by.len();
        let Some(end) = self.end_of(&times) else {
            return Step::AskGroup { heartbeat: self.heartbeat() };
        };
        if self.now >= end.at {
            if self.collects_logs(marks) {
                return self.wait_and_tell(Because::Logs, Vec::new(), tell);
            }
            return match end.result {
                ActionResult::Continue => Step::Complete(end.result, Ending::Forced { left }),
                ActionResult::Abandon => Step::Complete(end.result, Ending::Retained { left }),
            };
        }
        let at_the_end = end.result == ActionResult::Continue && self.now >= end.at.minus(times.stop_grace);
        let lasted = self.now.elapsed_since(marks.since);
        let is_due = |seen: &&&ClassedTask| {
            at_the_end
                || matches!(seen.class.treatment(self.policy), Treatment::StopAfter(after) if lasted >= after)
        };
        let stop = held_up_by.iter().filter(is_due).filter(|seen| !seen.task.is_asked_to_stop());
        let stop = stop.map(|seen| seen.task.arn.clone()).collect();
        let tell = if at_the_end && marks.stage < Stage::Deadline { Some(Stage::Deadline) } else { tell };
        self.wait_and_tell(Because::Unfinished(left), stop, tell)
    }

    /// Whether the end waits for the logs of the instance: until their time is over, and never for so long that
    /// the hook's own end comes near.
    fn collects_logs(self, marks: &Marks) -> bool {
        let Some(hook) = self.hook else { return false };
        let end = Times::new(marks.since, hook, self.policy).end;
        self.seen.collecting_until.is_some_and(|until| self.now < until.min(end))
    }

    /// How and when the drain ends with tasks left; none where that hangs on the group, and nobody asked it.
    fn end_of(self, times: &Times) -> Option<End> {
        let forced = |at| Some(End { at, result: ActionResult::Continue });
        match self.policy.at_deadline {
            AtDeadline::Continue => forced(times.deadline),
            AtDeadline::Retain | AtDeadline::Hold => {
                let retained_at =
                    if self.policy.at_deadline == AtDeadline::Retain { times.deadline } else { times.end };
                match self.seen.retains_on_abandon {
                    Some(true) => Some(End { at: retained_at, result: ActionResult::Abandon }),
                    Some(false) => forced(times.end),
                    // It matters only once the end is near.
                    None if self.now < retained_at.minus(times.stop_grace) => forced(times.end),
                    None => None,
                }
            }
        }
    }

    /// Whether the time has come at which tasks may have to be stopped, whatever ECS counts.
    fn may_stop_tasks(self, marks: &Marks) -> bool {
        let Some(hook) = self.hook else { return false };
        let times = Times::new(marks.since, hook, self.policy);
        let lasted = self.now.elapsed_since(marks.since);
        let policy = self.policy;
        let classes = [policy.service, policy.daemon, policy.standalone, policy.protected, policy.agent_gone];
        let stop_after = |treatment: Treatment| match treatment {
            Treatment::StopAfter(after) => Some(after),
            Treatment::Wait | Treatment::Ignore => None,
        };
        let last = match policy.at_deadline {
            AtDeadline::Continue | AtDeadline::Retain => times.deadline,
            AtDeadline::Hold => times.end,
        };
        self.now >= last.minus(times.stop_grace)
            || classes.into_iter().filter_map(stop_after).any(|after| lasted >= after)
    }

    /// The stage to tell of, where time has reached one that was not told.
    fn news(self, marks: &Marks) -> Option<Stage> {
        let times = Times::new(marks.since, self.hook?, self.policy);
        Some(times.stage(self.now)).filter(|stage| *stage > marks.stage)
    }

    /// The marks, where they may be of this drain.
    fn marks(self) -> Option<Marks> {
        self.seen.marks_of_this_drain(self.hook, self.now)
    }

    /// Marks for a drain that begins now, or goes on where the last attempt to set DRAINING failed.
    fn fresh_marks(self, earlier: Option<Marks>) -> Marks {
        // A hook that began longer ago than it waits was kept up by somebody, or the event was of another drain.
        let believed = |since: &Timestamp| {
            self.hook
                .is_some_and(|hook| self.now.elapsed_since(*since) <= hook.heartbeat_timeout + times::TICK)
        };
        let since = self.seen.waiting_since.filter(believed).unwrap_or(self.now).min(self.now);
        // An instance that is being terminated is never put back into service: where it is ACTIVE again, the
        // last attempt to set DRAINING failed or somebody undid it, and the hook's time goes on all the same.
        match earlier.filter(|marks| marks.stage != Stage::Released) {
            Some(marks) => Marks { draining: self.now.to_the_second(), ..marks },
            None => Marks::new(since, self.now),
        }
    }

    /// Whether a heartbeat is due.
    fn heartbeat(self) -> bool {
        let Some(hook) = self.hook else { return false };
        let noted = self.marks().map(|marks| times::last_heard(&marks));
        let last = noted.max(self.seen.last_heartbeat).max(self.seen.waiting_since);
        times::heartbeat_is_due(last, hook, self.now)
    }

    /// Lists the tasks.
    fn list_tasks(self) -> Step {
        Step::ListTasks { heartbeat: self.heartbeat() }
    }

    /// Waits where nothing can be done or seen. People are told of that too, from when the hook is known to hold
    /// the instance, for its time passes all the same.
    fn wait_unseen(self, because: Because) -> Step {
        let since = self.seen.held_since(self.hook, self.now);
        let marks = self.marks().unwrap_or_else(|| Marks::new(since, self.now));
        let told = self.seen.told.unwrap_or(Stage::Started).max(marks.stage);
        let tell = self.news(&Marks { stage: told, ..marks });
        self.wait_and_tell(because, Vec::new(), tell)
    }

    /// Waits, and nothing else.
    fn wait(self, because: Because) -> Step {
        self.wait_and_tell(because, Vec::new(), None)
    }

    /// Waits, stops tasks and tells people.
    fn wait_and_tell(self, because: Because, stop: Vec<String>, tell: Option<Stage>) -> Step {
        Step::Wait(Wait { because, heartbeat: self.heartbeat(), stop, tell })
    }
}

/// How and when a drain ends with tasks left.
struct End {
    /// When.
    at: Timestamp,
    /// Whether the termination goes on.
    result: ActionResult,
}

#[cfg(test)]
mod tests;
