//! Auto Scaling by its API.
//! Source of the calls: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/>.

pub(in crate::aws) mod read;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::config::Builder;
use aws_sdk_autoscaling::types::Filter;

use super::Aws;
use super::failure::api_error;
use crate::drain::auto_scaling::{ActionResult, Group, GroupInstance, Hook};
use crate::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use crate::ports::{ApiError, AutoScaling, Page};

/// Groups on a page, at most.
const GROUPS_PER_PAGE: i32 = 100;
/// Instances on a page, at most; as many as are named in one call, so that there is one page.
const INSTANCES_PER_PAGE: i32 = 50;
/// Pages of named instances after which something is wrong: one has room for all of them.
const MOST_PAGES: usize = 5;

/// The code of an action that is no longer held, and of every other value Auto Scaling does not take.
const INVALID: &str = "ValidationError";
/// The text that tells the two apart.
const NO_ACTIVE_ACTION: &str = "No active Lifecycle Action found";

/// Auto Scaling in the environment's region.
#[derive(Clone, Debug)]
pub struct AutoScalingApi {
    /// The client.
    client: Client,
}

impl AutoScalingApi {
    /// With what all clients share, and the retries of what ticks.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        let mut config = Builder::from(&aws.of_ticks());
        config.set_endpoint_url(aws.access.auto_scaling_endpoint.clone());
        Self { client: Client::from_conf(config.build()) }
    }
}

impl AutoScaling for AutoScalingApi {
    async fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        page: Option<&str>,
    ) -> Result<Page<Group>, ApiError> {
        let call = self
            .client
            .describe_auto_scaling_groups()
            .max_records(GROUPS_PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let call = match filter {
            GroupFilter::All => call,
            GroupFilter::TagKey(key) => call.filters(Filter::builder().name("tag-key").values(key).build()),
            // Without a name the call would describe every group there is.
            GroupFilter::Names([]) => return Ok(Page { items: Vec::new(), next: None }),
            GroupFilter::Names(names) => call.set_auto_scaling_group_names(Some(names.to_vec())),
        };
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        let groups = reply.auto_scaling_groups.unwrap_or_default();
        Ok(Page { items: groups.into_iter().map(read::group).collect(), next: read::token(reply.next_token) })
    }

    async fn describe_instances(&self, instance_ids: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        let mut found = Vec::new();
        // Without an id the call would describe every instance there is.
        if instance_ids.is_empty() {
            return Ok(found);
        }
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let call = self
                .client
                .describe_auto_scaling_instances()
                .set_instance_ids(Some(instance_ids.to_vec()))
                .max_records(INSTANCES_PER_PAGE)
                .set_next_token(next);
            let reply = call.send().await.map_err(|error| api_error(&error))?;
            found.extend(reply.auto_scaling_instances.unwrap_or_default().into_iter().map(read::instance));
            next = read::token(reply.next_token);
            if next.is_none() {
                return Ok(found);
            }
        }
        Err(ApiError::Unavailable(format!(
            "{} instances on more than {MOST_PAGES} pages",
            instance_ids.len()
        )))
    }

    async fn describe_hooks(&self, group: &str) -> Result<Vec<Hook>, ApiError> {
        let call = self.client.describe_lifecycle_hooks().auto_scaling_group_name(group);
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        Ok(reply.lifecycle_hooks.unwrap_or_default().into_iter().map(read::hook).collect())
    }

    async fn heartbeat(&self, action: Action<'_>) -> Result<ActionOutcome, ApiError> {
        let call = self
            .client
            .record_lifecycle_action_heartbeat()
            .auto_scaling_group_name(action.group)
            .lifecycle_hook_name(action.hook)
            .instance_id(action.instance_id);
        outcome(call.send().await.map(drop).map_err(|error| api_error(&error)))
    }

    async fn complete(&self, action: Action<'_>, result: ActionResult) -> Result<ActionOutcome, ApiError> {
        let call = self
            .client
            .complete_lifecycle_action()
            .auto_scaling_group_name(action.group)
            .lifecycle_hook_name(action.hook)
            .instance_id(action.instance_id)
            .lifecycle_action_result(result.word());
        outcome(call.send().await.map(drop).map_err(|error| api_error(&error)))
    }
}

/// What became of a lifecycle action. One that is no longer held is an outcome, not a failure; a second
/// attempt finds it so where the answer to the first was lost.
fn outcome(answer: Result<(), ApiError>) -> Result<ActionOutcome, ApiError> {
    match answer {
        Ok(()) => Ok(ActionOutcome::Accepted),
        Err(ApiError::Refused { code, message }) if code == INVALID && message.contains(NO_ACTIVE_ACTION) => {
            Ok(ActionOutcome::NoActiveAction)
        }
        Err(error) => Err(error),
    }
}
