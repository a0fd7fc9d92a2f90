"""The stack: staged with debug binaries, deployed and deleted by the script behind `make deploy`."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from report import DemoFailed

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
FUNCTIONS = {"task-monitor": "TaskMonitor", "service-monitor": "ServiceMonitor",
             "volume-monitor": "VolumeMonitor", "instance-monitor": "InstanceMonitor",
             "instance-drain": "InstanceDrain", "instance-protection": "InstanceProtection",
             "cluster-audit": "ClusterAudit"}
# Those that the minute tick goes to.
TICKED = ("task-monitor", "instance-drain", "instance-protection", "cluster-audit")
STACK = "ecs-steward-e2e"
SCRIPT = Path("tools", "deploy", "stack.py")
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# Time limits, in seconds.
# The stories follow upon one another within minutes, and each waits for its own alert.
ALONE = "\n[grouping]\nstorm-at = 0\n"
STRIP = 120
DEPLOY = 300  # takes some ten, most of them Python's


def binary(name: str) -> Path:
    """A debug binary, which `cargo build --workspace` makes."""
    path = TARGET / "debug" / name
    if not path.is_file():
        raise DemoFailed(f"there is no {path}: cargo build --workspace")
    return path


def stage(folder: Path) -> None:
    """Lay out all that a deployment needs in a copy of the tree, so that nobody deploys a debug binary.

    Without their symbols the binaries are a quarter as large. Where there is no strip they go as they are.
    """
    for name in FUNCTIONS:
        package = folder / "target" / "lambda" / "deploy" / name
        package.mkdir(parents=True)
        bootstrap = package / "bootstrap"
        if strip := shutil.which("strip"):
            subprocess.run([strip, "-o", str(bootstrap), str(binary(name))], check=True, timeout=STRIP)
        else:
            shutil.copyfile(binary(name), bootstrap)
        bootstrap.chmod(0o755)
        policy = (ROOT / "infra" / "policy.toml").read_text()
        (package / "policy.toml").write_text(policy + ALONE)
    for file in (Path("infra", "template.yaml"), SCRIPT):
        (folder / file).parent.mkdir(parents=True)
        shutil.copyfile(ROOT / file, folder / file)
    if not (ROOT / ".venv" / "sam").is_dir():
        raise DemoFailed("there is no .venv/sam: run tools/demo/venv.sh sam")
    (folder / ".venv").symlink_to(ROOT / ".venv")


def stack(folder: Path, endpoint: str, region: str, verb: str, *words: str) -> None:
    """Do what `make deploy` and `make undeploy` do, by their own script, against MiniStack."""
    log = folder / f"sam-{verb}.log"
    home = str(folder / "tmp")  # SAM keeps notes, which do not belong into the user's home
    env = dict(os.environ, AWS_ENDPOINT_URL=endpoint, AWS_REGION=region, HOME=home, __SAM_CLI_APP_DIR=home)
    command = [sys.executable, str(folder / SCRIPT), verb, "--stack", STACK, *words]
    with log.open("wb") as output:
        run = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output,
                             stderr=subprocess.STDOUT, timeout=DEPLOY, check=False)
    if run.returncode != 0:
        raise DemoFailed(f"{SCRIPT} {verb} ended with status {run.returncode}", log)


def architecture() -> str:
    """This machine's, as Lambda names it; MiniStack runs the binaries on it."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise DemoFailed(f"Lambda has no architecture for {machine}")
    return ARCHITECTURES[machine]


def deploy(folder: Path, endpoint: str, region: str, **parameters: str) -> None:
    """Deploy the stack."""
    stage(folder)
    given = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
    stack(folder, endpoint, region, "deploy", "--arch", architecture(), *given)


def delete(folder: Path, endpoint: str, region: str) -> None:
    """Delete the stack."""
    stack(folder, endpoint, region, "delete", "--yes")


def resources(cloudformation: Any) -> dict[str, tuple[str, str]]:
    """Physical id and type of each resource, by logical id."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {one["LogicalResourceId"]: (one["PhysicalResourceId"], one["ResourceType"])
            for page in pages for one in page["StackResourceSummaries"]}


def set_environment(client: Any, function: str, remove: tuple[str, ...] = (), **variables: str) -> None:
    """Change variables of a function and keep the others. It starts anew with them."""
    now = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    kept = {name: value for name, value in now.items() if name not in remove}
    client.update_function_configuration(FunctionName=function, Environment={"Variables": kept | variables})


def mend_numbers(client: Any, function: str) -> None:
    """Make a mapping's concurrency a number again.

    MiniStack keeps a number that comes from a parameter as text, and its poller fails over it.
    CloudFormation converts what a property's type asks for.
    """
    for mapping in client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
        if scaling := mapping.get("ScalingConfig"):
            number = int(scaling["MaximumConcurrency"])
            client.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": number})
