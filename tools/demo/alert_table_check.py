"""Hold the alert table's DynamoDB adapter to its contract, against MiniStack.

The table is created by the very commands of the README, read from it. `cargo test` then
runs with the emulator's endpoint, and every test of shared/tests/alert_table/dynamodb.rs
has to have passed in it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import boto3

from alert_table import TABLE, create_table
from emulator import run_check, start_emulator
from report import DemoFailed

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "shared" / "tests" / "alert_table" / "dynamodb.rs"
CARGO = [os.environ.get("CARGO", "cargo"), "test", "--package", "shared", "--features", "aws"]
LIMIT = 1200  # seconds, for a build from nothing


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


if __name__ == "__main__":
    run_check("alert table", check)
