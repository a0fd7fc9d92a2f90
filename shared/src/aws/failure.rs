//! Why a call of ECS, Auto Scaling or DynamoDB failed: throttled, refused, or unavailable.
//!
//! The code decides, not HTTP's status: all of them throttle with 400
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>).

use std::error::Error;

use aws_sdk_ecs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::ports::ApiError;

/// Too many calls, in the words of the services and of what stands before them.
const THROTTLED: [&str; 9] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// The text of a throttled call, whatever code it comes under.
const RATE_EXCEEDED: &str = "Rate exceeded";

/// HTTP's own word for too many calls, from a proxy that knows no code.
const TOO_MANY_REQUESTS: u16 = 429;

/// Refusals by their status that pass by themselves: credentials that are renewed, a request that took too
/// long on its way, an agent that is being updated, a transaction that is not over, and failures of the service
/// itself.
const PASSING: [&str; 12] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "InternalFailure",
    "RequestExpired",
    "RequestTimeout",
    "RequestTimeoutException",
    "RequestTimeTooSkewed",
    "ServerException",
    "ServiceUnavailable",
    "TransactionInProgressException",
    "UpdateInProgressException",
];

/// A signature refused for its time: the process was frozen, or its clock is off. The code is that of a wrong
/// key, so the text decides.
const STALE_SIGNATURES: [&str; 2] = ["Signature expired", "Signature not yet current"];

/// Why a call failed.
pub(super) fn api_error<E>(error: &SdkError<E>) -> ApiError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let answer = error.as_service_error();
    match answer.and_then(ProvideErrorMetadata::code) {
        Some(code) => {
            classified(status, code, answer.and_then(ProvideErrorMetadata::message).unwrap_or_default())
        }
        None if status == TOO_MANY_REQUESTS => ApiError::Throttled(format!("HTTP {status}")),
        // No answer, or one that is none of AWS's: nobody has refused anything yet.
        None => ApiError::Unavailable(DisplayErrorContext(error).to_string()),
    }
}

/// What an error of the service means.
fn classified(status: u16, code: &str, message: &str) -> ApiError {
    let why = || format!("{code}: {message}");
    let is_passing = PASSING.contains(&code) || STALE_SIGNATURES.iter().any(|text| message.starts_with(text));
    if status == TOO_MANY_REQUESTS || THROTTLED.contains(&code) || message.starts_with(RATE_EXCEEDED) {
        ApiError::Throttled(why())
    } else if (400..500).contains(&status) && !is_passing {
        ApiError::Refused { code: code.to_owned(), message: message.to_owned() }
    } else {
        ApiError::Unavailable(why())
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiError, THROTTLED, classified};

    fn word(status: u16, code: &str, message: &str) -> &'static str {
        match classified(status, code, message) {
            ApiError::Throttled(_) => "throttled",
            ApiError::Refused { .. } => "refused",
            ApiError::Unavailable(_) => "unavailable",
        }
    }

    #[test]
    fn a_code_of_throttling_is_throttling_under_any_status() {
        for code in THROTTLED {
            for status in [400, 429, 503] {
                assert_eq!(word(status, code, ""), "throttled", "{status} {code}");
            }
        }
    }

    #[test]
    fn each_failure_is_told_from_the_others() {
        for (status, code, message, want) in [
            (400, "ClientException", "Rate exceeded", "throttled"),
            (429, "Unknown", "", "throttled"),
            (400, "ClusterNotFoundException", "Cluster not found.", "refused"),
            (400, "InvalidParameterException", "", "refused"),
            (400, "AccessDeniedException", "User is not authorized", "refused"),
            (403, "AccessDenied", "User is not authorized", "refused"),
            (403, "InvalidClientTokenId", "The security token is invalid.", "refused"),
            (400, "AttributeLimitExceededException", "", "refused"),
            (400, "InvalidSignatureException", "The signature we calculated does not match", "refused"),
            (400, "InvalidSignatureException", "Signature expired: 1 is now earlier than 2", "unavailable"),
            (403, "SignatureDoesNotMatch", "Signature not yet current: 2 is later than 1", "unavailable"),
            (400, "RequestExpired", "", "unavailable"),
            (400, "ExpiredTokenException", "", "unavailable"),
            (403, "ExpiredToken", "", "unavailable"),
            (400, "UpdateInProgressException", "", "unavailable"),
            (400, "TransactionInProgressException", "", "unavailable"),
            (400, "ResourceNotFoundException", "Requested resource not found", "refused"),
            (400, "ValidationException", "Item size has exceeded the maximum allowed size", "refused"),
            (400, "InternalFailure", "", "unavailable"),
            (500, "ServerException", "", "unavailable"),
            (500, "ResourceContention", "", "unavailable"),
            (503, "ServiceUnavailable", "", "unavailable"),
            (200, "AccessDenied", "an error with the status of a success", "unavailable"),
        ] {
            assert_eq!(word(status, code, message), want, "{status} {code} {message}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_words_of_the_service() {
        let refused = ApiError::Refused { code: "ClusterNotFoundException".into(), message: "gone".into() };
        assert_eq!(classified(400, "ClusterNotFoundException", "gone"), refused);
    }
}
