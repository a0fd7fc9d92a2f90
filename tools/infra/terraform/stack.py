"""The resources of a CloudFormation template, in the words of Terraform's AWS provider."""

from __future__ import annotations

from typing import Any

from cloudformation import Stack

from .blocks import ModuleError
from .translators import TRANSLATORS, Properties, Resource, role_name

# Not about the resource itself, or how Terraform does it anyway: it deletes what it made.
AROUND = {"Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}


def with_globals(stack: Stack, values: dict[str, Any]) -> dict[str, Any]:
    """A function's properties with what SAM adds from Globals."""
    shared = stack.resolve(stack.template.get("Globals", {}).get("Function", {}))
    variables = {**shared.get("Environment", {}).get("Variables", {}), **values.get("Environment", {}).get("Variables", {})}
    return {**shared, **values, "Environment": {"Variables": variables}}


def resources_of(stack: Stack) -> list[Resource]:
    """The resources of a template that are created with its parameters, without what is missing in them."""
    found: list[Resource] = []
    for name, resource in stack.resources(*{each["Type"] for each in stack.template["Resources"].values()}).items():
        if left := sorted(set(resource) - AROUND):
            raise ModuleError(f"{name}: the check does not translate {', '.join(left)}")
        if (policy := resource.get("DeletionPolicy", "Delete")) != "Delete":
            raise ModuleError(f"{name}: Terraform deletes what it made, and the template says {policy}")
        kind = resource["Type"]
        if kind not in TRANSLATORS:
            raise ModuleError(f"{name}: the check does not translate {kind}")
        values = stack.properties(name)
        own = Properties(name, with_globals(stack, values) if kind == "AWS::Serverless::Function" else values)
        found += TRANSLATORS[kind](own, stack)
        own.finish()
    roles = role_names(stack)
    return [(kind, renamed(present(values), roles)) for kind, values in found]


def role_names(stack: Stack) -> dict[str, str]:
    """The ARNs of the template's roles, and what they are in Terraform."""
    arns = {}
    for name in stack.resources("AWS::IAM::Role"):
        policy = stack.properties(name)["Policies"][0]["PolicyName"]
        arns[stack.arn(name)] = stack.arn(name).replace(stack.name(name), role_name(stack, policy))
    return arns


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is missing: no value, or no block."""
    return {name: value for name, value in values.items() if value is not None and value != []}


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A value with these texts replaced, where they stand alone."""
    if isinstance(value, dict):
        return {name: renamed(each, names) for name, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value
