//! Records in, effects through ports, an outcome out: `monitor` is `task-monitor` and `service-monitor`,
//! `instance_drain` the function of that name.

mod budget;
pub mod cluster_audit;
pub mod enriching;
pub mod host_logs;
pub mod incidents;
pub mod instance_drain;
pub mod instance_monitor;
pub mod instance_protection;
pub mod monitor;
mod publish;
mod recent;
mod refusals;
pub mod seen;
mod unreadable;
pub mod verdict_bus;
pub mod volume_monitor;

pub use publish::{DEFAULT_TOPIC, Delivery};

use std::fmt;
use std::panic::catch_unwind;

use aws_lambda_events::event::sqs::SqsBatchResponse;

use crate::intake::{self, Record, Unreadable};

/// The invocation as a whole failed, and is to be delivered again or put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandlerError {
    /// An alert could not be published: a retry helps.
    Publish(String),
    /// Records could not be read: a retry does not help, the dead-letter queue keeps them.
    Unreadable(String),
    /// AWS did not do what was asked and somebody has to know: a permission is missing, or there was no
    /// answer where there is no second chance.
    Aws(String),
}

impl HandlerError {
    /// The stable word that Lambda reports as `errorType`.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Publish(_) => "Retryable.Publish",
            Self::Unreadable(_) => "Permanent.Unreadable",
            Self::Aws(_) => "Retryable.Aws",
        }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish(why) => write!(formatter, "an alert was not published: {why}"),
            Self::Unreadable(why) => write!(formatter, "a record was not readable: {why}"),
            Self::Aws(why) => write!(formatter, "AWS did not do what was asked: {why}"),
        }
    }
}

impl std::error::Error for HandlerError {}

/// What came of a payload.
#[derive(Debug, Default)]
pub struct Outcome {
    /// SQS messages to deliver again, each once.
    failed_messages: Vec<Box<str>>,
    /// The first failure of a record that came in no SQS message.
    failure: Option<HandlerError>,
}

impl Outcome {
    /// Notes a failed record.
    pub fn fail(&mut self, message_id: Option<&str>, error: HandlerError) {
        if let Some(id) = message_id {
            if self.failed_messages.iter().all(|known| &**known != id) {
                self.failed_messages.push(id.into());
            }
        } else if !matches!(self.failure, Some(HandlerError::Publish(_))) {
            // A failed publish outranks an unreadable record: its retry helps.
            self.failure = Some(error);
        }
    }

    /// The answer to Lambda: the failed messages of an SQS batch, which deletes the others.
    ///
    /// # Errors
    /// The first failure of a record that stood in no message, so that the whole invocation is retried.
    pub fn answer(self) -> Result<SqsBatchResponse, HandlerError> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let mut response = SqsBatchResponse::default();
        for id in self.failed_messages {
            response.add_failure(id);
        }
        Ok(response)
    }
}

/// The records of a payload. A panic while reading is a bug; it makes the payload one unreadable record.
fn records_of(payload: &[u8]) -> Vec<Record> {
    catch_unwind(|| intake::read(payload).records).unwrap_or_else(|_| {
        let problem = "reading it failed by a bug of ours".to_owned();
        let unreadable = Unreadable::of_bug(problem, &String::from_utf8_lossy(payload));
        vec![Record { message_id: None, content: Err(unreadable) }]
    })
}

#[cfg(test)]
mod tests {
    use super::{HandlerError, Outcome};

    #[test]
    fn each_message_fails_once_and_a_failure_outside_fails_the_invocation() {
        let publish = || HandlerError::Publish("down".into());
        let mut outcome = Outcome::default();
        for id in ["a", "b", "a"] {
            outcome.fail(Some(id), publish());
        }
        let response = outcome.answer().expect("a batch response");
        let json = serde_json::to_value(&response).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]})
        );

        let mut outcome = Outcome::default();
        outcome.fail(Some("a"), publish());
        outcome.fail(None, HandlerError::Unreadable("x".into()));
        outcome.fail(None, publish());
        outcome.fail(None, HandlerError::Unreadable("y".into()));
        assert_eq!(outcome.answer(), Err(publish()));
    }
}
