//! SNS topics and who is subscribed to them.

use super::seen::{Read, SubscriptionSeen};
use super::{Account, not_read};

/// What stands in the place of a subscription's ARN that nobody has confirmed.
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>.
const PENDING: &str = "PendingConfirmation";
/// The attribute that holds a filter, and what it is without one.
const FILTER: (&str, &str) = ("FilterPolicy", "{}");

impl Account {
    /// `GetTopicAttributes`, `ListSubscriptionsByTopic` and `GetSubscriptionAttributes`: a topic's subscriptions.
    ///
    /// # Errors
    /// Where the topic is not there, or could not be read.
    pub async fn subscriptions(&self, topic: &str) -> Read<Vec<SubscriptionSeen>> {
        let call = self.sns.get_topic_attributes().topic_arn(topic);
        call.send().await.map_err(not_read("sns:GetTopicAttributes"))?;
        let call = self.sns.list_subscriptions_by_topic().topic_arn(topic);
        let found: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let mut seen = Vec::new();
        for subscription in found.map_err(not_read("sns:ListSubscriptionsByTopic"))? {
            // What was unsubscribed is listed as `Deleted` for a while.
            let arn = subscription.subscription_arn.unwrap_or_default();
            if !arn.starts_with("arn:") && arn != PENDING {
                continue;
            }
            seen.push(SubscriptionSeen {
                protocol: subscription.protocol.unwrap_or_default(),
                endpoint: subscription.endpoint.unwrap_or_default(),
                is_pending: arn == PENDING,
                is_filtered: if arn == PENDING { Ok(false) } else { self.is_filtered(&arn).await },
            });
        }
        Ok(seen)
    }

    /// Whether a subscription has a filter.
    async fn is_filtered(&self, subscription: &str) -> Read<bool> {
        let call = self.sns.get_subscription_attributes().subscription_arn(subscription);
        let reply = call.send().await.map_err(not_read("sns:GetSubscriptionAttributes"))?;
        let (name, none) = FILTER;
        let filter = reply.attributes.unwrap_or_default().remove(name).unwrap_or_default();
        Ok(!filter.trim().is_empty() && filter.trim() != none)
    }
}
