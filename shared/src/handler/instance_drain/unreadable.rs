//! Records that cannot be read.

use std::sync::PoisonError;

use super::InstanceDrain;
use crate::alert::{Alert, Message, Subject};
use crate::event::Timestamp;
use crate::handler::HandlerError;
use crate::handler::publish::publish;
use crate::intake::Unreadable;
use crate::judge;
use crate::metrics::Tally;
use crate::ports::{Clock, Publisher};

impl<E, A, P: Publisher, M, C: Clock, L> InstanceDrain<E, A, P, M, C, L> {
    /// Tells of a record that could not be read, once per process, counts it and fails it each time, so that it
    /// reaches the dead-letter queue.
    pub(super) async fn tell_unreadable(
        &self,
        unreadable: &Unreadable,
        deadline: Timestamp,
        tally: &mut Tally,
    ) -> HandlerError {
        let seen = || self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let error = HandlerError::Unreadable(unreadable.to_string());
        let alert = Alert::new(judge::unreadable_event(unreadable), Subject::default());
        if seen().was_alerted(unreadable.key) {
            tally.add(&alert.verdict, &alert.subject);
            return error;
        }
        let message = Message::of(&alert, self.https);
        tracing::warn!(error = %error, "unreadable");
        let topics = self.policy.topics(&alert.verdict, &alert.subject);
        let told = publish(&self.publisher, &self.clock, &alert, &message, &topics, &[], deadline).await;
        match told.failed {
            None => {
                seen().remember_unreadable(unreadable.key);
                tally.add(&alert.verdict, &alert.subject);
                tally.messages += 1;
                error
            }
            Some(why) => {
                tally.publish_failures += 1;
                HandlerError::Publish(why.to_string())
            }
        }
    }
}
