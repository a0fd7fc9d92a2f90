"""Functions of SAM against the translator's own models of them.

cfn-lint and `sam validate` let a misspelt property of a function's event pass, and an event type nobody knows: the
translator drops the one and the other. The models come with the translator, which is pinned; they are internal to it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic.v1 import ValidationError
from samtranslator.internal.schema_source import aws_serverless_function as function

from cloudformation import Call, Loader
from linters import Finding, ToolFailed

FUNCTION = "AWS::Serverless::Function"


def plain(value: Any) -> Any:
    """The value as JSON writes it: a tag of YAML becomes an object with one key."""
    if isinstance(value, Call):
        return {value.name if value.name in ("Ref", "Condition") else f"Fn::{value.name}": plain(value.argument)}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def sam_schema(template: Path) -> Iterator[Finding]:
    """What the models refuse. Other types of SAM have other models, and would need a line here."""
    content = yaml.load(template.read_text(encoding="utf-8"), Loader)
    kinds = {resource["Type"] for resource in content["Resources"].values()}
    if unknown := [kind for kind in kinds if kind.startswith("AWS::Serverless::") and kind != FUNCTION]:
        raise ToolFailed(f"{template.name}: no model is asked about {unknown}")
    parts = [(name, function.Resource, resource) for name, resource in content["Resources"].items()
             if resource["Type"] == FUNCTION]
    if "Globals" in content:
        parts.append(("Globals.Function", function.Globals, content["Globals"]["Function"]))
    for name, model, value in parts:
        try:
            model.parse_obj(plain(value))
        except ValidationError as error:
            # Each kind of event has its say; those that know the least of the properties are of no interest.
            said = [f"{' '.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            yield Finding("sam-schema", template.name, "model", f"{name}: {'; '.join(said[:6])}")
