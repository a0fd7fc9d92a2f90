"""CloudFormation's resources in the words of Terraform's AWS provider, a function for each type.

Every property has to be translated: one that nobody here asks for is an error, so that nothing the template says is
left out of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cloudformation import ACCOUNT, ARNS, REGION, Stack

from .blocks import ModuleError

Resource = tuple[str, dict[str, Any]]
# Where the template expects a function's package, and the folder the module is given in its place.
CODE = re.compile(r"\.\./target/lambda/deploy/([a-z-]+)/")
PACKAGES = "packages"


class Properties:
    """The properties of a resource or of a part of one, each taken once."""

    def __init__(self, place: str, values: dict[str, Any]) -> None:
        self.place = place
        self.values = dict(values)

    def take(self, name: str) -> Any:
        """A property, or None."""
        return self.values.pop(name, None)

    def number(self, name: str) -> int | None:
        """A number; a parameter's value is a text."""
        value = self.take(name)
        return None if value is None else int(value)

    def within(self, name: str) -> Properties:
        """A property that has properties of its own; empty where it is missing."""
        return Properties(f"{self.place}.{name}", self.take(name) or {})

    def each(self, name: str) -> list[Properties]:
        """The elements of a list of such."""
        return [Properties(f"{self.place}.{name}", element) for element in self.take(name) or []]

    def finish(self) -> None:
        """An error where something was not taken."""
        if self.values:
            raise ModuleError(f"{self.place}: the check does not translate {', '.join(sorted(self.values))}")


def key(own: Properties, _: Stack) -> list[Resource]:
    """A key; its policy is an attribute."""
    return [
        (
            "aws_kms_key",
            {
                "description": own.take("Description"),
                "enable_key_rotation": own.take("EnableKeyRotation"),
                "deletion_window_in_days": own.number("PendingWindowInDays"),
                "policy": own.take("KeyPolicy"),
            },
        )
    ]


def topic(own: Properties, _: Stack) -> list[Resource]:
    """A topic."""
    return [
        (
            "aws_sns_topic",
            {
                "name": own.take("TopicName"),
                "display_name": own.take("DisplayName"),
                "kms_master_key_id": own.take("KmsMasterKeyId"),
            },
        )
    ]


def topic_policy(own: Properties, _: Stack) -> list[Resource]:
    """A policy of one topic or several: one for each."""
    policy = own.take("PolicyDocument")
    return [("aws_sns_topic_policy", {"arn": arn, "policy": policy}) for arn in own.take("Topics")]


def subscription(own: Properties, _: Stack) -> list[Resource]:
    """A subscription."""
    return [
        (
            "aws_sns_topic_subscription",
            {
                "topic_arn": own.take("TopicArn"),
                "protocol": own.take("Protocol"),
                "endpoint": own.take("Endpoint"),
            },
        )
    ]


def table(own: Properties, _: Stack) -> list[Resource]:
    """A table with its indexes."""
    indexes = []
    for index in own.each("GlobalSecondaryIndexes"):
        (projection,) = part(index.within("Projection"), {"projection_type": "ProjectionType"})
        indexes.append({"name": index.take("IndexName"), **keys(index), **projection})
        index.finish()
    attributes = own.take("AttributeDefinitions")
    encryption = part(own.within("SSESpecification"), {"enabled": "SSEEnabled"})
    return [
        (
            "aws_dynamodb_table",
            {
                "name": own.take("TableName"),
                "billing_mode": own.take("BillingMode"),
                **keys(own),
                "attribute": [{"name": each["AttributeName"], "type": each["AttributeType"]} for each in attributes],
                "global_secondary_index": indexes,
                "ttl": part(
                    own.within("TimeToLiveSpecification"), {"attribute_name": "AttributeName", "enabled": "Enabled"}
                ),
                "point_in_time_recovery": part(
                    own.within("PointInTimeRecoverySpecification"), {"enabled": "PointInTimeRecoveryEnabled"}
                ),
                # DynamoDB's own key is what a table has where nothing is said, and all that `false` says.
                "server_side_encryption": [each for each in encryption if each["enabled"]],
            },
        )
    ]


