//! Why ECS says a task stopped.
//!
//! Source: API model of ECS, `TaskStopCode`
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>). The list has grown before
//! and will again, so it is open: what nobody knows is kept by its word.

use std::fmt;

use serde::Deserializer;

use super::lenient;

/// The `stopCode` of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopCode {
    /// The task could not be started.
    TaskFailedToStart,
    /// An essential container ended and ECS stopped the rest.
    EssentialContainerExited,
    /// Somebody called `StopTask`.
    UserInitiated,
    /// The service scheduler stopped the task: deployment, scaling, failed health checks, maintenance.
    ServiceSchedulerInitiated,
    /// Spot capacity was taken back.
    SpotInterruption,
    /// The host or Fargate capacity under the task ended.
    TerminationNotice,
    /// ECS Managed Instances repaired an unhealthy host.
    InfrastructureHealth,
    /// A word this version does not know, as it was written.
    Unknown(Box<str>),
}

impl StopCode {
    /// From the word of the API model; surrounding blanks are ignored, case is not.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word.trim() {
            "TaskFailedToStart" => Self::TaskFailedToStart,
            "EssentialContainerExited" => Self::EssentialContainerExited,
            "UserInitiated" => Self::UserInitiated,
            "ServiceSchedulerInitiated" => Self::ServiceSchedulerInitiated,
            "SpotInterruption" => Self::SpotInterruption,
            "TerminationNotice" => Self::TerminationNotice,
            "InfrastructureHealth" => Self::InfrastructureHealth,
            other => Self::Unknown(other.into()),
        }
    }

    /// The word as AWS writes it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::TaskFailedToStart => "TaskFailedToStart",
            Self::EssentialContainerExited => "EssentialContainerExited",
            Self::UserInitiated => "UserInitiated",
            Self::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            Self::SpotInterruption => "SpotInterruption",
            Self::TerminationNotice => "TerminationNotice",
            Self::InfrastructureHealth => "InfrastructureHealth",
            Self::Unknown(word) => word,
        }
    }
}

impl fmt::Display for StopCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// Reads an optional stop code; blank text and null are `None`.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn lenient_stop_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StopCode>, D::Error> {
    let word = lenient::text(deserializer)?;
    Ok(word.filter(|word| !word.trim().is_empty()).map(|word| StopCode::from_word(&word)))
}

#[cfg(test)]
mod tests {
    use super::StopCode;

    #[test]
    fn every_word_is_kept() {
        for word in [
            "TaskFailedToStart",
            "EssentialContainerExited",
            "UserInitiated",
            "ServiceSchedulerInitiated",
            "SpotInterruption",
            "TerminationNotice",
            "InfrastructureHealth",
            "SomethingOf2031",
        ] {
            let code = StopCode::from_word(word);
            assert_eq!(code.word(), word);
            assert_eq!(matches!(code, StopCode::Unknown(_)), word == "SomethingOf2031");
        }
    }
}
