//! The ports of a replay, in memory: subscribers, a clock that only goes forward, and nobody to count for.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use shared::alert::Message;
use shared::event::Timestamp;
use shared::metrics::Tally;
use shared::ports::{Clock, MetricSink, PublishError, Publisher};

/// Subscribers: what they got since they were last asked, with the topics that routes name.
#[derive(Debug, Default)]
pub struct Inbox(Mutex<Vec<(Vec<String>, Message)>>);

impl Inbox {
    /// Takes out what they got.
    pub fn take(&self) -> Vec<(Vec<String>, Message)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Publisher for &Inbox {
    async fn publish(
        &self,
        topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
        let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let topic = topic.map(str::to_owned);
        // The same message goes to each of its topics in turn.
        match messages.last_mut() {
            Some((topics, last)) if !topics.is_empty() && last == message => topics.extend(topic),
            Some(_) | None => messages.push((topic.into_iter().collect(), message.clone())),
        }
        Ok(())
    }
}

/// Counts go nowhere: the report counts.
#[derive(Clone, Copy, Debug)]
pub struct NoMetrics;

impl MetricSink for NoMetrics {
    async fn emit(&self, _tally: &Tally, _now: Timestamp, _within: Duration) {}
}

/// The time: the latest of the events and of what was due.
#[derive(Debug, Default)]
pub struct EventClock(AtomicI64);

impl EventClock {
    /// Goes forward to a time, and never back.
    pub fn forward_to(&self, at: Timestamp) {
        self.0.fetch_max(at.as_millis(), Ordering::Relaxed);
    }
}

impl Clock for &EventClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Runs a future whose ports never wait.
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
