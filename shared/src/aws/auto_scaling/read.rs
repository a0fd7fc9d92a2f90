//! Auto Scaling's replies in our words.
//!
//! A list that is missing is empty: unlike a body of JSON, XML that holds no reply is not read at all.
//! What is described without its name keeps its place under an empty one: it is nobody's, and it is not lost.

use std::time::Duration;

use aws_sdk_autoscaling::types::{
    AutoScalingGroup, AutoScalingInstanceDetails, LifecycleHook, LifecycleState as SdkState, RetentionAction,
};

use crate::drain::auto_scaling::{Group, GroupInstance, Hook, LifecycleState};

/// How long a hook waits for a heartbeat where nobody said.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html>.
const DEFAULT_HEARTBEAT: Duration = Duration::from_hours(1);

/// A token for the next page; an empty one is none.
pub(in crate::aws) fn token(next: Option<String>) -> Option<String> {
    next.filter(|token| !token.is_empty())
}

/// A group, with its instances as the group sees them.
pub(in crate::aws) fn group(group: AutoScalingGroup) -> Group {
    let name = group.auto_scaling_group_name.unwrap_or_default();
    let instances = group.instances.unwrap_or_default().into_iter().map(|instance| GroupInstance {
        instance_id: instance.instance_id.unwrap_or_default(),
        group: name.clone(),
        state: state(instance.lifecycle_state.as_ref().map(SdkState::as_str)),
    });
    let instances = instances.collect();
    let tags = group.tags.unwrap_or_default().into_iter();
    let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect();
    let abandoned = group
        .instance_lifecycle_policy
        .and_then(|policy| policy.retention_triggers)
        .and_then(|triggers| triggers.terminate_hook_abandon);
    Group { name, tags, instances, retains_on_abandon: abandoned == Some(RetentionAction::Retain) }
}

/// An instance and its group.
pub(in crate::aws) fn instance(details: AutoScalingInstanceDetails) -> GroupInstance {
    GroupInstance {
        instance_id: details.instance_id.unwrap_or_default(),
        group: details.auto_scaling_group_name.unwrap_or_default(),
        state: state(details.lifecycle_state.as_deref()),
    }
}

/// A state; one that is missing is none anybody knows.
pub(in crate::aws) fn state(word: Option<&str>) -> LifecycleState {
    LifecycleState::from_word(word.unwrap_or_default())
}

/// A hook.
pub(in crate::aws) fn hook(hook: LifecycleHook) -> Hook {
    let heartbeat_timeout = seconds(hook.heartbeat_timeout).unwrap_or(DEFAULT_HEARTBEAT);
    Hook {
        name: hook.lifecycle_hook_name.unwrap_or_default(),
        group: hook.auto_scaling_group_name.unwrap_or_default(),
        transition: hook.lifecycle_transition.unwrap_or_default(),
        heartbeat_timeout,
        global_timeout: seconds(hook.global_timeout).unwrap_or_else(|| Hook::longest_hold(heartbeat_timeout)),
        notification_metadata: hook.notification_metadata,
    }
}

/// A time that can be waited for.
fn seconds(seconds: Option<i32>) -> Option<Duration> {
    seconds
        .and_then(|seconds| u64::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
}
