//! Auto Scaling over HTTP: form-encoded in, XML out.

use loopback::{Reply, Request};
use shared::drain::auto_scaling::ActionResult;
use shared::ports::ApiError;
use shared::ports::auto_scaling::{Action, ActionOutcome, PER_GROUPS, PER_INSTANCES};

use super::form::{self, Form, filters, members, most, text};
use super::{reply, xml};
use crate::api::Op;
use crate::auto_scaling::api::invalid;
use crate::auto_scaling::{Group, GroupNo, HookPlan};
use crate::ec2::InstanceNo;
use crate::ecs::REGION;
use crate::ecs::api::{page_of, refused};
use crate::sim::Sim;
use crate::world::World;

/// Answers a request.
pub(super) fn answer(sim: &Sim, request: &Request) -> Reply {
    let form = request.form();
    let name = text(&form, "Action").unwrap_or_default();
    let Some(op) = Op::named(name) else {
        return xml::error(400, "InvalidAction", name);
    };
    let called = sim.try_call(op, |world, _| act(world, op, &form));
    reply(sim, called, |result| xml::answer(name, &result), xml::error)
}

/// Does what a request asks for.
fn act(world: &mut World, op: Op, form: &Form) -> Result<String, ApiError> {
    match op {
        Op::DescribeAutoScalingGroups => describe_groups(world, form),
        Op::DescribeAutoScalingInstances => describe_instances(world, form),
        Op::DescribeLifecycleHooks => {
            let name = text(form, "AutoScalingGroupName").unwrap_or_default();
            let names = members(form, "LifecycleHookNames");
            let group = world.group(world.group_or_refusal(name)?);
            let wanted = group.hooks.iter().filter(|hook| names.is_empty() || names.contains(&hook.name));
            Ok(xml::list("LifecycleHooks", wanted.map(|hook| hook_xml(group, hook))))
        }
        Op::RecordLifecycleActionHeartbeat => {
            let id = instance_id(world, form)?;
            let outcome = world.call_heartbeat(action(form, &id))?;
            done(form, outcome)
        }
        Op::CompleteLifecycleAction => {
            let result = match text(form, "LifecycleActionResult") {
                Some("CONTINUE") => ActionResult::Continue,
                Some("ABANDON") => ActionResult::Abandon,
                _ => return Err(invalid("Lifecycle action result must be CONTINUE or ABANDON")),
            };
            let id = instance_id(world, form)?;
            let outcome = world.call_complete(action(form, &id), result)?;
            done(form, outcome)
        }
        Op::SetInstanceProtection => {
            let group = text(form, "AutoScalingGroupName").unwrap_or_default();
            let protected = text(form, "ProtectedFromScaleIn") == Some("true");
            world.protect_from_scale_in(group, &members(form, "InstanceIds"), protected)?;
            Ok(String::new())
        }
        Op::ListClusters
        | Op::DescribeClusters
        | Op::ListServices
        | Op::ListContainerInstances
        | Op::DescribeContainerInstances
        | Op::UpdateContainerInstancesState
        | Op::PutAttributes
        | Op::DeleteAttributes
        | Op::ListTasks
        | Op::DescribeTasks
        | Op::StopTask
        | Op::DescribeServices
        | Op::GetTaskProtection
        | Op::DescribeTaskDefinition
        | Op::DescribeCapacityProviders
        | Op::Publish
        | Op::SendCommand
        | Op::ListCommandInvocations => Err(refused("InvalidAction", op.name())),
    }
}

/// The action a request is about.
fn action<'a>(form: &'a Form, instance_id: &'a str) -> Action<'a> {
    Action {
        group: text(form, "AutoScalingGroupName").unwrap_or_default(),
        hook: text(form, "LifecycleHookName").unwrap_or_default(),
        instance_id,
    }
}

/// The instance an action is about, by its id or by the action's token.
fn instance_id(world: &World, form: &Form) -> Result<String, ApiError> {
    if let Some(id) = text(form, "InstanceId") {
        return Ok(id.to_owned());
    }
    let token = text(form, "LifecycleActionToken");
    let token = token.ok_or_else(|| invalid("Either a token or an instance ID is required"))?;
    let found = world.instance_of_token(token).map(|instance| world.instance(instance).id.clone());
    found.ok_or_else(|| invalid(format!("No active Lifecycle Action found with token {token}")))
}

/// The answer to a heartbeat or a completion.
fn done(form: &Form, outcome: ActionOutcome) -> Result<String, ApiError> {
    match (outcome, text(form, "InstanceId")) {
        (ActionOutcome::Accepted, _) => Ok(String::new()),
        (ActionOutcome::NoActiveAction, Some(id)) => {
            Err(invalid(format!("No active Lifecycle Action found with instance ID {id}")))
        }
        (ActionOutcome::NoActiveAction, None) => {
            let token = text(form, "LifecycleActionToken").unwrap_or_default();
            Err(invalid(format!("No active Lifecycle Action found with token {token}")))
        }
    }
}

