"""What no event may get past: every queue, rule target and function has a place for what fails.

Also what the example's instances are told: their user data runs here, and has to write lines the ECS agent reads.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cloudformation import Call, Loader
from linters import Finding

DEPLOYED = "../target/lambda/deploy/"
AGENT_FILE = "/etc/ecs/ecs.config"
SETTING = re.compile(r"^ECS_[A-Z_]+=\S+$")


def wiring(template: Path) -> Iterator[Finding]:
    """Everything that is missing in a template's wiring."""
    resources = yaml.load(template.read_text(encoding="utf-8"), Loader)["Resources"]
    for check in (queues(resources), targets(resources), functions(resources), groups(resources)):
        for rule, said in check:
            yield Finding("wiring", template.name, rule, said)


def of_type(resources: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources of a type: logical id and properties."""
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def queue_of(value: Any) -> str | None:
    """The logical id behind !GetAtt Queue.Arn."""
    if isinstance(value, Call) and value.name == "GetAtt":
        name, attribute = value.argument
        return name if attribute == "Arn" else None
    return None


def queues(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Queues without a dead-letter queue, and visibility timeouts below the function's own."""
    declared = dict(of_type(resources, "AWS::SQS::Queue"))
    dead = {queue_of(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn")) for queue in declared.values()}
    for name, queue in declared.items():
        if name not in dead and "RedrivePolicy" not in queue:
            yield "dead-letter", f"queue {name} has no dead-letter queue"
        if "RedrivePolicy" in queue and queue_of(queue["RedrivePolicy"].get("deadLetterTargetArn")) not in declared:
            yield "dead-letter", f"queue {name} has a dead-letter queue that is not in the template"
        if name in dead and queue.get("MessageRetentionPeriod") != 1209600:
            yield "dead-letter", f"dead-letter queue {name} keeps its messages for less than 14 days"
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        for event in function.get("Events", {}).values():
            queue = declared.get(queue_of(event["Properties"].get("Queue")) or "", {})
            if event["Type"] == "SQS" and queue.get("VisibilityTimeout", 30) < function["Timeout"]:
                yield "visibility", f"the queue of {name} shows a message again while the function has it"


def targets(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Rules whose targets lose what cannot be delivered."""
    declared = dict(of_type(resources, "AWS::SQS::Queue"))
    for name, rule in of_type(resources, "AWS::Events::Rule"):
        for target in rule.get("Targets", []):
            if queue_of(target.get("DeadLetterConfig", {}).get("Arn")) not in declared:
                yield "dead-letter", f"target {target['Id']} of {name} has no dead-letter queue"
    for name, schedule in of_type(resources, "AWS::Scheduler::Schedule"):
        if queue_of(schedule.get("Target", {}).get("DeadLetterConfig", {}).get("Arn")) not in declared:
            yield "dead-letter", f"schedule {name} has no dead-letter queue"


def functions(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Functions that lose what fails, or a whole batch for one record."""
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        if not str(function.get("CodeUri", "")).startswith(DEPLOYED):
            yield "code", f"function {name} is not of what `make package` makes, {DEPLOYED}"
        if queue_of(function.get("DeadLetterQueue", {}).get("TargetArn")) is None:
            yield "dead-letter", f"function {name} has no dead-letter queue"
        for event in function.get("Events", {}).values():
            properties = event["Properties"]
            if event["Type"] != "SQS":
                continue
            if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                yield "batch", f"function {name} does not report the failures of single messages"
            for setting in ("BatchSize", "MaximumBatchingWindowInSeconds", "ScalingConfig"):
                if setting not in properties:
                    yield "batch", f"function {name} leaves {setting} to chance"


def groups(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Hooks that are not ours or too short, and user data that the agent would not read."""
    hooks = [(name, hook) for name, hook in of_type(resources, "AWS::AutoScaling::LifecycleHook")]
    for name, group in of_type(resources, "AWS::AutoScaling::AutoScalingGroup"):
        hooks += [(name, hook) for hook in group.get("LifecycleHookSpecificationList", [])]
        if "ecs-steward:cluster" not in [tag["Key"] for tag in group.get("Tags", [])]:
            yield "hook", f"group {name} does not name its cluster in a tag"
    for name, hook in hooks:
        if hook.get("LifecycleTransition") != "autoscaling:EC2_INSTANCE_TERMINATING":
            yield "hook", f"the hook of {name} is for another transition"
        if isinstance(seconds := hook.get("HeartbeatTimeout", 0), int) and seconds < 300:
            yield "hook", f"the hook of {name} ends after {seconds} s, which two lost ticks do not survive"
        if "DefaultResult" not in hook or "NotificationMetadata" not in hook:
            yield "hook", f"the hook of {name} does not say its default result or its cluster"
    for name, template in of_type(resources, "AWS::EC2::LaunchTemplate"):
        for line in settings(template["LaunchTemplateData"]["UserData"]):
            if not SETTING.match(line):
                yield "user-data", f"{name} gives the agent a line it does not read: {line}"


def settings(user_data: dict[str, Call]) -> list[str]:
    """The lines that an instance's user data writes for the agent, by running it."""
    script = user_data["Fn::Base64"].argument
    script = re.sub(r"\$\{(\w+)\}", r"\1", script)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ecs.config"
        done = subprocess.run(["bash", "-euc", script.replace(AGENT_FILE, str(file))], capture_output=True, text=True,
                              timeout=20, env={"PATH": "/usr/bin:/bin"}, check=False)
        if done.returncode or not file.exists():
            return [f"(the script failed: {done.stderr.strip()[-300:]})"]
        return file.read_text(encoding="utf-8").splitlines() or ["(the script wrote nothing)"]
