"""Mistakes in roles and policies, made on purpose: iam_check.py has to find each."""

import copy
import re
from collections.abc import Callable
from typing import Any

from iam_requests import as_list
from simulator import Statement

MONITOR, SERVICES, VOLUMES, DRAIN = "task-monitor", "service-monitor", "volume-monitor", "instance-drain"
PROTECT, AUDIT, HOSTS = "instance-protection", "cluster-audit", "instance-monitor"

Statements = list[Statement]


def changed(sid: str, **fields: Any) -> Callable[[Statements], Statements]:
    """Statements with fields of one of them changed; None takes one away, a function changes it."""
    def apply(statements: Statements) -> Statements:
        assert any(statement["Sid"] == sid for statement in statements), f"there is no {sid} to break"
        found = copy.deepcopy(statements)
        for statement in found:
            if statement["Sid"] == sid:
                for key, value in fields.items():
                    statement[key] = value(as_list(statement[key])) if callable(value) else value
                    if value is None:
                        del statement[key]
        return found
    return apply


# Breaks: what, of which function, whether under narrow parameters, how, and words of the complaint that has to come.
BREAKS: list[tuple[str, str, bool, Callable[[Statements], Statements], str]] = [
    ("no permission to publish", MONITOR, False, changed("Tell", Action="sns:Subscribe"),
     "task-monitor may not sns:Publish"),
    ("no permission to delete items", MONITOR, False,
     changed("RememberIncidents", Action=["dynamodb:BatchGetItem", "dynamodb:PutItem"]),
     "task-monitor may not dynamodb:DeleteItem"),
    ("what only a tick needs", SERVICES, False,
     changed("RememberIncidents", Action=lambda actions: [*actions, "dynamodb:DeleteItem"]),
     "nothing needs dynamodb:DeleteItem"),
    ("an action too many", DRAIN, False, changed("SeeAndDrain", Action=lambda actions: [*actions, "ecs:StartTask"]),
     "nothing needs ecs:StartTask"),
    ("a typo", DRAIN, False, changed("SeeAndDrain", Action=lambda actions: [*actions, "ecs:StopTasks"]),
     "there is no action ecs:StopTasks"),
    ("a pattern", DRAIN, False, changed("SeeAndDrain", Action=lambda actions: [*actions, "ecs:Describe*"]),
     "ecs:Describe* is a pattern"),
    ("a resource too many", MONITOR, False,
     changed("RememberIncidents", Resource=lambda arns: [*arns, "arn:aws:dynamodb:*:*:table/others"]),
     "nothing needs the resource arn:aws:dynamodb:*:*:table/others"),
    ("every topic", MONITOR, False, changed("Tell", Resource="*"), "sns:Publish has a resource"),
    ("topics of every account", DRAIN, True, changed("Tell", Resource="arn:aws:sns:*:*:*"), "another account"),
    ("every table", MONITOR, True, changed("RememberIncidents", Resource=lambda arns: [
        re.sub(r"table/.*", "table/*", arn) for arn in arns]), "another table"),
    ("every cluster", DRAIN, True, changed("SeeAndDrain", Condition=None), "another cluster"),
    ("volumes of other clusters", VOLUMES, True, changed("SeeInstancesAndTasks", Condition=None), "another cluster"),
    ("no permission to see volumes", VOLUMES, False,
     changed("SeeWhatHasNoResource", Action=["cloudwatch:GetMetricData", "ecs:ListClusters"]),
     "volume-monitor may not ec2:DescribeVolumes"),
    ("services of other clusters", AUDIT, True, changed("FindServices", Condition=None), "another cluster"),
    ("no permission to see services", AUDIT, False, changed("SeeWhatIsInThem", Action=[
        "ecs:DescribeContainerInstances", "ecs:ListTasks", "ecs:DescribeTasks"]),
     "cluster-audit may not ecs:DescribeServices"),
    ("every group", DRAIN, True, changed("AnswerHooks", Resource=lambda arns: [
        re.sub(r"autoScalingGroupName/.*", "autoScalingGroupName/*", arn) for arn in arns]), "another group"),
    ("protection of every group", PROTECT, True, changed("Protect", Resource=lambda arns: [
        re.sub(r"autoScalingGroupName/.*", "autoScalingGroupName/*", arn) for arn in arns]), "another group"),
    ("what only a drain does", PROTECT, False, changed("SeeAndNote", Action=lambda actions: [*actions, "ecs:StopTask"]),
     "nothing needs ecs:StopTask"),
    ("scripts on every instance", DRAIN, True, changed("CollectLogsOfGroups", Condition=None),
     "an instance of another group"),
    ("every document", DRAIN, True, changed("CollectLogsByScript", Resource=lambda arns: [
        arn.replace("AWS-RunShellScript", "*") for arn in arns]), "another document"),
    ("scripts of instance-monitor on every instance", HOSTS, True, changed("CollectLogsOfGroups", Condition=None),
     "an instance of another group"),
    ("every document for instance-monitor", HOSTS, True, changed("CollectLogsByScript", Resource=lambda arns: [
        arn.replace("AWS-RunShellScript", "*") for arn in arns]), "another document"),
    ("the key for every service", DRAIN, True, changed("TellEncrypted", Condition=None), "another service's use"),
]


def set_statement(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of the first statement of a resource's policy."""
    def apply(properties: dict[str, Any]) -> None:
        properties["PolicyDocument"]["Statement"][0][field] = value
    return apply


# Breaks of the policies of queues, topic and key: what, of which resource, how, and words of the complaint.
POLICY_BREAKS: list[tuple[str, str, Callable[[dict[str, Any]], Any], str]] = [
    ("a queue's policy for other rules", "TaskMonitorQueuePolicy", set_statement(
        "Condition", {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/typo-*"}}),
     "TaskStoppedRule cannot deliver"),
    ("a queue's policy without the dead letters", "InstanceDrainQueuePolicy", lambda properties: properties.update(
        Queues=properties["Queues"][:1]), "cannot deliver to"),
    ("a queue for everybody's rules", "InstanceDrainQueuePolicy", set_statement(
        "Condition", {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}), "can deliver to"),
    ("a topic without alarms", "AlertTopicPolicy", set_statement("Principal", {"Service": "events.amazonaws.com"}),
     "the alarm may not sns:Publish"),
    ("a key without alarms", "AlertKey", lambda properties: properties["KeyPolicy"]["Statement"].pop(),
     "the alarm may not kms:Decrypt"),
]
