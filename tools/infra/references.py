"""What holds for every template here and what no tool asks: names that resolve, and words for people.

MiniStack deploys a stack whose Ref leads nowhere, and no linter looks into a nested template. So every reference is
followed here, and every parameter, condition and output has to be used and described.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cloudformation import Call, Loader
from linters import Finding

PSEUDO = frozenset(
    f"AWS::{name}" for name in
    ("AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix"))
VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
# A partition written out, where AWS::Partition belongs.
PARTITION = re.compile(r"\barn:aws(-cn|-us-gov)?:")
STAR = re.compile(r"""^\s*(- )?Resource:\s*(\[\s*)?["']?\*["']?(\s*\])?\s*$""")
DOC = re.compile(r"^\s*# https://docs\.aws\.amazon\.com/\S+$")


def references(template: Path) -> Iterator[Finding]:
    """Everything that is wrong with the names in a template and with what it says of them."""
    text = template.read_text(encoding="utf-8")
    content = yaml.load(text, Loader)
    checks = (resolve(content), nested(content, template), parameters(content), outputs(content), stars(content, text),
              partitions(content))
    for check in checks:
        for rule, said in check:
            yield Finding("references", template.name, rule, said)


def walk(value: Any, own: frozenset[str] = frozenset()) -> Iterator[tuple[str, str, str]]:
    """Every name that is used: what uses it, the name, and the attribute or nothing."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "Condition" and isinstance(part, str):
                yield "Condition", part, ""
            elif key == "DependsOn":
                for name in [part] if isinstance(part, str) else part:
                    yield "DependsOn", name, ""
            else:
                yield from walk(part, own)
    elif isinstance(value, list):
        for part in value:
            yield from walk(part, own)
    elif isinstance(value, Call):
        yield from called(value, own)


def called(call: Call, own: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """The names that one intrinsic function uses."""
    argument = call.argument
    if call.name == "Ref":
        yield "Ref", argument, ""
    elif call.name == "GetAtt":
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        yield "GetAtt", name, attribute
    elif call.name == "Condition":
        yield "Condition", argument, ""
    elif call.name == "If":
        yield "Condition", argument[0], ""
        yield from walk(argument[1:], own)
    elif call.name == "Sub":
        text, given = (argument, {}) if isinstance(argument, str) else argument
        yield from walk(given, own)
        for word in VARIABLE.findall(text):
            if word in given:
                continue
            name, _, attribute = word.partition(".")
            yield ("GetAtt" if attribute else "Ref"), name, attribute
    elif call.name == "FindInMap":
        yield "FindInMap", argument[0], ""
        yield from walk(argument[1:], own)
    else:
        yield from walk(argument, own)


def resolve(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names that lead nowhere, and conditions and mappings that nothing uses."""
    known = {
        "Ref": PSEUDO | set(content.get("Parameters", {})) | set(content["Resources"]),
        "GetAtt": set(content["Resources"]),
        "DependsOn": set(content["Resources"]),
        "Condition": set(content.get("Conditions", {})),
        "FindInMap": set(content.get("Mappings", {})),
    }
    used: dict[str, set[str]] = {kind: set() for kind in known}
    sections = ("Conditions", "Globals", "Resources", "Outputs")
    for kind, name, _ in walk([without_policies(content.get(section, {})) for section in sections]):
        used[kind].add(name)
        if name not in known[kind]:
            yield "unresolved", f"{kind} of {name}, which does not exist"
    for kind, section in (("Condition", "Conditions"), ("FindInMap", "Mappings")):
        for name in sorted(known[kind] - used[kind]):
            yield "unused", f"{name} of {section} is used nowhere"
    for name in sorted(set(content.get("Parameters", {})) - used["Ref"]):
        yield "unused", f"parameter {name} is used nowhere"


def without_policies(value: Any) -> Any:
    """The same without the `Condition` of policy statements, which is another word than CloudFormation's."""
    if isinstance(value, dict):
        return {key: without_policies(list(part.values()) if key == "Condition" and isinstance(part, dict) else part)
                for key, part in value.items()}
    return [without_policies(part) for part in value] if isinstance(value, list) else value


def nested(content: dict[str, Any], template: Path) -> Iterator[tuple[str, str]]:
    """Nested templates of this repository: their parameters and outputs, as this one uses them."""
    children = {}
    for name, resource in content["Resources"].items():
        if resource["Type"] != "AWS::CloudFormation::Stack":
            continue
        child = yaml.load((template.parent / resource["Properties"]["TemplateURL"]).read_text(encoding="utf-8"), Loader)
        children[name] = child
        given, declared = resource["Properties"].get("Parameters", {}), child.get("Parameters", {})
        for parameter in sorted(set(given) - set(declared)):
            yield "nested", f"{name} has no parameter {parameter}"
        for parameter, described in declared.items():
            if "Default" not in described and parameter not in given:
                yield "nested", f"{name} needs the parameter {parameter}"
    for kind, name, attribute in walk([content["Resources"], content.get("Outputs", {})]):
        if kind == "GetAtt" and name in children:
            output = attribute.removeprefix("Outputs.")
            if output not in children[name].get("Outputs", {}):
                yield "nested", f"{name} has no output {output}"


def parameters(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Parameters without a description, a limit or a place in the console, and defaults that break their own limit."""
    interface = content.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
    placed = [name for group in interface.get("ParameterGroups", []) for name in group["Parameters"]]
    declared = content.get("Parameters", {})
    for name in sorted((set(placed) | set(interface.get("ParameterLabels", {}))) - set(declared)):
        yield "interface", f"there is no parameter {name}"
    for name, parameter in declared.items():
        if placed.count(name) != 1:
            yield "interface", f"parameter {name} is in {placed.count(name)} groups, not one"
        if len(parameter.get("Description", "")) < 10:
            yield "undescribed", f"parameter {name}"
        limits = {"AllowedPattern", "AllowedValues"} if parameter["Type"] != "Number" else {"AllowedValues", "MaxValue"}
        if not limits & set(parameter):
            yield "unlimited", f"parameter {name} takes anything"
        if "AllowedPattern" in parameter and "ConstraintDescription" not in parameter:
            yield "undescribed", f"parameter {name} does not say in words what its pattern asks for"
        default = parameter.get("Default")
        if default is None:
            continue
        if "AllowedValues" in parameter and default not in parameter["AllowedValues"]:
            yield "default", f"parameter {name}: {default} is not allowed"
        if "AllowedPattern" in parameter and not re.search(parameter["AllowedPattern"], str(default)):
            yield "default", f"parameter {name}: {default!r} does not fit its pattern"
        if not parameter.get("MinValue", default) <= default <= parameter.get("MaxValue", default):
            yield "default", f"parameter {name}: {default} is out of range"


def outputs(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Outputs without a description."""
    for name, output in content.get("Outputs", {}).items():
        if len(output.get("Description", "")) < 5:
            yield "undescribed", f"output {name}"


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy statement in a value."""
    if isinstance(value, Call):
        value = value.argument
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from statements(part)


def stars(content: dict[str, Any], text: str) -> Iterator[tuple[str, str]]:
    """Statements for every resource that do not name the AWS page which says why, in the comment above."""
    lines = text.splitlines()
    seen = 0
    for number, line in enumerate(lines):
        if not STAR.match(line):
            continue
        seen += 1
        above = number - 1
        named = False
        while above >= 0 and lines[above].lstrip().startswith("#"):
            named = named or bool(DOC.match(lines[above]))
            above -= 1
        if not named:
            yield "wildcard", f"line {number + 1}: Resource * without AWS's page in the comment above"
    meant = sum("*" in resource if isinstance(resource := statement.get("Resource"), list) else resource == "*"
                for statement in statements(content["Resources"]))
    if meant != seen:
        yield "wildcard", f"{meant} statements are for every resource, and {seen} lines say so: write `Resource: \"*\"`"


def partitions(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """ARNs with a partition in them."""
    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, Call):
            value = value.argument
        if isinstance(value, str):
            yield value
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            yield from texts(part)

    for said in texts([content.get(section, {}) for section in ("Resources", "Outputs", "Conditions")]):
        if PARTITION.search(said):
            yield "partition", f"{said.strip()[:80]} names a partition: write ${{AWS::Partition}}"
