//! What handlers tell people and metrics, written down.

use std::time::Duration;

use shared::alert::Message;
use shared::event::Timestamp;
use shared::metrics::Tally;
use shared::ports::{ApiError, MetricSink, PublishError, Publisher};

use super::Sim;
use crate::api::Op;

/// What was told so far.
#[derive(Debug, Default)]
pub struct Told {
    /// Messages that were accepted.
    pub messages: Vec<(Timestamp, Message)>,
    /// Counts.
    pub tallies: Vec<(Timestamp, Tally)>,
}

impl Publisher for Sim {
    async fn publish(&self, message: &Message, _within: Duration) -> Result<(), PublishError> {
        let sent = self.call(Op::Publish, |world, _| {
            let now = world.now();
            world.told.messages.push((now, message.clone()));
            Ok(())
        });
        sent.await.map_err(|error| match error {
            ApiError::Refused { .. } => PublishError::Refused(error.to_string()),
            ApiError::Throttled(_) | ApiError::Unavailable(_) => PublishError::Unavailable(error.to_string()),
        })
    }
}

impl MetricSink for Sim {
    async fn emit(&self, tally: &Tally, now: Timestamp, _within: Duration) {
        self.world().told.tallies.push((now, tally.clone()));
    }
}
