//! Why DynamoDB did not write, in the port's words.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_types::error::operation::BuildError;

use super::item::{self, Item};
use crate::aws::failure::api_error;
use crate::ports::ApiError;
use crate::ports::alert_table::{Change, TableError};

/// A part of a cancelled transaction that nothing was wrong with.
const FINE: &str = "None";
/// A part whose condition did not hold.
const CONDITION: &str = "ConditionalCheckFailed";
/// A part that another transaction was at.
const BUSY: &str = "TransactionConflict";

/// Why nothing was written, or nobody knows whether it was.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refused {
    /// Other items stand there, by the index of their change; none: nothing does.
    Different(Vec<(usize, Option<Item>)>),
    /// Others were writing the same items.
    Busy,
    /// Nobody knows, in AWS's words.
    Unknown(String),
}

impl Refused {
    /// Of a request that lacks a part.
    pub(super) fn of_build(error: &BuildError) -> Self {
        Self::Unknown(error.to_string())
    }

    /// Of the put of one item.
    pub(super) fn of_put(error: &SdkError<PutItemError>) -> Self {
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Self::Different(vec![(0, failed.item.clone())])
            }
            Some(PutItemError::TransactionConflictException(_)) => Self::Busy,
            _ => Self::Unknown(words(&api_error(error))),
        }
    }

    /// Of a transaction. One that is still in progress is our own first attempt, whose end nobody knows.
    pub(super) fn of_transaction(error: &SdkError<TransactWriteItemsError>) -> Self {
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                Self::of_reasons(cancelled.cancellation_reasons())
                    .unwrap_or_else(|| Self::Unknown(words(&api_error(error))))
            }
            _ => Self::Unknown(words(&api_error(error))),
        }
    }

    /// Of the reasons of a cancelled transaction, in the order of its changes; none where they say nothing.
    fn of_reasons(reasons: &[CancellationReason]) -> Option<Self> {
        let with = |code: &'static str| {
            reasons.iter().enumerate().filter(move |(_, reason)| reason.code() == Some(code))
        };
        let different: Vec<_> = with(CONDITION).map(|(index, reason)| (index, reason.item.clone())).collect();
        if !different.is_empty() {
            return Some(Self::Different(different));
        }
        let other =
            |reason: &&CancellationReason| reason.code().is_some_and(|code| code != FINE && code != BUSY);
        if let Some(reason) = reasons.iter().find(other) {
            let (code, message) = (reason.code().unwrap_or_default(), reason.message().unwrap_or_default());
            return Some(Self::Unknown(format!("transaction cancelled: {code}: {message}")));
        }
        with(BUSY).next().map(|_| Self::Busy)
    }

    /// To those who asked for the changes.
    pub(super) fn told(self, changes: &[Change]) -> TableError {
        match self {
            Self::Different(found) => {
                let document = |(index, item): (usize, Option<Item>)| {
                    let key = changes.get(index)?.key.clone();
                    Some((key, item.as_ref().and_then(item::stored)))
                };
                TableError::Conflict(found.into_iter().filter_map(document).collect())
            }
            Self::Busy => TableError::Conflict(Vec::new()),
            Self::Unknown(why) => TableError::Unavailable(why),
        }
    }
}

/// A failed call.
pub(super) fn unavailable(error: &ApiError) -> TableError {
    TableError::Unavailable(words(error))
}

/// AWS's words for it.
fn words(error: &ApiError) -> String {
    match error {
        ApiError::Unavailable(why) => why.clone(),
        ApiError::Throttled(_) | ApiError::Refused { .. } => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CancellationReason, Item, Refused};

    #[test]
    fn the_reasons_of_a_transaction_decide() {
        let unknown = |why: &str| Some(Refused::Unknown(format!("transaction cancelled: {why}")));
        let different = |at: &[usize]| {
            Some(Refused::Different(at.iter().map(|index| (*index, Some(Item::new()))).collect()))
        };
        for (codes, want) in [
            (&["None", "ConditionalCheckFailed"][..], different(&[1])),
            (&["ConditionalCheckFailed", "TransactionConflict"], different(&[0])),
            (&["ConditionalCheckFailed", "ThrottlingError", "ConditionalCheckFailed"], different(&[0, 2])),
            (&["None", "TransactionConflict"], Some(Refused::Busy)),
            (&["TransactionConflict", "ThrottlingError"], unknown("ThrottlingError: why")),
            (&["ProvisionedThroughputExceeded"], unknown("ProvisionedThroughputExceeded: why")),
            (&["ValidationError", "None"], unknown("ValidationError: why")),
            (&["LaterWord"], unknown("LaterWord: why")),
            (&["None"], None),
            (&[], None),
        ] {
            let reason = |code: &&str| {
                CancellationReason::builder().code(*code).message("why").set_item(Some(Item::new())).build()
            };
            let reasons: Vec<_> = codes.iter().map(reason).collect();
            assert_eq!(Refused::of_reasons(&reasons), want, "{codes:?}");
        }
    }
}
