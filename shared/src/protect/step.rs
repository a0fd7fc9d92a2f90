//! What is to be done about one instance.

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Note on it that we begin, then protect it.
    Protect,
    /// Note that the protection is there, by us.
    Hold,
    /// Note that it is not ours any more.
    Yield,
    /// Note that the tasks are gone.
    Idle,
    /// Take the protection back, then the note.
    Release,
    /// Take the note back; there is no protection of ours.
    Forget,
    /// List its own tasks: none that counts was seen, which proves nothing yet.
    Look,
    /// Nothing: it is protected by us, and its tasks are there.
    Keep,
    /// Nothing yet.
    Wait(Wait),
    /// Nothing.
    Leave(Leave),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Something could not be found out.
    Trouble(String),
    /// The tasks went a moment ago; another may follow.
    Grace,
    /// Auto Scaling may still show what was before our call.
    Settling,
}

/// Why an instance is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It runs no task that counts, and we do not protect it.
    NothingToProtect,
    /// No Auto Scaling group has it.
    NoGroup,
    /// It does not serve in its group; the state in AWS's word.
    NotInService(String),
    /// ECS places no tasks on it any more; the status in AWS's word. Whoever drains it wants it gone.
    NotActive(String),
    /// ECS itself protects the instances of its group (managed termination protection).
    Managed,
    /// Somebody else protects it.
    OthersProtection,
    /// Somebody else took our protection back; not again for these tasks.
    TakenBack,
    /// Two container instances say they are this EC2 instance.
    RegisteredTwice,
}

impl Step {
    /// Whether it changes anything on AWS.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        match self {
            Self::Protect | Self::Hold | Self::Yield | Self::Idle | Self::Release | Self::Forget => true,
            Self::Look | Self::Keep | Self::Wait(_) | Self::Leave(_) => false,
        }
    }
}
