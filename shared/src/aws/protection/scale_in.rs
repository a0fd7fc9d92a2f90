//! Auto Scaling's part.

use aws_sdk_autoscaling::types::LifecycleState;

use super::ProtectionApi;
use crate::aws::auto_scaling::read;
use crate::aws::failure::api_error;
use crate::drain::auto_scaling::GroupInstance;
use crate::ports::protection::ScaleIn;
use crate::ports::{ApiError, Page};
use crate::protect::Member;

/// Pages of named instances after which something is wrong: one has room for all of them.
const MOST_PAGES: usize = 5;
/// Instances on a page, at most; as many as are named in one call.
const INSTANCES_PER_PAGE: i32 = 50;
/// Groups on a page, at most.
const GROUPS_PER_PAGE: i32 = 100;

impl ScaleIn for ProtectionApi {
    async fn describe_members(&self, instance_ids: &[String]) -> Result<Vec<Member>, ApiError> {
        let mut found = Vec::new();
        // Without an id the call would describe every instance there is.
        if instance_ids.is_empty() {
            return Ok(found);
        }
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let call = self
                .auto_scaling
                .describe_auto_scaling_instances()
                .set_instance_ids(Some(instance_ids.to_vec()))
                .max_records(INSTANCES_PER_PAGE)
                .set_next_token(next);
            let reply = call.send().await.map_err(|error| api_error(&error))?;
            found.extend(reply.auto_scaling_instances.unwrap_or_default().into_iter().map(|details| {
                let is_protected = details.protected_from_scale_in.unwrap_or_default();
                Member { instance: read::instance(details), is_protected }
            }));
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

    async fn describe_groups_of(
        &self,
        names: &[String],
        page: Option<&str>,
    ) -> Result<Page<Member>, ApiError> {
        // Without a name the call would describe every group there is.
        if names.is_empty() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let call = self
            .auto_scaling
            .describe_auto_scaling_groups()
            .set_auto_scaling_group_names(Some(names.to_vec()))
            .max_records(GROUPS_PER_PAGE)
            .set_next_token(page.map(str::to_owned));
        let reply = call.send().await.map_err(|error| api_error(&error))?;
        let groups = reply.auto_scaling_groups.unwrap_or_default().into_iter();
        let members = groups.flat_map(|group| {
            let name = group.auto_scaling_group_name.unwrap_or_default();
            group.instances.unwrap_or_default().into_iter().map(move |instance| Member {
                is_protected: instance.protected_from_scale_in.unwrap_or_default(),
                instance: GroupInstance {
                    instance_id: instance.instance_id.unwrap_or_default(),
                    group: name.clone(),
                    state: read::state(instance.lifecycle_state.as_ref().map(LifecycleState::as_str)),
                },
            })
        });
        Ok(Page { items: members.collect(), next: read::token(reply.next_token) })
    }

    async fn set_protection(
        &self,
        group: &str,
        instance_ids: &[String],
        is_protected: bool,
    ) -> Result<(), ApiError> {
        let call = self
            .auto_scaling
            .set_instance_protection()
            .auto_scaling_group_name(group)
            .set_instance_ids(Some(instance_ids.to_vec()))
            .protected_from_scale_in(is_protected);
        call.send().await.map(drop).map_err(|error| api_error(&error))
    }
}
