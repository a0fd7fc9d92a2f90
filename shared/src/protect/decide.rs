//! The decision itself.

use std::time::Duration;

use super::host::Member;
use super::marks::{CLAIM, Mark, SETTLING, Stage};
use super::step::{Leave, Step, Wait};
use crate::drain::container_instance::Status;
use crate::event::Timestamp;

/// What is seen of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// As its group has it; none where no group does.
    pub member: Option<Member>,
    /// What ECS says of it.
    pub status: Status,
    /// What we noted on it.
    pub mark: Option<Mark>,
    /// Whether ECS protects the instances of its group.
    pub managed: Managed,
    /// The tasks on it that count.
    pub tasks: Tasks,
}

/// Whether ECS itself protects the instances of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Managed {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nobody could tell.
    Unknown(String),
}

/// The tasks on an instance that the policy says must not be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tasks {
    /// There are so many that have not stopped.
    Some(usize),
    /// None was seen where tasks of their kind were listed.
    NoneSeen,
    /// All its tasks were listed, every page under RUNNING and after that under STOPPED: all that count have
    /// stopped.
    Gone,
    /// Nobody could tell.
    Unknown(String),
}

/// Decides what to do next about one instance. Total and pure: what could not be found out is waited for, and
/// protection is taken back only where a note of ours says that it is ours and every task was seen to be gone.
#[must_use]
pub fn step(seen: &Snapshot, now: Timestamp, release_after: Duration) -> Step {
    let Some(member) = &seen.member else { return Step::Leave(Leave::NoGroup) };
    match &seen.managed {
        Managed::Yes => return Step::Leave(Leave::Managed),
        Managed::Unknown(why) => return Step::Wait(Wait::Trouble(why.clone())),
        Managed::No => {}
    }
    if !member.is_in_service() {
        return Step::Leave(Leave::NotInService(member.instance.state.word().to_owned()));
    }
    let since_change = seen.mark.map_or(Duration::ZERO, |mark| now.elapsed_since(mark.changed));
    let stage = seen.mark.map(|mark| mark.stage);
    match (stage, member.is_protected, &seen.tasks) {
        (None, true, Tasks::Some(_)) => Step::Leave(Leave::OthersProtection),
        (None | Some(Stage::Begun | Stage::Idle), false, Tasks::Some(_)) => protect(&seen.status),
        (None, _, Tasks::NoneSeen | Tasks::Gone) => Step::Leave(Leave::NothingToProtect),
        (_, _, Tasks::Unknown(why)) => Step::Wait(Wait::Trouble(why.clone())),
        // Our call had its effect, or somebody set it since.
        (Some(Stage::Begun), true, Tasks::Some(_) | Tasks::NoneSeen | Tasks::Gone) => {
            if since_change <= CLAIM { Step::Hold } else { Step::Yield }
        }
        (Some(Stage::Begun), false, Tasks::NoneSeen | Tasks::Gone) | (Some(Stage::Held), false, _)
            if since_change < SETTLING =>
        {
            Step::Wait(Wait::Settling)
        }
        (Some(Stage::Held), true, Tasks::Some(_)) => Step::Keep,
        (Some(Stage::Held), true, Tasks::Gone) => Step::Idle,
        (Some(Stage::Held), false, Tasks::Some(_)) => Step::Yield,
        (Some(Stage::Idle), true, Tasks::Some(_)) => Step::Hold,
        (Some(Stage::Idle), true, Tasks::NoneSeen | Tasks::Gone) if since_change < release_after => {
            Step::Wait(Wait::Grace)
        }
        (Some(Stage::Idle), true, Tasks::Gone) => Step::Release,
        (Some(Stage::Yielded), _, Tasks::Some(_)) => Step::Leave(Leave::TakenBack),
        (Some(Stage::Begun | Stage::Idle), false, Tasks::NoneSeen | Tasks::Gone)
        | (Some(Stage::Held), false, Tasks::Gone)
        | (Some(Stage::Yielded), _, Tasks::Gone) => Step::Forget,
        (Some(Stage::Held | Stage::Yielded), _, Tasks::NoneSeen)
        | (Some(Stage::Idle), true, Tasks::NoneSeen) => Step::Look,
    }
}

/// Protects an instance, save one that is being drained.
fn protect(status: &Status) -> Step {
    match status {
        Status::Active => Step::Protect,
        Status::Draining | Status::Other(_) => Step::Leave(Leave::NotActive(status.word().to_owned())),
    }
}
