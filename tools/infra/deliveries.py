"""What AWS's services deliver between the parts of the stack, and the policies of queues, topic and key that let them.

Rules deliver into queues and, where that fails, into dead-letter queues; alarms publish to the encrypted topic.
MiniStack delivers all of it without any policy, so a mistake in one shows only here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cloudformation import Stack, TemplateError
from simulator import Request

EVENTS, ALARMS = "events.amazonaws.com", "cloudwatch.amazonaws.com"
OTHER_ACCOUNT = "999988887777"


@dataclass(frozen=True)
class Delivery:
    """A service's request, and whether the resource's policy has to allow it."""

    service: str
    request: Request
    allowed: bool
    what: str


def policies(stack: Stack, kind: str, targets: str) -> dict[str, str]:
    """The policy, as JSON, by what the Refs to its resources are."""
    found: dict[str, str] = {}
    for logical in stack.resources(kind):
        properties = stack.properties(logical)
        for target in properties[targets]:
            if target in found:
                raise TemplateError(f"{logical}: {target} has a second policy, and only the last one counts")
            found[target] = json.dumps(properties["PolicyDocument"])
    return found


def by_rules(stack: Stack) -> Iterator[Delivery]:
    """Each rule into each of its queues; nothing of another account, of other rules, or of other services."""
    by_url = policies(stack, "AWS::SQS::QueuePolicy", "Queues")
    by_arn = {stack.arn(logical): by_url.get(stack.resolve({"Ref": logical}))
              for logical in stack.resources("AWS::SQS::Queue")}
    for logical in stack.resources("AWS::Events::Rule"):
        rule = stack.arn(logical)
        for target in stack.properties(logical)["Targets"]:
            if "DeadLetterConfig" not in target:
                raise TemplateError(f"{logical}: target {target['Id']} has no dead-letter queue")
            for queue in (target["Arn"], target["DeadLetterConfig"]["Arn"]):
                sent = Request("sqs:SendMessage", queue, (("aws:SourceArn", rule),), by_arn.get(queue))
                yield Delivery(EVENTS, sent, True, f"{logical} cannot deliver to {queue}")
                elsewhere = rule.replace(f":{stack.account}:", f":{OTHER_ACCOUNT}:")
                for other in (elsewhere, rule.rpartition("/")[0] + "/other"):
                    theirs = replace(sent, context=(("aws:SourceArn", other),))
                    yield Delivery(EVENTS, theirs, False, f"{other} can deliver to {queue}")
                yield Delivery("sns.amazonaws.com", sent, False, f"SNS can deliver to {queue}")


def by_alarms(stack: Stack) -> Iterator[Delivery]:
    """Each alarm to the topic, with the topic's key; no alarm of another account."""
    topics = {stack.arn(logical): stack.properties(logical) for logical in stack.resources("AWS::SNS::Topic")}
    keys = {stack.arn(logical): json.dumps(stack.properties(logical)["KeyPolicy"])
            for logical in stack.resources("AWS::KMS::Key")}
    of_topics = policies(stack, "AWS::SNS::TopicPolicy", "Topics")
    for logical in stack.resources("AWS::CloudWatch::Alarm"):
        properties: dict[str, Any] = stack.properties(logical)
        for topic in {*properties["AlarmActions"], *properties.get("OKActions", [])}:
            if topic not in topics:
                raise TemplateError(f"{logical}: {topic} is no topic of the stack")
            key = topics[topic]["KmsMasterKeyId"]
            ours = (("aws:SourceAccount", stack.account),)
            needed = [Request("sns:Publish", topic, ours, of_topics.get(topic))]
            needed += [Request(f"kms:{action}", key, ours, keys.get(key)) for action in ("Decrypt", "GenerateDataKey")]
            for request in needed:
                yield Delivery(ALARMS, request, True, f"{logical}: the alarm may not {request.action}")
                theirs = replace(request, context=(("aws:SourceAccount", OTHER_ACCOUNT),))
                yield Delivery(ALARMS, theirs, False, f"alarms of other accounts may {request.action}")


def deliveries(stack: Stack) -> list[Delivery]:
    """All of it."""
    return [*by_rules(stack), *by_alarms(stack)]
