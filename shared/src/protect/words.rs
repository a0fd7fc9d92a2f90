//! Steps and their reasons in words.

use super::step::{Leave, Step, Wait};

impl Step {
    /// What is next, or why nothing is.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Protect => "protect it from scale-in".to_owned(),
            Self::Hold => "note that it is protected".to_owned(),
            Self::Yield => "note that its protection is not ours any more".to_owned(),
            Self::Idle => "note that its tasks are gone".to_owned(),
            Self::Release => "take its protection back".to_owned(),
            Self::Forget => "take the note on it back".to_owned(),
            Self::Look => "list its tasks: none that counts was seen".to_owned(),
            Self::Keep => "nothing: it is protected, and its tasks are there".to_owned(),
            Self::Wait(wait) => wait.in_words(),
            Self::Leave(leave) => format!("nothing: {}", leave.in_words()),
        }
    }
}

impl Wait {
    /// What is waited for.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Trouble(why) => format!("look again: {why}"),
            Self::Grace => "wait: its tasks went a moment ago, and another may follow".to_owned(),
            Self::Settling => "wait: Auto Scaling may still show what was before our call".to_owned(),
        }
    }
}

impl Leave {
    /// Why it is left alone.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::NothingToProtect => "it runs no task that counts".to_owned(),
            Self::NoGroup => "no Auto Scaling group has it".to_owned(),
            Self::NotInService(state) => format!("Auto Scaling has it as {state}, not InService"),
            Self::NotActive(status) => format!("ECS has it as {status}, not ACTIVE"),
            Self::Managed => {
                "ECS protects the instances of its group (managed termination protection)".to_owned()
            }
            Self::OthersProtection => "somebody else protects it".to_owned(),
            Self::TakenBack => {
                "somebody else decided about its protection; not again until these tasks are gone".to_owned()
            }
            Self::RegisteredTwice => "two container instances say they are this instance".to_owned(),
        }
    }
}
