//! The SQS queue between `EventBridge` and a handler.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use shared::event::Timestamp;

use super::{Answer, Ended, Feed};
use crate::ecs::{ACCOUNT, REGION};
use crate::span::after;

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// `messageId`.
    id: String,
    /// When it came into the queue.
    sent: Timestamp,
    /// The event.
    body: String,
    /// How often it was received.
    received: u32,
}

/// A queue with a batching window, a visibility timeout and a dead-letter queue.
#[derive(Debug)]
pub struct Queue {
    /// By the time from which they can be received, and the order of their coming.
    messages: BTreeMap<(Timestamp, u64), Message>,
    /// How many ever came, or came again.
    counted: u64,
    /// As in [`Feed::batch_window`].
    window: Duration,
    /// As in [`Feed::batch_size`].
    size: usize,
    /// As in [`Feed::visibility_timeout`].
    visibility: Duration,
    /// As in [`Feed::receives`].
    receives: u32,
}

impl Queue {
    /// An empty queue.
    #[must_use]
    pub const fn new(feed: &Feed) -> Self {
        Self {
            messages: BTreeMap::new(),
            counted: 0,
            window: feed.batch_window,
            size: feed.batch_size,
            visibility: feed.visibility_timeout,
            receives: feed.receives,
        }
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// A message comes in.
    pub fn add(&mut self, at: Timestamp, body: String) {
        let id = format!("5e550000-0000-4000-8000-{:012x}", self.counted);
        self.put(at, Message { id, sent: at, body, received: 0 });
    }

    /// Puts a message where it can be received from then on.
    fn put(&mut self, at: Timestamp, message: Message) {
        self.messages.insert((at, self.counted), message);
        self.counted += 1;
    }

    /// When the next batch is ready: full, or its window over.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let (first, _) = self.messages.keys().next()?;
        let waited = after(*first, self.window);
        let full = self.messages.keys().nth(self.size.saturating_sub(1)).map(|(at, _)| *at);
        Some(full.map_or(waited, |full| full.min(waited)))
    }

    /// Takes a batch that is ready, with its payload.
    pub fn take_batch(&mut self, now: Timestamp) -> Option<(Vec<Message>, Vec<u8>)> {
        self.next_at().filter(|ready| *ready <= now)?;
        let mut batch = Vec::new();
        while batch.len() < self.size
            && let Some(first) = self.messages.first_entry().filter(|entry| entry.key().0 <= now)
        {
            let mut message = first.remove();
            message.received += 1;
            batch.push(message);
        }
        let records: Vec<_> = batch.iter().map(record).collect();
        Some((batch, json!({"Records": records}).to_string().into_bytes()))
    }

    /// Deletes what is done with and puts back the rest; how many came too often for that.
    pub fn settle(&mut self, batch: Vec<Message>, ended: &Ended, now: Timestamp) -> u64 {
        let mut dead = 0;
        for message in batch {
            let done = match ended {
                Ended::Answered(Answer::Done) => true,
                Ended::Answered(Answer::FailedItems(failed)) => !failed.contains(&message.id),
                Ended::Answered(Answer::Failed) | Ended::Died | Ended::Panicked => false,
            };
            if done {
                continue;
            }
            if message.received >= self.receives {
                dead += 1;
            } else {
                self.put(after(now, self.visibility), message);
            }
        }
        dead
    }
}

/// A message as Lambda passes it on.
fn record(message: &Message) -> serde_json::Value {
    json!({
        "messageId": message.id,
        "receiptHandle": format!("{}-{}", message.id, message.received),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.received.to_string(),
            "SentTimestamp": message.sent.as_millis().to_string(),
            "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
            "ApproximateFirstReceiveTimestamp": message.sent.as_millis().to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:drain"),
        "awsRegion": REGION,
    })
}
