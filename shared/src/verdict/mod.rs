//! What judging answers, and its vocabulary: policy, metrics, logs, alerts and people use these words.

pub mod cause;

pub use cause::Cause;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How loud a verdict is. Ordered from quiet to loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Log only; always quiet.
    Info,
    /// For a digest.
    Low,
    /// For a ticket or a channel.
    Medium,
    /// Page somebody.
    High,
}

impl Severity {
    /// Every severity, from quiet to loud.
    pub const ALL: &'static [Self] = &[Self::Info, Self::Low, Self::Medium, Self::High];

    /// The word in metrics, policy and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// Whether anybody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Somebody is told.
    Alert,
    /// Counted and logged only.
    Quiet,
}

impl Decision {
    /// The word in metrics and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Quiet => "quiet",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// The answer to "did that task die, or was it asked to go?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether anybody is told.
    pub verdict: Decision,
    /// What the stop comes down to.
    pub cause: Cause,
    /// How loud; `info` exactly where the verdict is quiet.
    pub severity: Severity,
    /// The container to blame, where one is.
    pub container: Option<Box<str>>,
    /// Its exit code, where one was reported.
    pub exit_code: Option<i64>,
    /// One sentence a tired person understands.
    pub summary: String,
    /// The facts that decided, in order.
    pub evidence: Vec<String>,
    /// What to look at first.
    pub next_step: Cow<'static, str>,
    /// What a crash loop shares: cluster / service or family / cause / container / exit code.
    pub fingerprint: String,
}

impl Verdict {
    /// Whether anybody is told.
    #[must_use]
    pub fn is_alert(&self) -> bool {
        self.verdict == Decision::Alert
    }
}
