//! Records that cannot be read, in functions that judge nothing.

use std::sync::{Mutex, PoisonError};

use super::HandlerError;
use super::publish::publish;
use super::seen::Seen;
use crate::alert::{Alert, HttpsBody, Message, Subject};
use crate::event::Timestamp;
use crate::intake::Unreadable;
use crate::judge;
use crate::metrics::Tally;
use crate::policy::Policy;
use crate::ports::{Clock, Publisher};

/// What telling of such a record needs of a function.
pub(super) struct Unread<'a, P, C> {
    /// Where it is told.
    pub(super) policy: &'a Policy,
    /// Tells it.
    pub(super) publisher: &'a P,
    /// The time.
    pub(super) clock: &'a C,
    /// What was told.
    pub(super) told: &'a Mutex<Seen>,
    /// What HTTPS subscribers get.
    pub(super) https: HttpsBody,
}

impl<P: Publisher, C: Clock> Unread<'_, P, C> {
    /// Tells of a record that could not be read, once per process, counts it and fails it each time, so that it
    /// reaches the dead-letter queue.
    pub(super) async fn tell(
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
        let told = publish(self.publisher, self.clock, &alert, &message, &topics, &[], deadline).await;
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
