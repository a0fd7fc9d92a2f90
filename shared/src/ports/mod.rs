//! What the handlers need of the world, and nothing more. `aws` fulfils these against AWS, the tests and
//! `steward replay` in memory.

pub mod alert_table;
pub mod api_error;
pub mod audit;
pub mod auto_scaling;
pub mod call;
pub mod ecs;
pub mod facts;
pub mod log_collector;
pub mod protection;
pub mod volumes;

pub use alert_table::{AlertTable, TableError};
pub use api_error::{ApiError, Page};
pub use audit::ClusterReads;
pub use auto_scaling::AutoScaling;
pub use ecs::Ecs;
pub use facts::TaskFacts;
pub use log_collector::LogCollector;
pub use volumes::Volumes;

use std::fmt;
use std::time::Duration;

use crate::alert::Message;
use crate::alert::bus::Entry;
use crate::event::Timestamp;
use crate::metrics::Tally;

/// Tells people: SNS.
pub trait Publisher {
    /// Publishes a message to a topic, by its ARN, or to the default topic, and waits, at most `within`, until
    /// it is accepted.
    ///
    /// # Errors
    /// [`PublishError`] where it was refused, or where nobody knows whether it was accepted.
    fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        within: Duration,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Takes counts: the embedded metric format on stdout, or `CloudWatch` itself.
pub trait MetricSink {
    /// Emits the counts of one invocation, at most for `within`. A failure is logged by the sink and never
    /// fails the invocation.
    fn emit(&self, tally: &Tally, now: Timestamp, within: Duration) -> impl Future<Output = ()> + Send;
}

/// Takes verdicts as events: `EventBridge`.
pub trait VerdictBus {
    /// Puts entries on the bus, at most for `within`. What it does not take is tried once more; answers how many
    /// it did not take even so, or not in time.
    fn put(&self, entries: &[Entry], within: Duration) -> impl Future<Output = usize> + Send;
}

/// Tells the time.
pub trait Clock {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// Why a message was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// The service understood the request and will not take this message, however often it is sent:
    /// `InvalidParameter` and the like.
    Refused(String),
    /// The service did not take it this time: throttled, failing, out of reach, not allowed, or too slow to
    /// tell.
    Unavailable(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(formatter, "refused: {why}"),
            Self::Unavailable(why) => write!(formatter, "unavailable: {why}"),
        }
    }
}

impl std::error::Error for PublishError {}
