//! DynamoDB tables.

use aws_sdk_dynamodb::types::TimeToLiveStatus;

use super::seen::{Read, TableSeen};
use super::{Account, not_read, odd};

/// A table's description, as an IAM action.
const DESCRIBE_TABLE: &str = "dynamodb:DescribeTable";

impl Account {
    /// `DescribeTable` and `DescribeTimeToLive`.
    ///
    /// # Errors
    /// Where the table is not there or could not be described.
    pub async fn table(&self, name: &str) -> Read<TableSeen> {
        let reply = self.dynamodb.describe_table().table_name(name).send().await;
        let table = reply.map_err(not_read(DESCRIBE_TABLE))?.table;
        let table = table.ok_or_else(|| odd(DESCRIBE_TABLE, "the reply holds no table"))?;
        let indexes = table.global_secondary_indexes.unwrap_or_default().into_iter();
        Ok(TableSeen {
            arn: table.table_arn.unwrap_or_default(),
            indexes: indexes.filter_map(|index| index.index_name).collect(),
            expires_by: self.expires_by(name).await,
        })
    }

    /// The attribute of the time to live, where it is enabled or about to be.
    async fn expires_by(&self, name: &str) -> Read<Option<String>> {
        let reply = self.dynamodb.describe_time_to_live().table_name(name).send().await;
        let found = reply.map_err(not_read("dynamodb:DescribeTimeToLive"))?.time_to_live_description;
        let is_on = |status: &TimeToLiveStatus| {
            *status == TimeToLiveStatus::Enabled || *status == TimeToLiveStatus::Enabling
        };
        Ok(found
            .filter(|found| found.time_to_live_status.as_ref().is_some_and(is_on))
            .and_then(|found| found.attribute_name))
    }
}
