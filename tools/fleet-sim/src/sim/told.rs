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
    async fn publish(
        &self,
        _topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use super::{Message, PublishError, Publisher};
    use crate::api::Op;
    use crate::api::faults::{Failing, Fault, Rule};
    use crate::fleet::Fleet;

    #[test]
    fn messages_are_written_down_and_may_fail() {
        let sim = Fleet::seeded(1).simulate();
        let message =
            Message { subject: "s".into(), body: "b".into(), by_protocol: false, attributes: Vec::new() };
        for (fault, refused, written) in [
            (Fault::Throttled, Some(false), 0),
            (Fault::Refused("InvalidParameter"), Some(true), 0),
            (Fault::FailsBefore(Failing::TimedOut), Some(false), 0),
            (Fault::FailsAfter(Failing::Reset), Some(false), 1),
            (Fault::Slow(Duration::from_secs(1)), None, 1),
        ] {
            sim.world().api.faults.clear();
            sim.world().api.faults.add(Rule::on(Op::Publish, fault));
            sim.world().told.messages.clear();
            let sent = pin!(sim.publish(None, &message, Duration::from_secs(1)))
                .poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(sent) = sent else { panic!("it answers") };
            let was = sent.err().map(|error| matches!(error, PublishError::Refused(_)));
            assert_eq!((was, sim.world().told.messages.len()), (refused, written), "{fault:?}");
        }
    }
}