def keys(own: Properties) -> dict[str, Any]:
    """The keys of a table or an index."""
    names = {"HASH": "hash_key", "RANGE": "range_key"}
    return {names[each["KeyType"]]: each["AttributeName"] for each in own.take("KeySchema")}


def part(own: Properties, names: dict[str, str]) -> list[dict[str, Any]]:
    """A block that holds just these properties; none where all are missing."""
    values = {ours: own.take(theirs) for ours, theirs in names.items()}
    own.finish()
    return [values] if any(value is not None for value in values.values()) else []


def queue(own: Properties, _: Stack) -> list[Resource]:
    """A queue."""
    return [
        (
            "aws_sqs_queue",
            {
                "name": own.take("QueueName"),
                "sqs_managed_sse_enabled": own.take("SqsManagedSseEnabled"),
                "message_retention_seconds": own.number("MessageRetentionPeriod"),
                "visibility_timeout_seconds": own.number("VisibilityTimeout"),
                "redrive_policy": own.take("RedrivePolicy"),
            },
        )
    ]


def queue_policy(own: Properties, _: Stack) -> list[Resource]:
    """A policy of one queue or several: one for each."""
    policy = own.take("PolicyDocument")
    return [("aws_sqs_queue_policy", {"queue_url": url, "policy": policy}) for url in own.take("Queues")]


def log_group(own: Properties, _: Stack) -> list[Resource]:
    """A log group."""
    return [
        ("aws_cloudwatch_log_group", {"name": own.take("LogGroupName"), "retention_in_days": own.number("RetentionInDays")})
    ]


def role_name(stack: Stack, policy: str) -> str:
    """What Terraform calls a role, to which CloudFormation gives a name itself."""
    return f"{stack.stack}-{policy}-{REGION}"


def role(own: Properties, stack: Stack) -> list[Resource]:
    """A role with one inline policy, which is a resource of its own."""
    (policy,) = own.each("Policies")
    name = policy.take("PolicyName")
    named = role_name(stack, name)
    inline = {"name": name, "role": named, "policy": policy.take("PolicyDocument")}
    policy.finish()
    return [
        (
            "aws_iam_role",
            {
                "name": named,
                "description": own.take("Description"),
                "assume_role_policy": own.take("AssumeRolePolicyDocument"),
            },
        ),
        ("aws_iam_role_policy", inline),
    ]


def function(own: Properties, stack: Stack) -> list[Resource]:
    """A function of SAM, and the event sources that SAM makes of its events."""
    name = own.take("FunctionName")
    code = CODE.fullmatch(own.take("CodeUri"))
    if code is None:
        raise ModuleError(f"{own.place}: the package is not where `make deploy` puts it")
    dead_letters = own.within("DeadLetterQueue")
    if dead_letters.take("Type") != "SQS":
        raise ModuleError(f"{own.place}: the dead-letter queue is none of SQS")
    mappings = [mapping for event in (own.take("Events") or {}).values() for mapping in event_source(event, name)]
    return [
        (
            "aws_lambda_function",
            {
                "function_name": name,
                "description": own.take("Description"),
                "role": own.take("Role"),
                "runtime": own.take("Runtime"),
                "handler": own.take("Handler"),
                "architectures": own.take("Architectures"),
                "memory_size": own.number("MemorySize"),
                "timeout": own.number("Timeout"),
                "reserved_concurrent_executions": own.number("ReservedConcurrentExecutions"),
                "filename": f"{PACKAGES}/{code[1]}.zip",
                "environment": part(own.within("Environment"), {"variables": "Variables"}),
                # What Lambda takes where the format is not said.
                "logging_config": [
                    {"log_format": "Text", **each} for each in part(own.within("LoggingConfig"), {"log_group": "LogGroup"})
                ],
                "dead_letter_config": part(dead_letters, {"target_arn": "TargetArn"}),
            },
        ),
        *mappings,
    ]


