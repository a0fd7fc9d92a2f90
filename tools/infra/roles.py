"""The functions of the template with their roles, and what AWS does in their name."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cloudformation import Stack, TemplateError
from simulator import Request, Statement


@dataclass(frozen=True)
class Role:
    """A function's role, and the things around the function that its role speaks of."""

    function: str
    statements: list[Statement]
    queue: str
    dead_letters: str
    log_group: str
    topic_key: str
    key_policy: str
    region: str

    def with_statements(self, statements: list[Statement]) -> "Role":
        """The role with other statements."""
        return replace(self, statements=statements)

    def by_aws(self) -> dict[Request, str]:
        """What AWS asks with the role for itself, which no call of the function shows, and the page that says so."""
        stream = f"{self.log_group}:log-stream:2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef"
        via = (("kms:ViaService", f"sns.{self.region}.amazonaws.com"),)
        poller = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
        log = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
        key = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
        dead = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
        return {
            Request("sqs:ReceiveMessage", self.queue): poller,
            Request("sqs:DeleteMessage", self.queue): poller,
            Request("sqs:GetQueueAttributes", self.queue): poller,
            Request("logs:CreateLogStream", stream): log,
            Request("logs:PutLogEvents", stream): log,
            Request("kms:GenerateDataKey", self.topic_key, via, self.key_policy): key,
            Request("kms:Decrypt", self.topic_key, via, self.key_policy): key,
            Request("sqs:SendMessage", self.dead_letters): dead,
        }


def roles_of(stack: Stack) -> dict[str, Role]:
    """The role of each function, its policies resolved."""
    found = {}
    (key,) = stack.resources("AWS::KMS::Key")
    by_arn = {stack.arn(logical): logical for logical in stack.resources("AWS::IAM::Role")}
    for logical in stack.resources("AWS::Serverless::Function"):
        properties = stack.properties(logical)
        if "Policies" in properties:
            raise TemplateError(f"{logical}: its Policies count for nothing beside a Role")
        role = stack.properties(by_arn.pop(properties["Role"]))
        if "ManagedPolicyArns" in role:
            raise TemplateError(f"the role of {logical} has managed policies, which are not read here")
        queues = [event["Properties"]["Queue"] for event in properties["Events"].values() if event["Type"] == "SQS"]
        (queue,) = queues
        group = properties["LoggingConfig"]["LogGroup"]
        name = Path(properties["CodeUri"]).name
        found[name] = Role(
            function=name,
            statements=[statement for policy in role["Policies"] for statement in statements_in(policy)],
            queue=queue,
            dead_letters=properties["DeadLetterQueue"]["TargetArn"],
            log_group=f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group}",
            topic_key=stack.arn(key),
            key_policy=json.dumps(stack.properties(key)["KeyPolicy"]),
            region=stack.region,
        )
    if by_arn:
        raise TemplateError(f"no function has the role {', '.join(by_arn.values())}")
    return found


def statements_in(policy: dict[str, Any]) -> list[Statement]:
    """The statements of a policy, all of which allow."""
    statements = policy["PolicyDocument"]["Statement"]
    for statement in statements:
        if statement["Effect"] != "Allow" or set(statement) & {"NotAction", "NotResource"}:
            raise TemplateError(f"{statement.get('Sid')}: only Allow with Action and Resource is read here")
    return statements
