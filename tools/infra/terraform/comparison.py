"""What the template and the module make of the same values, side by side: resources, outputs, parameters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from cloudformation import Stack

from .blocks import Block
from .expressions import evaluate
from .module import Module, Rejected, type_of
from .stack import renamed, resources_of, role_names
from .translators import Resource

# Which attributes tell resources of a type apart.
IDENTITY = {
    "aws_autoscaling_group_tag": ("autoscaling_group_name",),
    "aws_cloudwatch_dashboard": ("dashboard_name",),
    "aws_cloudwatch_event_target": ("rule", "target_id"),
    "aws_cloudwatch_metric_alarm": ("alarm_name",),
    "aws_iam_role_policy": ("role", "name"),
    "aws_kms_key": ("description",),
    "aws_lambda_event_source_mapping": ("function_name", "event_source_arn"),
    "aws_lambda_function": ("function_name",),
    "aws_sns_topic_policy": ("arn",),
    "aws_sns_topic_subscription": ("topic_arn", "endpoint"),
    "aws_sqs_queue_policy": ("queue_url",),
}
# Attributes whose text is JSON, and those of them that are policies.
JSON = {"dashboard_body", "event_pattern", "notification_metadata", "redrive_policy"}
POLICIES = {"assume_role_policy", "policy"}
# The module's own: a package's contents, of which CloudFormation's side is the object `sam deploy` uploads.
ONLY_TERRAFORM = {"source_code_hash"}


@dataclass
class Report:
    """What was compared, and what differs, a line for each."""

    differences: list[str] = field(default_factory=list)
    resources: int = 0
    values: int = 0
    samples: int = 0


def snake(name: str) -> str:
    """A parameter's or an output's name as Terraform has it: RouteTopicArns is route_topic_arns."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def canonical(name: str, value: Any) -> Any:
    """A value of an attribute so that equal ones are equal: JSON read, statements by Sid, sets in order."""
    if name in JSON | POLICIES and isinstance(value, str):
        value = json.loads(value)
    if name in POLICIES:
        statements = {each.get("Sid", str(place)): statement(each) for place, each in enumerate(value["Statement"])}
        if len(statements) != len(value["Statement"]):
            return {**value, "Statement": "two statements have the same Sid"}
        return {**value, "Statement": statements}
    if name == "attribute":
        return sorted(value, key=lambda each: str(each["name"]))
    return value


def statement(value: dict[str, Any]) -> dict[str, Any]:
    """A policy's statement: one text and a list of it mean the same, and the order of a list means nothing."""
    listed = {name: several(each) if name in ("Action", "Resource") else each for name, each in value.items()}
    if "Condition" in value:
        listed["Condition"] = {
            operator: {name: several(each) for name, each in tests.items()} for operator, tests in value["Condition"].items()
        }
    return listed


def several(value: Any) -> list[Any]:
    """One or several, as a list in order."""
    return sorted(value) if isinstance(value, list) else [value]


def by_identity(resources: list[Resource], report: Report, whose: str) -> dict[str, dict[str, Any]]:
    """Resources by type and name."""
    found: dict[str, dict[str, Any]] = {}
    for kind, values in resources:
        name = " ".join([kind, *(str(values.get(part)) for part in IDENTITY.get(kind, ("name",)))])
        if name in found:
            report.differences.append(f"{name} is there twice {whose}")
        found[name] = {part: canonical(part, value) for part, value in values.items() if part not in ONLY_TERRAFORM}
    return found


def compare_resources(stack: Stack, module: Module, report: Report) -> None:
    """Every resource of the two, attribute by attribute."""
    theirs = by_identity(resources_of(stack), report, "in the template")
    ours = by_identity([(each.kind, each.values) for each in module.resources()], report, "in the module")
    report.differences += [f"{name} is missing in the module" for name in theirs if name not in ours]
    report.differences += [f"{name} is missing in the template" for name in ours if name not in theirs]
    for name in sorted(set(theirs) & set(ours)):
        report.resources += 1
        differ(name, theirs[name], ours[name], report)