/// `DescribeAutoScalingGroups`.
fn describe_groups(world: &World, form: &Form) -> Result<String, ApiError> {
    let wanted = filters(form);
    for (name, _) in &wanted {
        if !(name == "tag-key" || name == "tag-value" || name.starts_with("tag:")) {
            return Err(invalid(format!("Filter type {name} is not correct.")));
        }
    }
    let passes = |group: &Group| {
        wanted.iter().all(|(name, values)| {
            group.tags.iter().any(|(key, value)| match name.strip_prefix("tag:") {
                Some(wanted) => key == wanted && values.contains(value),
                None => values.contains(if name == "tag-key" { key } else { value }),
            })
        })
    };
    let names = members(form, "AutoScalingGroupNames");
    let page =
        world.describe_groups_where(&names, passes, text(form, "NextToken"), form::most(form, PER_GROUPS))?;
    let with_instances = text(form, "IncludeInstances") != Some("false");
    let groups = page.items.into_iter().map(|number| group_xml(world, number, with_instances));
    Ok(xml::list("AutoScalingGroups", groups) + &xml::maybe("NextToken", page.next.as_deref()))
}

/// `DescribeAutoScalingInstances`.
fn describe_instances(world: &World, form: &Form) -> Result<String, ApiError> {
    let ids = members(form, "InstanceIds");
    let found = if ids.is_empty() {
        world.all_instances().filter(|instance| world.instance(*instance).membership.is_some()).collect()
    } else {
        world.describe_group_instances(&ids)?
    };
    let numbered = found.into_iter().map(|instance| (instance.0, instance));
    let page = page_of(numbered, text(form, "NextToken"), most(form, PER_INSTANCES).min(PER_INSTANCES))
        .map_err(|_| refused("InvalidNextToken", "The token is not valid."))?;
    let instances = page.items.into_iter().map(|instance| instance_xml(world, instance, true));
    Ok(xml::list("AutoScalingInstances", instances) + &xml::maybe("NextToken", page.next.as_deref()))
}

/// A group.
fn group_xml(world: &World, number: GroupNo, with_instances: bool) -> String {
    let group = world.group(number);
    let view = world.group_view(number);
    let shown = view.instances.iter().filter(|_| with_instances);
    let instances = shown.filter_map(|one| world.instance_of_id(&one.instance_id));
    let count = view.instances.len().to_string();
    let tags = group.tags.iter().map(|(key, value)| {
        xml::leaf("ResourceId", &group.name)
            + &xml::leaf("ResourceType", "auto-scaling-group")
            + &xml::leaf("Key", key)
            + &xml::leaf("Value", value)
            + &xml::leaf("PropagateAtLaunch", "false")
    });
    let abandoned = if group.retains_on_abandon { "retain" } else { "terminate" };
    let retention = xml::node("RetentionTriggers", &[xml::leaf("TerminateHookAbandon", abandoned)]);
    [
        xml::leaf("AutoScalingGroupName", &group.name),
        xml::leaf("AutoScalingGroupARN", &group.arn()),
        xml::leaf("MinSize", "0"),
        xml::leaf("MaxSize", "10000"),
        xml::leaf("DesiredCapacity", &count),
        xml::leaf("DefaultCooldown", "300"),
        xml::list("AvailabilityZones", [format!("{REGION}a")]),
        xml::leaf("HealthCheckType", "EC2"),
        xml::leaf("CreatedTime", &world.beginning().to_string()),
        xml::list("Instances", instances.map(|instance| instance_xml(world, instance, false))),
        xml::list("Tags", tags),
        xml::node("InstanceLifecyclePolicy", &[retention]),
    ]
    .concat()
}

/// An instance, as its group lists it or by itself.
fn instance_xml(world: &World, number: InstanceNo, by_itself: bool) -> String {
    let instance = world.instance(number);
    let Some(member) = &instance.membership else { return String::new() };
    let group = by_itself.then(|| world.group(member.group).name.as_str());
    [
        xml::leaf("InstanceId", &instance.id),
        xml::maybe("AutoScalingGroupName", group),
        xml::leaf("AvailabilityZone", &format!("{REGION}a")),
        xml::leaf("LifecycleState", member.stage.word()),
        xml::leaf("HealthStatus", if by_itself { "HEALTHY" } else { "Healthy" }),
        xml::leaf("ProtectedFromScaleIn", if member.protected_from_scale_in { "true" } else { "false" }),
    ]
    .concat()
}

/// A hook.
fn hook_xml(group: &Group, hook: &HookPlan) -> String {
    [
        xml::leaf("LifecycleHookName", &hook.name),
        xml::leaf("AutoScalingGroupName", &group.name),
        xml::leaf("LifecycleTransition", &hook.transition),
        xml::maybe("NotificationMetadata", hook.metadata.as_deref()),
        xml::leaf("HeartbeatTimeout", &hook.heartbeat_timeout.as_secs().to_string()),
        xml::leaf("GlobalTimeout", &hook.longest_hold().as_secs().to_string()),
        xml::leaf("DefaultResult", hook.default_result.word()),
    ]
    .concat()
}
