//! Counts of invocations.

/// How invocations ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invocations {
    /// All of them.
    pub all: u64,
    /// Those that died: a fault, the time limit, or a future that waits for nothing.
    pub died: u64,
    /// Those that panicked.
    pub panicked: u64,
    /// Those that said they failed.
    pub failed: u64,
    /// Messages that came too often and went to the dead-letter queue.
    pub dead_letters: u64,
}