def event_source(event: dict[str, Any], name: str) -> list[Resource]:
    """What SAM makes of an event of a function."""
    if event["Type"] != "SQS":
        raise ModuleError(f"{name}: the check does not translate an event of the type {event['Type']}")
    own = Properties(f"{name}.Events", event["Properties"])
    scaling = part(own.within("ScalingConfig"), {"maximum_concurrency": "MaximumConcurrency"})
    mapping = {
        "event_source_arn": own.take("Queue"),
        "function_name": "arn:aws:" + ARNS["AWS::Serverless::Function"].format(region=REGION, account=ACCOUNT, name=name),
        "batch_size": own.number("BatchSize"),
        "maximum_batching_window_in_seconds": own.number("MaximumBatchingWindowInSeconds"),
        "function_response_types": own.take("FunctionResponseTypes"),
        "scaling_config": [{name: int(value) for name, value in each.items()} for each in scaling],
    }
    own.finish()
    return [("aws_lambda_event_source_mapping", mapping)]


def rule(own: Properties, _: Stack) -> list[Resource]:
    """A rule, and its targets, which are resources of their own."""
    name = own.take("Name")
    targets = []
    for target in own.each("Targets"):
        dead_letters = part(target.within("DeadLetterConfig"), {"arn": "Arn"})
        targets.append(
            {"rule": name, "target_id": target.take("Id"), "arn": target.take("Arn"), "dead_letter_config": dead_letters}
        )
        target.finish()
    return [
        (
            "aws_cloudwatch_event_rule",
            {
                "name": name,
                "description": own.take("Description"),
                "event_pattern": own.take("EventPattern"),
                "schedule_expression": own.take("ScheduleExpression"),
            },
        ),
        *(("aws_cloudwatch_event_target", target) for target in targets),
    ]


def alarm(own: Properties, _: Stack) -> list[Resource]:
    """An alarm."""
    return [
        (
            "aws_cloudwatch_metric_alarm",
            {
                "alarm_name": own.take("AlarmName"),
                "alarm_description": own.take("AlarmDescription"),
                "namespace": own.take("Namespace"),
                "metric_name": own.take("MetricName"),
                "dimensions": {each["Name"]: each["Value"] for each in own.take("Dimensions")},
                "statistic": own.take("Statistic"),
                "period": own.number("Period"),
                "evaluation_periods": own.number("EvaluationPeriods"),
                "datapoints_to_alarm": own.number("DatapointsToAlarm"),
                "threshold": own.number("Threshold"),
                "comparison_operator": own.take("ComparisonOperator"),
                "treat_missing_data": own.take("TreatMissingData"),
                "alarm_actions": own.take("AlarmActions"),
                "ok_actions": own.take("OKActions"),
            },
        )
    ]


def dashboard(own: Properties, _: Stack) -> list[Resource]:
    """A dashboard."""
    return [
        (
            "aws_cloudwatch_dashboard",
            {"dashboard_name": own.take("DashboardName"), "dashboard_body": own.take("DashboardBody")},
        )
    ]


def lifecycle_hook(own: Properties, _: Stack) -> list[Resource]:
    """A lifecycle hook of a group that is not of the same template."""
    return [
        (
            "aws_autoscaling_lifecycle_hook",
            {
                "name": own.take("LifecycleHookName"),
                "autoscaling_group_name": own.take("AutoScalingGroupName"),
                "lifecycle_transition": own.take("LifecycleTransition"),
                "heartbeat_timeout": own.number("HeartbeatTimeout"),
                "default_result": own.take("DefaultResult"),
                "notification_metadata": own.take("NotificationMetadata"),
            },
        )
    ]


TRANSLATORS: dict[str, Callable[[Properties, Stack], list[Resource]]] = {
    "AWS::AutoScaling::LifecycleHook": lifecycle_hook,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::Events::Rule": rule,
    "AWS::IAM::Role": role,
    "AWS::KMS::Key": key,
    "AWS::Logs::LogGroup": log_group,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::Serverless::Function": function,
}
