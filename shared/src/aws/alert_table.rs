//! The alert table in DynamoDB.
//! Source of the calls: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/>.
//!
//! What has expired is still there until DynamoDB deletes it, which takes days at times
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>), and until then it is read,
//! changed and due like any other document. That is safe: documents carry their own times, revisions hold for
//! what is there, and a deletion in between is a conflict. To take it for gone would need a clock here, and
//! would make each commit on top of it a conflict.

mod item;
mod outcome;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::operation::BuildError;

use super::Aws;
use super::failure::api_error;
use crate::event::Timestamp;
use crate::ports::alert_table::{AlertTable, Change, Stored, TableError};
use item::{Before, Item};
use outcome::{Refused, unavailable};

/// The index of documents that are due.
const DUE_INDEX: &str = "due";
/// How long the connection may take that is opened during init.
const PREWARM_TIME: Duration = Duration::from_secs(1);
/// How often keys are asked for again in a row of which none came: DynamoDB throttles, and nothing waits here.
const VAIN_ROUNDS: u32 = 1;

/// A table by its name.
#[derive(Clone, Debug)]
pub struct DynamoTable {
    /// The client.
    client: Client,
    /// The table's name or ARN.
    name: String,
}

impl DynamoTable {
    /// A table by its name or ARN, in the environment's region.
    #[must_use]
    pub fn new(aws: &Aws, name: &str) -> Self {
        let mut config = Builder::from(&aws.of_table());
        config.set_endpoint_url(aws.access.dynamodb_endpoint.clone());
        Self { client: Client::from_conf(config.build()), name: name.to_owned() }
    }

    /// Opens the connection while the function starts: a GET without an operation, which DynamoDB answers
    /// with `healthy`, and which reads and changes nothing. Whatever comes of it is fine.
    pub async fn prewarm(&self) {
        let request = self.client.query().table_name(&self.name).customize().mutate_request(|request| {
            if request.set_method("GET").is_ok() {
                *request.body_mut() = SdkBody::empty();
                for header in ["content-length", "content-type", "x-amz-target"] {
                    request.headers_mut().remove(header);
                }
            }
        });
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let outcome = tokio::time::timeout(PREWARM_TIME, request.config_override(once).send()).await;
        let answered =
            matches!(outcome, Ok(Ok(_) | Err(SdkError::ServiceError(_) | SdkError::ResponseError(_))));
        tracing::debug!(answered, "DynamoDB connection opened during init");
    }

    /// The items under these keys, by key.
    async fn items(&self, keys: &[String], within: Duration) -> Result<HashMap<String, Item>, TableError> {
        let mut found = HashMap::with_capacity(keys.len());
        let mut wanted: Vec<Item> = keys.iter().map(|key| item::key(key)).collect();
        let mut vain = 0;
        while !wanted.is_empty() {
            let asked = wanted.len();
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let request = request.map_err(|error| incomplete(&error))?;
            let call = self.client.batch_get_item().request_items(&self.name, request).customize();
            let reply = call
                .config_override(attempts(within))
                .send()
                .await
                .map_err(|error| unavailable(&api_error(&error)))?;
            let items = reply.responses.into_iter().flatten().flat_map(|(_, items)| items);
            found.extend(items.filter_map(|item| Some((item::key_of(&item)?, item))));
            let left = reply.unprocessed_keys.into_iter().flatten();
            wanted = left.flat_map(|(_, left)| left.keys).collect();
            vain = if wanted.len() < asked { 0 } else { vain + 1 };
            if vain > VAIN_ROUNDS {
                return Err(TableError::Unavailable(format!("throttled: {asked} keys not processed")));
            }
        }
        Ok(found)
    }

