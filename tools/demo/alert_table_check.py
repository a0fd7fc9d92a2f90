"""Hold the alert table's DynamoDB adapter to its contract, against MiniStack.

The table is created by the very commands of the README, read from it. `cargo test` then
runs with the emulator's endpoint, and every test of shared/tests/alert_table/dynamodb.rs
has to have passed in it.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.model import Shape

from emulator import leave_real_aws, start_emulator
from processes import none_left_behind
from report import DemoFailed

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TESTS = ROOT / "shared" / "tests" / "alert_table" / "dynamodb.rs"
TABLE = "ecs-incidents"
CARGO = [os.environ.get("CARGO", "cargo"), "test", "--package", "shared", "--features", "aws"]
LIMIT = 1200  # seconds, for a build from nothing


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


def run_tests(endpoint: str) -> int:
    """Run the tests with the endpoint; how many there are, all of which have passed."""
    wanted = set(re.findall(r"#\[test\]\nfn (\w+)", TESTS.read_text(encoding="utf-8")))
    env = dict(os.environ, ALERT_TABLE_ENDPOINT=endpoint)
    command = [*CARGO, "--test", "alert_table", "--", "dynamodb::"]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LIMIT)
    output = run.stdout + run.stderr
    passed = set(re.findall(r"^test dynamodb::(\w+) \.\.\. ok$", run.stdout, re.MULTILINE))
    if run.returncode != 0 or not wanted or passed != wanted or "not run" in output:
        sys.stderr.write(output)
        raise DemoFailed(f"passed {sorted(passed)} of {sorted(wanted)}")
    return len(passed)


def check(folder: Path) -> str:
    """Do it all, in a folder for the emulator's files."""
    endpoint = start_emulator(folder)
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    create_table(client)
    count = run_tests(endpoint)
    items = client.scan(TableName=TABLE, Select="COUNT")["Count"]
    assert items > 100, f"the tests leave more than {items} items"
    return f"alert table: {count} tests passed against DynamoDB, {items} items left in its table"


def main() -> None:
    """Run it, and leave nothing behind."""
    leave_real_aws()
    try:
        with none_left_behind(), tempfile.TemporaryDirectory() as folder:
            print(check(Path(folder)))
    except DemoFailed as failed:
        sys.exit(f"alert table: {failed}")


if __name__ == "__main__":
    main()
