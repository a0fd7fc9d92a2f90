"""The stack: staged with debug binaries, deployed with `sam deploy`, deleted with `sam delete`."""

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from report import DemoFailed

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
FUNCTIONS = {"task-monitor": "TaskMonitor", "instance-drain": "InstanceDrain"}
STACK = "ecs-steward-e2e"
SAM = os.environ.get("SAM", str(ROOT / ".venv" / "sam" / "bin" / "sam"))
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
DEPLOY = 300  # seconds; some ten, most of them Python's


def binary(name: str) -> Path:
    """A debug binary, which `cargo build --workspace` makes."""
    path = TARGET / "debug" / name
    if not path.is_file():
        raise DemoFailed(f"there is no {path}: cargo build --workspace")
    return path


def stage(folder: Path) -> Path:
    """Lay out template and packages as `make deploy` does, but here, so that nobody deploys a debug binary.

    Without their symbols the binaries are a fifth as large. Where there is no strip they go as they are.
    """
    for name in FUNCTIONS:
        package = folder / "target" / "lambda" / "deploy" / name
        package.mkdir(parents=True, exist_ok=True)
        bootstrap = package / "bootstrap"
        if strip := shutil.which("strip"):
            subprocess.run([strip, "-o", str(bootstrap), str(binary(name))], check=True, timeout=120)
        else:
            shutil.copyfile(binary(name), bootstrap)
        bootstrap.chmod(0o755)
        shutil.copyfile(ROOT / "infra" / "policy.toml", package / "policy.toml")
    infra = folder / "infra"
    infra.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "infra" / "template.yaml", infra / "template.yaml")
    return infra / "template.yaml"


def sam(folder: Path, endpoint: str, *words: str) -> None:
    """Run a command of SAM against MiniStack."""
    if not Path(SAM).is_file():
        raise DemoFailed(f"there is no {SAM}: run tools/demo/venv.sh")
    log = folder / f"sam-{words[0]}.log"
    env = dict(os.environ, AWS_ENDPOINT_URL=endpoint, SAM_CLI_TELEMETRY="0", HOME=str(folder))
    env["__SAM_CLI_APP_DIR"] = str(folder / "sam")  # its own notes; not in the user's home
    with log.open("wb") as output:
        run = subprocess.run([SAM, *words], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output,
                             stderr=subprocess.STDOUT, timeout=DEPLOY, check=False)
    if run.returncode != 0:
        raise DemoFailed(f"sam {words[0]} ended with status {run.returncode}", log)


def architecture() -> str:
    """This machine's, as Lambda names it; MiniStack runs the binaries on it."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise DemoFailed(f"Lambda has no architecture for {machine}")
    return ARCHITECTURES[machine]


def deploy(folder: Path, endpoint: str, region: str, **parameters: str) -> None:
    """Deploy the stack."""
    template = stage(folder)
    given = dict(parameters, Architecture=architecture())
    sam(folder, endpoint, "deploy", "--template-file", str(template), "--stack-name", STACK,
        "--region", region, "--capabilities", "CAPABILITY_IAM", "--resolve-s3", "--no-confirm-changeset",
        "--no-progressbar", "--parameter-overrides", *(f"{name}={value}" for name, value in given.items()))


def delete(folder: Path, endpoint: str, region: str) -> None:
    """Delete the stack."""
    sam(folder, endpoint, "delete", "--stack-name", STACK, "--region", region, "--no-prompts")


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
