//! Publishing an alert to each of its topics inside an invocation's time.

use std::time::Duration;

use crate::alert::{Alert, Message};
use crate::event::Timestamp;
use crate::ports::{Clock, PublishError, Publisher};

/// Kept back from an invocation's time for its metrics and its answer. A record that would be published
/// later than that is reported as failed instead: when Lambda cuts an invocation off, everything of the
/// batch comes again, also what went through.
pub const RESERVE: Duration = Duration::from_millis(1_500);

/// The name of the default topic among those that accepted a message; no ARN is equal to it.
pub const DEFAULT_TOPIC: &str = "default";

/// What became of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The topics that have it by now, by ARN or [`DEFAULT_TOPIC`], those that had it before included.
    pub accepted: Vec<String>,
    /// Why a topic did not take it: the first failure. Nothing where all of them have it.
    pub failed: Option<PublishError>,
}

impl Delivery {
    /// Whether every topic has it.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed.is_none()
    }
}

/// Publishes an alert before `deadline`, the end of the invocation, to each of its topics, or to the default
/// one where it names none; `except` are those that have it already. A topic that fails does not keep it from
/// the others, and each gets its share of the time. What SNS will never take goes out in the plainest form
/// rather than not at all.
pub(super) async fn publish(
    publisher: &impl Publisher,
    clock: &impl Clock,
    alert: &Alert,
    message: &Message,
    topics: &[&str],
    except: &[String],
    deadline: Timestamp,
) -> Delivery {
    let routed: Vec<_> = topics.iter().copied().map(Some).collect();
    let all = if routed.is_empty() { vec![None] } else { routed };
    let name = |topic: Option<&str>| topic.unwrap_or(DEFAULT_TOPIC).to_owned();
    let open: Vec<_> = all.into_iter().filter(|topic| !except.contains(&name(*topic))).collect();
    let mut delivery = Delivery { accepted: except.to_vec(), failed: None };
    for (index, topic) in open.iter().copied().enumerate() {
        let shares = u32::try_from(open.len() - index).unwrap_or(u32::MAX);
        let within = || time_left(clock, deadline).map(|left| left / shares);
        match publish_to(publisher, topic, alert, message, within).await {
            Ok(()) => delivery.accepted.push(name(topic)),
            Err(error) => {
                let topic = topic.unwrap_or(DEFAULT_TOPIC);
                tracing::warn!(topic, error = %error, fingerprint = alert.verdict.fingerprint, "not published");
                delivery.failed.get_or_insert(error);
            }
        }
    }
    delivery
}

/// Publishes an alert to one topic.
async fn publish_to(
    publisher: &impl Publisher,
    topic: Option<&str>,
    alert: &Alert,
    message: &Message,
    within: impl Fn() -> Result<Duration, PublishError>,
) -> Result<(), PublishError> {
    match publisher.publish(topic, message, within()?).await {
        Err(PublishError::Refused(why)) => {
            let fingerprint = alert.verdict.fingerprint.as_str();
            tracing::error!(fingerprint, why, "alert refused, sending it as plain text");
            publisher.publish(topic, &Message::plain(alert), within()?).await
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

#[cfg(test)]
mod tests;
