//! Verdicts on an `EventBridge` bus, by `PutEvents`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::Aws;
use crate::alert::bus::{self, DETAIL_TYPE, Entry, SOURCE};
use crate::ports::VerdictBus;

/// A bus of the function's region.
#[derive(Clone, Debug)]
pub struct EventBus {
    /// The client.
    client: Client,
    /// The bus, by name or ARN.
    name: String,
}

impl EventBus {
    /// A bus by its name or ARN.
    #[must_use]
    pub fn new(aws: &Aws, name: &str) -> Self {
        let mut config = Builder::from(&aws.shared);
        config.set_endpoint_url(aws.access.eventbridge_endpoint.clone());
        Self { client: Client::from_conf(config.build()), name: name.to_owned() }
    }

    /// Puts all entries, and once more those the bus did not take; counts what it took.
    async fn put_all(&self, entries: &[Entry], accepted: &AtomicUsize) {
        let mut left: Vec<&Entry> = entries.iter().collect();
        for _ in 0..2 {
            let mut again = Vec::new();
            for call in bus::calls(&left) {
                let failed = self.call(&call).await;
                accepted.fetch_add(call.len() - failed.len(), Ordering::Relaxed);
                again.extend(failed);
            }
            left = again;
        }
    }

    /// One call; the entries the bus did not take. Accepted is what has an id and no error.
    async fn call<'a>(&self, entries: &[&'a Entry]) -> Vec<&'a Entry> {
        let requests = entries.iter().map(|entry| self.request(entry)).collect();
        match self.client.put_events().set_entries(Some(requests)).send().await {
            Ok(answer) => {
                let results = answer.entries();
                let is_accepted = |index: usize| {
                    let result = results.get(index);
                    result.is_some_and(|result| result.event_id().is_some() && result.error_code().is_none())
                };
                let why =
                    results.iter().find_map(|result| Some((result.error_code()?, result.error_message())));
                if let Some((code, message)) = why {
                    tracing::warn!(
                        code,
                        message,
                        failed = answer.failed_entry_count(),
                        "verdicts not accepted"
                    );
                }
                let failed = entries.iter().enumerate().filter(|(index, _)| !is_accepted(*index));
                failed.map(|(_, entry)| *entry).collect()
            }
            Err(error) => {
                let verdicts = entries.len();
                tracing::warn!(verdicts, error = %DisplayErrorContext(error), "verdicts not accepted");
                entries.to_vec()
            }
        }
    }

    /// An entry in the SDK's words.
    fn request(&self, entry: &Entry) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(&entry.detail)
            .set_resources(Some(entry.resources.clone()))
            .set_time(entry.time.map(|time| DateTime::from_millis(time.as_millis())))
            .build()
    }
}

impl VerdictBus for EventBus {
    async fn put(&self, entries: &[Entry], within: Duration) -> usize {
        let accepted = AtomicUsize::new(0);
        if tokio::time::timeout(within, self.put_all(entries, &accepted)).await.is_err() {
            tracing::warn!(within = within.as_millis(), "no answer of the bus in time");
        }
        entries.len() - accepted.into_inner().min(entries.len())
    }
}
