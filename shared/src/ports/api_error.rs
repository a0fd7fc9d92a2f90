//! Why a call of AWS failed, as far as a handler acts on it, and pages.

use std::fmt;

/// One page of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What the next page is asked for with; none on the last.
    pub next: Option<String>,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// Too many calls: ECS says it with HTTP 400 and a code, so the code decides.
    Throttled(String),
    /// The service understood and will not: no permission, no such cluster, invalid. A retry does not help.
    Refused {
        /// AWS's code, such as `ClusterNotFoundException`.
        code: String,
        /// AWS's text.
        message: String,
    },
    /// No answer, or a failing service: a retry may help.
    Unavailable(String),
}

/// The codes of a missing permission: ECS's own, and the query services'.
const DENIED: [&str; 4] = ["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"];

impl ApiError {
    /// Whether a permission is missing.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        match self {
            Self::Refused { code, .. } => DENIED.contains(&code.as_str()),
            Self::Throttled(_) | Self::Unavailable(_) => false,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled(why) => write!(formatter, "throttled: {why}"),
            Self::Refused { code, message } => write!(formatter, "refused: {code}: {message}"),
            Self::Unavailable(why) => write!(formatter, "unavailable: {why}"),
        }
    }
}

impl std::error::Error for ApiError {}
