//! What a check finds.

use serde::Serialize;
use shared::alert::limits::{LINE_CHARS, one_line};
use shared::aws::account::seen::NotRead;
use shared::ports::ApiError;
use shared::redact;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Alerts are lost, or tasks are killed.
    Error,
    /// They are if something else happens too, or nobody knows.
    Warning,
}

impl Severity {
    /// As it is printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A kind of findings: everything but what it is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The check that finds it.
    pub check: &'static str,
    /// Its own word.
    pub word: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What comes of it.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// The word of what was not read.
pub const NOT_CHECKED: &str = "not-checked";

/// One finding. The JSON of `steward doctor`: fields and their order are a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The check's word.
    pub check: &'static str,
    /// Its own word within the check.
    #[serde(rename = "finding")]
    pub word: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: a kind of thing and its name or ARN.
    pub resource: String,
    /// What was found.
    pub what: String,
    /// What comes of it.
    pub why: &'static str,
    /// What to do about it.
    pub fix: String,
    /// The IAM action that was denied, where that is why nothing was found out.
    pub permission: Option<&'static str>,
}

impl Kind {
    /// A finding of this kind.
    pub fn of(&self, resource: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            check: self.check,
            word: self.word,
            severity: self.severity,
            resource: resource.into(),
            what: redact::string(what.into()),
            why: self.why,
            fix: self.fix.to_owned(),
            permission: None,
        }
    }
}

/// What could not be checked because it could not be read: never taken for well. A failure brings the reply along
/// at times, so it is cut.
pub fn not_checked(check: &'static str, resource: impl Into<String>, why: &NotRead) -> Finding {
    let denied = why.why.is_denied().then_some(why.action);
    let fix = match (&why.why, denied) {
        (_, Some(action)) => format!("Allow {action} to whoever runs this, and run it again."),
        (ApiError::Throttled(_) | ApiError::Unavailable(_), None) => "Run it again.".to_owned(),
        (ApiError::Refused { .. }, None) => "Look at what AWS says, and run it again.".to_owned(),
    };
    Finding {
        check,
        word: NOT_CHECKED,
        severity: Severity::Warning,
        resource: resource.into(),
        what: one_line(&redact::text(&format!("not checked: {why}")), LINE_CHARS),
        why: "Nobody knows whether this is well.",
        fix,
        permission: denied,
    }
}
