//! SQS queues, by their ARNs.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use serde::Deserialize;

use super::seen::{QueueSeen, Read};
use super::{Account, not_read, odd};
use crate::event::arn::Arn;

/// What is asked of a queue.
const WANTED: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::RedrivePolicy,
    QueueAttributeName::VisibilityTimeout,
];
/// The attributes, as an IAM action.
const GET_ATTRIBUTES: &str = "sqs:GetQueueAttributes";

/// A queue's redrive policy, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    /// The dead-letter queue.
    dead_letter_target_arn: String,
}

impl Account {
    /// `GetQueueUrl` and `GetQueueAttributes` of a queue.
    ///
    /// # Errors
    /// Where a call was not answered, or the ARN is none of a queue.
    pub async fn queue(&self, arn: &str) -> Read<QueueSeen> {
        let name = Arn::parse(arn).filter(|arn| arn.service == "sqs");
        let name = name.ok_or_else(|| odd(GET_ATTRIBUTES, "this is no ARN of a queue"))?;
        let call =
            self.sqs.get_queue_url().queue_name(name.resource).queue_owner_aws_account_id(name.account);
        let url = call.send().await.map_err(not_read("sqs:GetQueueUrl"))?.queue_url;
        let call = self.sqs.get_queue_attributes().set_queue_url(url);
        let reply = call.set_attribute_names(Some(WANTED.to_vec())).send().await;
        let found = reply.map_err(not_read(GET_ATTRIBUTES))?.attributes.unwrap_or_default();
        let number = |name: QueueAttributeName| {
            let number = found.get(&name).and_then(|text| text.parse().ok());
            number.ok_or_else(|| odd(GET_ATTRIBUTES, &format!("the reply holds no {name}")))
        };
        Ok(QueueSeen {
            dead_letters: dead_letters(&found),
            visibility: Duration::from_secs(number(QueueAttributeName::VisibilityTimeout)?),
            messages: number(QueueAttributeName::ApproximateNumberOfMessages)?,
        })
    }
}

/// The ARN of the dead-letter queue; none where the policy is missing or names none.
fn dead_letters(attributes: &HashMap<QueueAttributeName, String>) -> Option<String> {
    let policy: Option<RedrivePolicy> =
        serde_json::from_str(attributes.get(&QueueAttributeName::RedrivePolicy)?).ok();
    policy.map(|policy| policy.dead_letter_target_arn).filter(|arn| !arn.is_empty())
}