def differ(place: str, theirs: Any, ours: Any, report: Report) -> None:
    """Where two values differ, down to the smallest part."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(set(theirs) | set(ours), key=str):
            if key not in ours:
                report.differences.append(f"{place}: {key} is missing in the module")
            elif key not in theirs:
                report.differences.append(f"{place}: {key} is missing in the template")
            else:
                differ(f"{place}.{key}", theirs[key], ours[key], report)
        return
    if (
        isinstance(theirs, list)
        and isinstance(ours, list)
        and len(theirs) == len(ours)
        and isinstance(theirs[0] if theirs else None, dict)
    ):
        for number, (their, our) in enumerate(zip(theirs, ours)):
            differ(f"{place}[{number}]", their, our, report)
        return
    report.values += 1
    if type(theirs) is not type(ours) or theirs != ours:
        report.differences.append(f"{place}: {json.dumps(theirs)} in the template, {json.dumps(ours)} in the module")


def compare_outputs(stack: Stack, module: Module, only_theirs: frozenset[str], report: Report) -> None:
    """Every output's value and description, but for those of the template alone."""
    roles = role_names(stack)
    outputs = {
        snake(name): output for name, output in stack.template.get("Outputs", {}).items() if snake(name) not in only_theirs
    }
    differ("outputs", sorted(outputs), sorted(module.outputs), report)
    for name in sorted(set(outputs) & set(module.outputs)):
        differ(f"output {name}", renamed(stack.resolve(outputs[name]["Value"]), roles), module.output(name), report)
        description = evaluate(module.outputs[name].attributes["description"], {})
        differ(f"output {name}, description", in_terraform(outputs[name]["Description"]), description, report)


def as_parameter(value: Any) -> str:
    """A variable's value as a parameter has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


# Words of the templates that stand for something else in a module.
WORDS = {
    # A list has no commas in Terraform.
    ", between commas": "",
    "the output RetainCommand": "the output retain_command",
    "the parameter DrainHooks": "the variable drain_hooks",
    "which DrainHooks": "which drain_hooks",
    "ecs-steward's own stack": "ecs-steward's own module",
    "ecs-steward's stack": "ecs-steward's module",
}


def in_terraform(description: str) -> str:
    """A description as the module has it."""
    for theirs, ours in WORDS.items():
        description = description.replace(theirs, ours)
    return description


def parameters(given: dict[str, Any], template: dict[str, Any], only_ours: frozenset[str]) -> dict[str, str]:
    """Values for the module's variables as values for the template's parameters."""
    names = {snake(name): name for name in template["Parameters"]}
    return {names[name]: as_parameter(value) for name, value in given.items() if name not in only_ours}


def compare_parameters(
    template: dict[str, Any],
    blocks: list[Block],
    samples: dict[str, list[Any]],
    only_ours: frozenset[str],
    report: Report,
) -> None:
    """Every parameter's default and description, and what it takes of the samples and of its own bounds, but for
    variables of the module alone."""
    module = Module(blocks, {})
    declared = {snake(name): parameter for name, parameter in template["Parameters"].items()}
    differ("variables", sorted(declared), sorted(set(module.variables) - only_ours), report)
    for name in sorted(set(declared) & set(module.variables)):
        parameter, block = declared[name], module.variables[name]
        default = as_parameter(module.default(name)) if "default" in block.attributes else None
        differ(f"variable {name}, default", str(parameter["Default"]) if "Default" in parameter else None, default, report)
        description = evaluate(block.attributes["description"], {})
        differ(f"variable {name}, description", in_terraform(parameter["Description"]), description, report)
        answers = set()
        for sample in [*samples.get(name, []), *bounds(parameter, type_of(block.attributes["type"]))]:
            report.samples += 1
            taken = takes(parameter, sample)
            answers.add(taken)
            if taken != accepts(blocks, name, sample):
                who = "only the template takes" if taken else "only the module takes"
                report.differences.append(f"variable {name}: {who} {sample!r}")
        if answers != {True, False} and type_of(block.attributes["type"]) != "bool":
            report.differences.append(f"variable {name}: no sample that is taken, or none that is refused")


def bounds(parameter: dict[str, Any], kind: str) -> list[Any]:
    """Samples that follow from a parameter itself."""
    if kind == "bool":
        return [each == "true" for each in parameter["AllowedValues"]]
    if "AllowedValues" in parameter:
        allowed = parameter["AllowedValues"]
        return (
            [*allowed, *(each + 1 for each in allowed)]
            if kind == "number"
            else [*allowed, *(each.upper() for each in allowed), ""]
        )
    if "MinValue" in parameter:
        low, high = parameter["MinValue"], parameter["MaxValue"]
        return [low - 1, low, low + 1, high - 1, high, high + 1]
    return []


def takes(parameter: dict[str, Any], sample: Any) -> bool:
    """Whether CloudFormation takes a value for a parameter; of a list it looks at each element."""
    if isinstance(sample, list):
        return all(takes({**parameter, "Type": "String"}, each) for each in sample)
    if "AllowedValues" in parameter:
        return as_parameter(sample) in [str(each) for each in parameter["AllowedValues"]]
    if "MinValue" in parameter:
        return bool(parameter["MinValue"] <= sample <= parameter["MaxValue"])
    return re.fullmatch(parameter["AllowedPattern"], sample) is not None


def accepts(blocks: list[Block], name: str, sample: Any) -> bool:
    """Whether the module takes a value for a variable."""
    try:
        Module(blocks, {name: sample}).variable(name)
    except Rejected:
        return False
    return True
