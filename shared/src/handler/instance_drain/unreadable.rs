//! Records that cannot be read.

use std::sync::PoisonError;

use super::InstanceDrain;
use crate::alert::{Alert, Message, Subject};
use crate::event::Timestamp;
use crate::handler::HandlerError;
use crate::handler::publish::publish;
use crate::intake::Unreadable;
use crate::judge;
use crate::ports::{Clock, Publisher};

/// Unreadable records that are remembered as told.
const UNREADABLE: usize = 512;

impl<E, A, P: Publisher, M, C: Clock> InstanceDrain<E, A, P, M, C> {
    /// Tells of a record that could not be read, once per process, and fails it each time, so that it reaches
    /// the dead-letter queue.
    pub(super) async fn tell_unreadable(&self, unreadable: &Unreadable, deadline: Timestamp) -> HandlerError {
        let was_told = self.told.lock().unwrap_or_else(PoisonError::into_inner).contains(&unreadable.key);
        let error = HandlerError::Unreadable(unreadable.to_string());
        if was_told {
            return error;
        }
        let alert = Alert::new(judge::unreadable_event(unreadable), Subject::default());
        let message = Message::of(&alert, self.https);
        tracing::warn!(error = %error, "unreadable");
        match publish(&self.publisher, &self.clock, &alert, &message, deadline).await {
            Ok(()) => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.len() >= UNREADABLE {
                    told.remove(0);
                }
                told.push(unreadable.key);
                error
            }
            Err(why) => HandlerError::Publish(why.to_string()),
        }
    }
}