    /// Makes the changes, each on top of what stands under its key.
    async fn write(
        &self,
        changes: &[(&Change, Before<'_>)],
        mark: &str,
        within: Duration,
    ) -> Result<(), Refused> {
        if let [(change, before)] = changes
            && let Some(put) = item::put(&self.name, change, before, mark)
        {
            return self.put(put.map_err(|error| Refused::of_build(&error))?, mark, within).await;
        }
        let writes: Result<Vec<TransactWriteItem>, BuildError> =
            changes.iter().map(|(change, before)| item::write(&self.name, change, before, mark)).collect();
        let writes = writes.map_err(|error| Refused::of_build(&error))?;
        // The SDK gives both attempts the same token, so the second does not meet what the first one did. A
        // single delete goes this way too: an item that is gone does not say who deleted it.
        let call = self.client.transact_write_items().set_transact_items(Some(writes)).customize();
        call.config_override(attempts(within))
            .send()
            .await
            .map(drop)
            .map_err(|error| Refused::of_transaction(&error))
    }

    /// Puts one item. Where a second attempt meets what the first one wrote, the item carries our mark; where
    /// somebody has changed that since, it is a conflict with what they made of it.
    async fn put(&self, put: Put, mark: &str, within: Duration) -> Result<(), Refused> {
        let call = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .customize();
        match call.config_override(attempts(within)).send().await.map_err(|error| Refused::of_put(&error)) {
            Err(Refused::Different(found)) if item::carries(&found, mark) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Makes all changes or none. What cannot be read counts as absent: a change from none that meets such an
    /// item is made once more, on top of exactly that item.
    async fn change(&self, changes: &[Change], within: Duration) -> Result<(), TableError> {
        let mark = mark();
        let first: Vec<_> = changes.iter().map(|change| (change, Before::of(change))).collect();
        let found = match self.write(&first, &mark, within).await {
            Ok(()) => return Ok(()),
            Err(Refused::Different(found)) => found,
            Err(refused) => return Err(refused.told(changes)),
        };
        let may_go = |(index, item): &(usize, Option<Item>)| {
            changes.get(*index).is_some_and(|change| change.from.is_none())
                && item.as_ref().is_some_and(|item| item::stored(item).is_none())
        };
        if !found.iter().all(may_go) {
            return Err(Refused::Different(found).told(changes));
        }
        let unreadable: BTreeMap<_, _> =
            found.iter().filter_map(|(index, item)| Some((*index, item.as_ref()?))).collect();
        let before = |(index, change)| match unreadable.get(&index) {
            Some(item) => (change, Before::Unreadable(item)),
            None => (change, Before::of(change)),
        };
        let second: Vec<_> = changes.iter().enumerate().map(before).collect();
        tracing::warn!(documents = unreadable.len(), "replaces documents that cannot be read");
        self.write(&second, &mark, within).await.map_err(|refused| refused.told(changes))
    }

    /// Pages of the index until there are so many keys, or no more.
    async fn keys_due(
        &self,
        now: Timestamp,
        limit: usize,
        within: Duration,
    ) -> Result<Vec<String>, TableError> {
        let mut keys = Vec::new();
        let mut page = None;
        while keys.len() < limit {
            let call = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(DUE_INDEX)
                .key_condition_expression("#open = :open AND #due <= :now")
                .expression_attribute_names("#open", item::OPEN)
                .expression_attribute_names("#due", item::DUE)
                .expression_attribute_values(":open", item::open())
                .expression_attribute_values(":now", item::millis(now))
                .scan_index_forward(true)
                .limit(i32::try_from(limit - keys.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(page)
                .customize();
            let reply = call
                .config_override(attempts(within))
                .send()
                .await
                .map_err(|error| unavailable(&api_error(&error)))?;
            keys.extend(reply.items.iter().flatten().filter_map(item::key_of));
            page = reply.last_evaluated_key.filter(|page| !page.is_empty());
            if page.is_none() {
                break;
            }
        }
        Ok(keys)
    }
}

impl AlertTable for DynamoTable {
    async fn read(&self, keys: &[String], within: Duration) -> Result<Vec<Option<Stored>>, TableError> {
        let items = in_time(within, self.items(keys, within)).await?;
        let stored = |key: &String| {
            let item = items.get(key)?;
            let stored = item::stored(item);
            if stored.is_none() {
                tracing::warn!(key, "a document of the alert table cannot be read; it counts as absent");
            }
            stored
        };
        Ok(keys.iter().map(stored).collect())
    }

    async fn commit(&self, changes: &[Change], within: Duration) -> Result<(), TableError> {
        in_time(within, self.change(changes, within)).await
    }

    async fn due(&self, now: Timestamp, limit: usize, within: Duration) -> Result<Vec<String>, TableError> {
        in_time(within, self.keys_due(now, limit, within)).await
    }
}

/// The time of one attempt: a connection that died while the function was frozen must not take that of the
/// second one, with the pause between them.
fn attempts(within: Duration) -> Builder {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(within * 9 / 20);
    Config::builder().timeout_config(timeouts.build())
}

/// Waits for a call, and no longer.
async fn in_time<T>(
    within: Duration,
    call: impl Future<Output = Result<T, TableError>>,
) -> Result<T, TableError> {
    let late = |_| Err(TableError::Unavailable(format!("no answer within {} ms", within.as_millis())));
    tokio::time::timeout(within, call).await.unwrap_or_else(late)
}

/// A request that lacks a part.
fn incomplete(error: &BuildError) -> TableError {
    TableError::Unavailable(error.to_string())
}

/// Tells one commit from every other, of this process and of others: 64 random bits. The standard library draws
/// the keys of each hasher from the system's randomness, anew for each thread and on from there.
fn mark() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn no_two_marks_are_the_same() {
        let marks: std::collections::BTreeSet<_> = (0..1_000).map(|_| mark()).collect();
        assert_eq!((marks.len(), marks.first().map(String::len)), (1_000, Some(16)));
    }
}
