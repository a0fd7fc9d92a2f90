//! Why something is missing, in a few words that may stand in an alert.

use crate::alert::limits::one_line;
use crate::ports::ApiError;

/// Longest text of an adapter that is repeated.
const WORDS: usize = 120;

/// Why a part was not had: `log lines: logs:GetLogEvents is not allowed`. AWS's own text is left out where its
/// code says enough, since it may name what does not belong into a chat.
pub(super) fn of(part: &str, action: &str, error: &ApiError) -> String {
    let why = match error {
        denied if denied.is_denied() => format!("{action} is not allowed"),
        ApiError::Throttled(_) => format!("{action} was throttled"),
        ApiError::Refused { code, .. } => format!("{action} was refused: {}", one_line(code, WORDS)),
        ApiError::Unavailable(why) => one_line(why, WORDS),
    };
    format!("{part}: {why}")
}

/// Why a part was not asked for.
pub(super) fn no_time(part: &str) -> String {
    format!("{part}: no time was left")
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::ports::ApiError;

    #[test]
    fn each_failure_is_told_from_the_others() {
        let refused = |code: &str| ApiError::Refused { code: code.into(), message: "arn of a role".into() };
        for (error, want) in [
            (refused("AccessDeniedException"), "log lines: logs:GetLogEvents is not allowed"),
            (
                refused("InvalidParameterException"),
                "log lines: logs:GetLogEvents was refused: InvalidParameterException",
            ),
            (ApiError::Throttled("x".into()), "log lines: logs:GetLogEvents was throttled"),
            (ApiError::Unavailable("no answer within 2.0 s".into()), "log lines: no answer within 2.0 s"),
        ] {
            assert_eq!(of("log lines", "logs:GetLogEvents", &error), want);
        }
    }
}
