//! Records that cannot be read.

use super::InstanceDrain;
use crate::event::Timestamp;
use crate::handler::HandlerError;
use crate::handler::unreadable::Unread;
use crate::intake::Unreadable;
use crate::metrics::Tally;
use crate::ports::{Clock, Publisher};

impl<E, A, P: Publisher, M, C: Clock, L> InstanceDrain<E, A, P, M, C, L> {
    /// See [`Unread::tell`].
    pub(super) async fn tell_unreadable(
        &self,
        unreadable: &Unreadable,
        deadline: Timestamp,
        tally: &mut Tally,
    ) -> HandlerError {
        let Self { policy, publisher, clock, told, https, .. } = self;
        let unread = Unread { policy, publisher, clock, told, https: *https };
        unread.tell(unreadable, deadline, tally).await
    }
}
