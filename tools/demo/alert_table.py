"""The alert table in MiniStack's DynamoDB, made by the very commands of the README."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.model import Shape

README = Path(__file__).resolve().parents[2] / "README.md"
TABLE = "ecs-incidents"


def commands(text: str) -> list[list[str]]:
    """Find the `aws dynamodb` commands that stand in the text's blocks of shell, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    found = [shlex.split(line) for line in lines if line.startswith("aws dynamodb ")]
    return [words[2:] for words in found]


def value(shape: Shape, words: list[str]) -> Any:
    """Read an option's words as the AWS CLI does: JSON, or a=b,c=d, or the word itself."""
    if shape.type_name == "list":
        if words[0].startswith("["):
            return json.loads(words[0])
        return [value(shape.member, [word]) for word in words]
    (word,) = words
    if shape.type_name == "structure" and not word.startswith("{"):
        parts = dict(part.split("=", 1) for part in word.split(","))
        return {name: value(shape.members[name], [part]) for name, part in parts.items()}
    if shape.type_name == "structure":
        return json.loads(word)
    return word == "true" if shape.type_name == "boolean" else word


def call(client: Any, words: list[str]) -> None:
    """Make the call that a command of the AWS CLI makes."""
    name = next(name for name in client.meta.service_model.operation_names
                if xform_name(name, "-") == words[0])
    members = client.meta.service_model.operation_model(name).input_shape.members
    options: dict[str, list[str]] = {}
    for word in words[1:]:
        if word.startswith("--"):
            option = options.setdefault(word[2:], [])
        else:
            option.append(word)
    given = {member: value(shape, options.pop(xform_name(member, "-")))
             for member, shape in members.items() if xform_name(member, "-") in options}
    assert not options, f"options {name} does not have: {options}"
    getattr(client, xform_name(name))(**given)


def create_table(client: Any) -> None:
    """Create the table as the README says, and look at what it became."""
    made = []
    for words in commands(README.read_text(encoding="utf-8")):
        if words[0] == "wait":
            client.get_waiter(words[1].replace("-", "_")).wait(TableName=TABLE)
        else:
            call(client, words)
        made.append(words[0])
    assert made[:3] == ["create-table", "wait", "update-time-to-live"], made
    table = client.describe_table(TableName=TABLE)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST", table
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "due" and index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    lifetime = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert lifetime == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}, lifetime


def incidents(endpoint: str) -> list[dict[str, Any]]:
    """Read the incidents that are open."""
    items = boto3.client("dynamodb", endpoint_url=endpoint).scan(TableName=TABLE)["Items"]
    documents = [json.loads(item["doc"]["S"]) for item in items]
    return [document for document in documents if document["kind"] == "incident"]
