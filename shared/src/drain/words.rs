//! Steps and their reasons in words, for people who read them at night.

use super::auto_scaling::ActionResult;
use super::step::{Because, Ending, Leave, Step, Wait};

impl Step {
    /// What is next, or why it waits.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Leave(leave) => format!("nothing: {}", leave.in_words()),
            Self::Drain { .. } => "set DRAINING".to_owned(),
            Self::Remember { .. } => "note on it since when it drains, then watch its tasks".to_owned(),
            Self::ListTasks { .. } => "list its tasks".to_owned(),
            Self::AskGroup { .. } => "ask whether its group retains what is abandoned".to_owned(),
            Self::Wait(Wait { because, .. }) => because.in_words(),
            Self::Complete(ActionResult::Continue, ending) => {
                format!("let the termination go on (CONTINUE): {}", ending.in_words())
            }
            Self::Complete(ActionResult::Abandon, ending) => {
                format!("abandon the termination (ABANDON): {}", ending.in_words())
            }
            Self::Drained { ignored } => {
                format!("nothing: {}; no hook of ours holds it", all_stopped(*ignored))
            }
        }
    }
}

impl Because {
    /// What it waits for.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Joining => "wait: it is in no cluster yet and may still join one".to_owned(),
            Self::Trouble(_) => "look again".to_owned(),
            Self::Status(word) => format!("wait: its status is {word}, which cannot be set to DRAINING"),
            Self::Settling => "wait: DRAINING was set a moment ago".to_owned(),
            Self::TasksLeft(0) => {
                "wait: ECS counts no task any more, but some may still be stopping".to_owned()
            }
            Self::TasksLeft(count) => {
                let tasks = tasks(usize::try_from(*count).unwrap_or_default());
                format!("wait for {tasks} by ECS's count")
            }
            Self::Unfinished(count) => {
                let have = if *count == 1 { "has" } else { "have" };
                format!("wait for {} that {have} not stopped", tasks(*count))
            }
            Self::Recheck => "list all its tasks: those seen before have stopped".to_owned(),
            Self::Logs => "wait: its drain is over, and its logs are being collected".to_owned(),
        }
    }
}

impl Ending {
    /// Why the lifecycle action is completed.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::NeverJoined => "it never joined a cluster".to_owned(),
            Self::Drained { stopped_by_us: 0, ignored } => all_stopped(*ignored),
            Self::Drained { stopped_by_us, ignored } => {
                format!("{}, {} at our request", all_stopped(*ignored), tasks(*stopped_by_us))
            }
            Self::Forced { left } => format!("the time is over, with {} left", tasks(*left)),
            Self::Retained { left } => {
                format!("the time is over; its group retains it with {} running", tasks(*left))
            }
        }
    }
}

impl Leave {
    /// Why nothing is to be done.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Gone => "no Auto Scaling group has it (any more)".to_owned(),
            Self::NotWaiting(state) => format!("Auto Scaling has it as {state}, so no hook holds it"),
            Self::Released => "our hook is done with it, another one still holds it".to_owned(),
            Self::NoHookOfOurs(others) if others.is_empty() => "its group has no terminate hook".to_owned(),
            Self::NoHookOfOurs(others) => {
                format!("none of its group's terminate hooks is ours: {}", others.join(", "))
            }
            Self::NoCluster => "none of the ECS clusters that were searched has it".to_owned(),
        }
    }
}

/// `every task has stopped`, save those that do not count.
fn all_stopped(ignored: usize) -> String {
    match ignored {
        0 => "every task has stopped".to_owned(),
        ignored => format!("every task has stopped but {} the policy ignores", tasks(ignored)),
    }
}

/// `1 task`, `2 tasks`.
#[must_use]
pub fn tasks(count: usize) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}

#[cfg(test)]
mod tests {
    use crate::drain::auto_scaling::ActionResult::{Abandon, Continue};
    use crate::drain::{Because, Ending, Leave, Step, Wait};

    #[test]
    fn a_step_says_what_is_next_or_why_it_waits() {
        let wait = |because| Step::Wait(Wait { because, heartbeat: false, stop: Vec::new(), tell: None });
        let drained = |stopped_by_us, ignored| Ending::Drained { stopped_by_us, ignored };
        for (step, want) in [
            (
                wait(Because::TasksLeft(0)),
                "wait: ECS counts no task any more, but some may still be stopping",
            ),
            (wait(Because::TasksLeft(1)), "wait for 1 task by ECS's count"),
            (wait(Because::Logs), "wait: its drain is over, and its logs are being collected"),
            (wait(Because::Unfinished(1)), "wait for 1 task that has not stopped"),
            (wait(Because::Unfinished(3)), "wait for 3 tasks that have not stopped"),
            (Step::Drained { ignored: 0 }, "nothing: every task has stopped; no hook of ours holds it"),
            (
                Step::Drained { ignored: 1 },
                "nothing: every task has stopped but 1 task the policy ignores; no hook of ours holds it",
            ),
            (
                Step::Complete(Continue, drained(2, 0)),
                "let the termination go on (CONTINUE): every task has stopped, 2 tasks at our request",
            ),
            (
                Step::Complete(Abandon, Ending::Retained { left: 1 }),
                "abandon the termination (ABANDON): the time is over; its group retains it with 1 task running",
            ),
            (
                Step::Leave(Leave::NoHookOfOurs(vec!["a".into(), "b".into()])),
                "nothing: none of its group's terminate hooks is ours: a, b",
            ),
        ] {
            assert_eq!(step.in_words(), want);
        }
    }
}
