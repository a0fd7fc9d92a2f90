//! Events of Auto Scaling and EC2.
//!
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>.

use serde_json::{Value, json};

use super::send;
use crate::ec2::InstanceNo;
use crate::ecs::{ACCOUNT, REGION};
use crate::outbox::Kind;
use crate::world::World;

/// Tells of each action that holds an instance.
pub(crate) fn lifecycle_actions(world: &mut World, instance: InstanceNo) {
    if !world.outbox.takes(Kind::LifecycleAction) {
        return;
    }
    let Some(member) = world.instance(instance).membership.clone() else { return };
    let id = world.instance(instance).id.clone();
    let group = world.group(member.group).clone();
    let arn = format!(
        "arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:{:08x}-0a1b-4c2d-8e3f-000000000000:\
         autoScalingGroupName/{}",
        member.group.0, group.name
    );
    for action in &member.actions {
        let hook = &group.hooks[action.hook.0];
        let mut detail = json!({
            "LifecycleActionToken": action.token,
            "AutoScalingGroupName": group.name,
            "LifecycleHookName": hook.name,
            "EC2InstanceId": id,
            "LifecycleTransition": hook.transition,
            "Origin": "AutoScalingGroup",
            "Destination": member.destination.word(),
        });
        if let (Some(text), Some(fields)) = (&hook.metadata, detail.as_object_mut()) {
            fields.insert("NotificationMetadata".to_owned(), Value::from(text.as_str()));
        }
        send(world, "aws.autoscaling", Kind::LifecycleAction, &[&arn], &detail);
    }
}

/// Tells that EC2 takes an instance back.
pub(crate) fn spot_warning(world: &mut World, instance: InstanceNo) {
    if !world.outbox.takes(Kind::SpotWarning) {
        return;
    }
    let id = world.instance(instance).id.clone();
    let arn = format!("arn:aws:ec2:{REGION}a:instance/{id}");
    let detail = json!({"instance-id": id, "instance-action": "terminate"});
    send(world, "aws.ec2", Kind::SpotWarning, &[&arn], &detail);
}
