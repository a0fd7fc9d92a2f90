"""Errors planted in copies of the templates, each with the tool that has to see it.

A checker that does not run, or that looks at another file, finds nothing and passes. So the check ends with these.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Break:
    """An error: in this template, the first such text becomes the other, and this tool says this rule."""

    name: str
    template: str
    text: str
    becomes: str
    tool: str
    rule: str


MONITOR, HOOK, EXAMPLE = "template.yaml", "hook.yaml", "example-cluster.yaml"

BREAKS = (
    Break("a Ref to nothing", MONITOR, "Topics: [!Ref AlertTopic]", "Topics: [!Ref AlertTopik]", "cfn-lint", "E1020"),
    Break("an attribute that does not exist", MONITOR, "KmsMasterKeyId: !GetAtt AlertKey.Arn",
          "KmsMasterKeyId: !GetAtt AlertKey.Name", "cfn-lint", "E1010"),
    Break("a value outside its list", EXAMPLE, "ManagedDraining: DISABLED", "ManagedDraining: NEVER",
          "cfn-lint", "E3030"),
    Break("an action that does not exist", EXAMPLE, "Action: ecs:DiscoverPollEndpoint", "Action: ecs:DiscoverPole",
          "cfn-lint", "W3037"),
    Break("a property that does not exist", HOOK, "HeartbeatTimeout: !Ref", "HeartbeatTime: !Ref",
          "cfn-lint", "E3002"),
    Break("an exception without a reason", EXAMPLE,
          "          # A local file is meant: `sam deploy` uploads it with its functions and writes the URL here.\n", "",
          "cfn-lint", "ignored"),
    Break("an event pattern of the wrong shape", MONITOR, "source: [aws.ecs]", "source: aws.ecs",
          "cloudformation-validate", "E9014"),
    Break("a Ref to nothing", HOOK, "LifecycleHookName: !Ref HookName", "LifecycleHookName: !Ref Hooks",
          "cloudformation-validate", "*"),
    Break("a warning", EXAMPLE, "# ignored: cloudformation-validate W2509", "# W2509",
          "cloudformation-validate", "W2509"),
    Break("an exception for nothing", HOOK, "AWSTemplateFormatVersion",
          "# ignored: cloudformation-validate W1030 Hook: there is no such finding here\nAWSTemplateFormatVersion",
          "cloudformation-validate", "W1030"),
    Break("an event source without its queue", MONITOR, "            Queue: !GetAtt TaskMonitorQueue.Arn\n", "",
          "sam", "validate"),
    Break("an event source that SAM does not know", MONITOR, "          Type: SQS\n", "          Type: Queue\n",
          "sam-schema", "model"),
    Break("a misspelt property of an event source", MONITOR, "            BatchSize: 10\n",
          "            BatchSze: 10\n", "sam-schema", "model"),
    Break("a misspelt property of all functions", MONITOR, "    MemorySize: ", "    MemorySiz: ",
          "sam-schema", "model"),
    Break("a runtime that is no more", MONITOR, "Runtime: provided.al2023", "Runtime: provided", "sam", "validate"),
    Break("balancers that pass on odd headers", EXAMPLE,
          "{ Key: routing.http.drop_invalid_header_fields.enabled, Value: \"true\" }",
          "{ Key: idle_timeout.timeout_seconds, Value: \"60\" }", "checkov", "CKV_AWS_131"),
    Break("a table that is not backed up", MONITOR, "PointInTimeRecoveryEnabled: true",
          "PointInTimeRecoveryEnabled: false", "checkov", "CKV_AWS_28"),
    Break("a key that is never rotated", MONITOR, "EnableKeyRotation: true", "EnableKeyRotation: false",
          "checkov", "CKV_AWS_7"),
    Break("an exception without a reason", EXAMPLE,
          "comment: No access log; it needs a bucket, which would have to be emptied before the stack can go.",
          "comment: no", "checkov", "CKV_AWS_91"),
    Break("an exception for nothing", EXAMPLE, "id: CKV_AWS_65", "id: CKV_AWS_28", "checkov", "CKV_AWS_28"),
    Break("a Sub of nothing", MONITOR, "${AWS::StackName}-alerts", "${AWS::StackNam}-alerts",
          "references", "unresolved"),
    Break("a condition that does not exist", MONITOR, "Condition: HasEmail", "Condition: HasMail",
          "references", "unresolved"),
    Break("a parameter that nothing uses", HOOK, "DefaultResult: !Ref DefaultResult", "DefaultResult: ABANDON",
          "references", "unused"),
    Break("a default that its pattern forbids", HOOK, "Default: ecs-steward\n", "Default: ecs:steward\n",
          "references", "default"),
    Break("a default out of range", HOOK, "Default: 3600", "Default: 60", "references", "default"),
    Break("a pattern without words", HOOK, "    ConstraintDescription: must be the name or the ARN of a cluster\n", "",
          "references", "undescribed"),
    Break("a parameter outside the groups", EXAMPLE, "Parameters: [AlertEmail, FunctionArchitecture]",
          "Parameters: [AlertEmail]", "references", "interface"),
    Break("an output without a description", HOOK,
          "    Description: The hook's name, which DrainHooks of ecs-steward's stack has to fit\n", "",
          "references", "undescribed"),
    Break("a parameter the nested stack does not have", EXAMPLE, "Architecture: !Ref", "Architektur: !Ref",
          "references", "nested"),
    Break("an output the nested stack does not have", EXAMPLE, "Monitor.Outputs.DashboardUrl",
          "Monitor.Outputs.Dashboard", "references", "nested"),
    Break("a wildcard without its page", EXAMPLE,
          "                # https://docs.aws.amazon.com/service-authorization/latest/reference/"
          "list_amazonelasticcontainerregistry.html\n", "", "references", "wildcard"),
    Break("a wildcard that hides in a list", HOOK, "Outputs:\n",
          "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyDocument:\n"
          "            Statement: [{ Effect: Allow, Action: 'ecs:Poll', Resource: ['*'] }]\nOutputs:\n",
          "references", "wildcard"),
    Break("a partition", EXAMPLE, "arn:${AWS::Partition}:ecr", "arn:aws:ecr", "references", "partition"),
    Break("a target without a dead-letter queue", MONITOR,
          "          DeadLetterConfig: { Arn: !GetAtt TaskMonitorDeadLetterQueue.Arn }\n", "", "wiring", "dead-letter"),
    Break("a function without a dead-letter queue", MONITOR,
          "      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt InstanceDrainDeadLetterQueue.Arn }\n", "",
          "wiring", "dead-letter"),
    Break("a queue without a dead-letter queue", MONITOR,
          "        deadLetterTargetArn: !GetAtt TaskMonitorDeadLetterQueue.Arn\n", "", "wiring", "dead-letter"),
    Break("a function without code", MONITOR, "      CodeUri: ../target/lambda/deploy/task-monitor/\n", "",
          "wiring", "code"),
    Break("a batch that fails as a whole", MONITOR, "            FunctionResponseTypes: [ReportBatchItemFailures]\n",
          "", "wiring", "batch"),
    Break("a message that comes again too early", MONITOR, "VisibilityTimeout: 180", "VisibilityTimeout: 20",
          "wiring", "visibility"),
    Break("a hook that ends too early", EXAMPLE, "HeartbeatTimeout: 3600", "HeartbeatTimeout: 60", "wiring", "hook"),
    Break("a group without its tag", EXAMPLE, "\"ecs-steward:cluster\"", "\"ecs-steward:klaster\"", "wiring", "hook"),
    Break("a comment in the agent's file", EXAMPLE, "echo ECS_ENABLE_SPOT", "echo '# ECS_ENABLE_SPOT'", "wiring",
          "user-data"),
)


def planted(folder: Path, infra: Path, tool: str) -> Iterator[tuple[Break, Path | None]]:
    """Copies of infra/ below a folder, one for each break of a tool: the broken template, or None without the text."""
    for number, broken in enumerate(each for each in BREAKS if each.tool == tool):
        copy = folder / f"{tool}-{number}"
        shutil.copytree(infra, copy)
        template = copy / broken.template
        text = template.read_text(encoding="utf-8")
        if broken.text not in text:
            yield broken, None
            continue
        template.write_text(text.replace(broken.text, broken.becomes, 1), encoding="utf-8")
        yield broken, template

