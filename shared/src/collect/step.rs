//! What to do next about one collection.

use std::time::Duration;

use crate::drain::Stage;
use crate::event::Timestamp;

/// Where a command stands.
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not ended.
    Running,
    /// It did all it should.
    Success,
    /// It ended otherwise, in AWS's own word: `Failed`, `TimedOut`, `DeliveryTimedOut`, `Undeliverable`.
    Ended(String),
}

impl State {
    /// From AWS's word, the long form or the short one. What is not known to have ended is running.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        match word.as_str() {
            "Success" => Self::Success,
            "Cancelled" | "TimedOut" | "DeliveryTimedOut" | "ExecutionTimedOut" | "Failed"
            | "Undeliverable" | "Terminated" | "InvalidPlatform" | "AccessDenied" => Self::Ended(word),
            _ => Self::Running,
        }
    }
}

/// A command that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// What is known of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Nobody asked yet.
    #[default]
    Nothing,
    /// Somebody asked, and there is no command.
    NotSent,
    /// There is one.
    Sent(Sent),
    /// Asking or sending failed in a way that may pass; whether there is a command is not known.
    Unsure(String),
    /// Systems Manager will not, said when people were told of this stage.
    Refused(Stage, String),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is to be collected.
    Nothing,
    /// Ask Systems Manager for the command.
    Look,
    /// Send the command.
    Start,
    /// It runs, and may until then.
    Wait(Timestamp),
    /// The archive is there.
    Done,
    /// There will be none that anybody waits for.
    GaveUp(String),
}

/// Decides. `stuck` is the stage people were or are to be told of, none where the drain is not stuck; `ending`
/// says whether all is over but the completion: then nothing is begun. `asked` says whether it was asked for
/// in this invocation: one question is enough.
#[must_use]
pub fn step(
    known: &Known,
    stuck: Option<Stage>,
    ending: bool,
    asked: bool,
    within: Duration,
    now: Timestamp,
) -> Step {
    let Some(stage) = stuck else { return Step::Nothing };
    match known {
        Known::NotSent if ending => Step::Nothing,
        Known::NotSent => Step::Start,
        Known::Sent(Sent { state: State::Success, .. }) => Step::Done,
        Known::Sent(Sent { state: State::Ended(word), .. }) => {
            Step::GaveUp(format!("the command ended as {word}"))
        }
        Known::Sent(Sent { at, state: State::Running }) => {
            let until = at.plus(within);
            if now >= until {
                Step::GaveUp(format!("it was not done within {} min", within.as_secs() / 60))
            } else if asked {
                Step::Wait(until)
            } else {
                Step::Look
            }
        }
        Known::Unsure(why) if asked => Step::GaveUp(why.clone()),
        Known::Nothing | Known::Unsure(_) => Step::Look,
        // A role or an agent may have been mended since: each stage is worth one try.
        Known::Refused(at, _) if stage > *at && !ending && !asked => Step::Look,
        Known::Refused(_, why) => Step::GaveUp(why.clone()),
    }
}
