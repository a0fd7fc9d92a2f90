//! Publishing an alert inside an invocation's time.

use std::time::Duration;

use crate::alert::{Alert, Message};
use crate::event::Timestamp;
use crate::ports::{Clock, PublishError, Publisher};

/// Kept back from an invocation's time for its metrics and its answer. A record that would be published
/// later than that is reported as failed instead: when Lambda cuts an invocation off, everything of the
/// batch comes again, also what went through.
pub const RESERVE: Duration = Duration::from_millis(1_500);

/// Publishes an alert before `deadline`, the end of the invocation. What SNS will never take goes out in the
/// plainest form rather than not at all.
///
/// # Errors
/// [`PublishError`] where it was not accepted, or there is no time left.
pub(super) async fn publish(
    publisher: &impl Publisher,
    clock: &impl Clock,
    alert: &Alert,
    message: &Message,
    deadline: Timestamp,
) -> Result<(), PublishError> {
    match publisher.publish(message, time_left(clock, deadline)?).await {
        Err(PublishError::Refused(why)) => {
            tracing::error!(
                fingerprint = alert.verdict.fingerprint,
                why,
                "alert refused, sending it as plain text"
            );
            publisher.publish(&Message::plain(alert), time_left(clock, deadline)?).await
        }
        sent => sent,
    }
}

/// The time left for publishing.
fn time_left(clock: &impl Clock, deadline: Timestamp) -> Result<Duration, PublishError> {
    let left = deadline.elapsed_since(clock.now()).saturating_sub(RESERVE);
    if left.is_zero() {
        return Err(PublishError::Unavailable("no time left in this invocation".to_owned()));
    }
    Ok(left)
}
