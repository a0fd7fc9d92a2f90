"""The stack is deleted, and nothing of it is left."""

from collections.abc import Callable
from typing import Any

import deployment
from botocore.exceptions import ClientError
from fleet import REGION
from waiting import until
from world import World

GONE = 20  # seconds


def is_refused(call: Callable[[], Any]) -> bool:
    """Whether a call fails because what it names is not there."""
    try:
        call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)
    return False


def is_gone(world: World, kind: str, name: str) -> bool:
    """Whether a resource is gone; kinds nobody knows here count as gone with the stack."""
    looks: dict[str, Callable[[], Any]] = {
        "AWS::Lambda::Function": lambda: world.client("lambda").get_function(FunctionName=name),
        "AWS::Events::Rule": lambda: world.client("events").describe_rule(Name=name),
        "AWS::SQS::Queue": lambda: world.client("sqs").get_queue_attributes(QueueUrl=name, AttributeNames=["All"]),
        "AWS::SNS::Topic": lambda: world.client("sns").get_topic_attributes(TopicArn=name),
        "AWS::DynamoDB::Table": lambda: world.client("dynamodb").describe_table(TableName=name),
        "AWS::IAM::Role": lambda: world.client("iam").get_role(RoleName=name),
        "AWS::Lambda::EventSourceMapping": lambda: world.client("lambda").get_event_source_mapping(UUID=name),
    }
    if kind == "AWS::Logs::LogGroup":
        found = world.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return not found
    if kind == "AWS::CloudWatch::Alarm":
        return not world.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return kind not in looks or is_refused(looks[kind])


def run(world: World) -> None:
    """Tell the story."""
    there = {logical: (kind, name) for logical, (name, kind) in world.resources.items()}
    kinds = {kind for kind, _ in there.values()}
    for kind in ("AWS::Lambda::Function", "AWS::Events::Rule", "AWS::SQS::Queue", "AWS::SNS::Topic",
                 "AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::CloudWatch::Alarm", "AWS::IAM::Role"):
        assert kind in kinds, f"the stack has no {kind}"
        assert not any(is_gone(world, *one) for one in there.values() if one[0] == kind), f"no {kind} found before"
    deployment.delete(world.folder, world.endpoint, REGION)
    assert is_refused(lambda: world.client("cloudformation").describe_stacks(StackName=deployment.STACK)) or all(
        one["StackStatus"] == "DELETE_COMPLETE" for one in
        world.client("cloudformation").describe_stacks(StackName=deployment.STACK)["Stacks"])
    for logical, (kind, name) in there.items():
        until(f"{logical} is gone", lambda kind=kind, name=name: is_gone(world, kind, name), GONE)
