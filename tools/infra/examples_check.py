"""Try what the linters cannot: that hook.yaml makes the hook it promises, and that SAM packages the example whole.

MiniStack knows too few types of example-cluster.yaml to deploy it, and applies no transform in a nested stack. What is
left of `sam deploy` is its first half, `sam package`: the nested template has to arrive with its functions' code.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from cloudformation import Loader
from emulator import leave_real_aws, start_emulator
from processes import none_left_behind
from report import DemoFailed

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
SAM = ROOT / ".venv" / "sam" / "bin" / "sam"
FUNCTIONS = ("task-monitor", "service-monitor", "volume-monitor", "instance-monitor", "instance-drain", "instance-protection",
             "cluster-audit")
BUCKET = "harbor-packages"
LIMIT = 120  # seconds for `sam package`, which takes some five


class CheckFailed(Exception):
    """What is not as it should be, in one line."""


def expect(what: str, found: Any, wanted: Any) -> None:
    """Hold two values against each other."""
    if found != wanted:
        raise CheckFailed(f"{what}: {found!r} and not {wanted!r}")


def hook(endpoint: str) -> None:
    """Make the hook for a group that exists, read it as instance-drain does, and delete it."""
    groups = boto3.client("autoscaling", endpoint_url=endpoint)
    stacks = boto3.client("cloudformation", endpoint_url=endpoint)
    group = {"AutoScalingGroupName": "harbor-web"}
    groups.create_auto_scaling_group(
        **group, MinSize=0, MaxSize=0, AvailabilityZones=["eu-west-1a"], LaunchTemplate={"LaunchTemplateName": "web"})
    given = {"AutoScalingGroupName": "harbor-web", "ClusterName": "harbor", "DefaultResult": "CONTINUE"}
    stacks.create_stack(
        StackName="hook", TemplateBody=(INFRA / "hook.yaml").read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()])
    stacks.get_waiter("stack_create_complete").wait(StackName="hook", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    made = groups.describe_lifecycle_hooks(**group)["LifecycleHooks"]
    expect("hooks of the group", [each["LifecycleHookName"] for each in made], ["ecs-steward"])
    expect("transition", made[0]["LifecycleTransition"], "autoscaling:EC2_INSTANCE_TERMINATING")
    expect("heartbeat timeout", int(made[0]["HeartbeatTimeout"]), 3600)
    expect("default result", made[0]["DefaultResult"], "CONTINUE")
    expect("metadata", json.loads(made[0]["NotificationMetadata"]), {"cluster": "harbor"})
    commands = {each["OutputKey"]: each["OutputValue"]
                for each in stacks.describe_stacks(StackName="hook")["Stacks"][0]["Outputs"]}
    runs(commands["TagCommand"], "Key=ecs-steward:cluster,Value=harbor,PropagateAtLaunch=false")
    runs(commands["RetainCommand"], json.dumps({"RetentionTriggers": {"TerminateHookAbandon": "retain"}}))
    stacks.delete_stack(StackName="hook")
    stacks.get_waiter("stack_delete_complete").wait(StackName="hook", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    expect("hooks after the stack", groups.describe_lifecycle_hooks(**group)["LifecycleHooks"], [])


def runs(command: str, end: str) -> None:
    """Hold a command that people are told to paste: one line, which a shell splits so that this is in its last word."""
    said = subprocess.run(
        ["bash", "-c", f"aws() {{ printf '%s\\n' \"$@\"; }}; {command}"],
        capture_output=True, text=True, timeout=20, env={"PATH": "/usr/bin:/bin"}, check=False)
    words = said.stdout.splitlines()
    if said.returncode or "\n" in command or not words or not words[-1].endswith(end):
        raise CheckFailed(f"command `{command}` is no command that ends with {end}: {words} {said.stderr}")


def example(endpoint: str, folder: Path) -> None:
    """Package the example as `sam deploy` does, and read from the bucket what CloudFormation would."""
    shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns("terraform", "samconfig.toml"))
    for name in FUNCTIONS:
        package = folder / "target" / "lambda" / "deploy" / name
        package.mkdir(parents=True)
        (package / "bootstrap").write_text(f"#!/bin/sh\n# {name}\n", encoding="utf-8")
        shutil.copyfile(INFRA / "policy.toml", package / "policy.toml")
    store = boto3.client("s3", endpoint_url=endpoint)
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    packaged = folder / "packaged.yaml"
    env = dict(os.environ, AWS_ENDPOINT_URL=endpoint, SAM_CLI_TELEMETRY="0", HOME=str(folder),
               __SAM_CLI_APP_DIR=str(folder))
    done = subprocess.run(
        [str(SAM), "package", "--template-file", str(folder / "infra" / "example-cluster.yaml"), "--s3-bucket", BUCKET,
         "--output-template-file", str(packaged)],
        cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise CheckFailed(f"sam package ended with {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    outer = yaml.load(packaged.read_text(encoding="utf-8"), Loader)
    url = urllib.parse.urlparse(outer["Resources"]["Monitor"]["Properties"]["TemplateURL"])
    inner = yaml.load(stored(store, url.path.removeprefix(f"/{BUCKET}/")), Loader)
    expect("resources of the nested template", sorted(inner["Resources"]),
           sorted(yaml.load((INFRA / "template.yaml").read_text(encoding="utf-8"), Loader)["Resources"]))
    code = {}
    for name, resource in inner["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            place = urllib.parse.urlparse(resource["Properties"]["CodeUri"])
            expect(f"bucket of {name}", place.netloc, BUCKET)
            with zipfile.ZipFile(io.BytesIO(stored(store, place.path.lstrip("/")))) as archive:
                expect(f"files of {name}", sorted(archive.namelist()), ["bootstrap", "policy.toml"])
                code[name] = archive.read("bootstrap").decode().split()[-1]
    wanted = {"TaskMonitorFunction": "task-monitor", "ServiceMonitorFunction": "service-monitor",
              "VolumeMonitorFunction": "volume-monitor",
              "InstanceMonitorFunction": "instance-monitor", "InstanceDrainFunction": "instance-drain",
              "InstanceProtectionFunction": "instance-protection", "ClusterAuditFunction": "cluster-audit"}
    expect("code of the functions", code, wanted)


def stored(store: Any, key: str) -> bytes:
    """An object of the bucket."""
    body: bytes = store.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def main() -> int:
    """Run both."""
    leave_real_aws()
    try:
        with none_left_behind(), tempfile.TemporaryDirectory() as place:
            endpoint = start_emulator(Path(place))
            hook(endpoint)
            example(endpoint, Path(place) / "example")
    except (CheckFailed, DemoFailed, BotoCoreError, ClientError) as error:
        print(f"examples: {error}", file=sys.stderr)
        return 1
    print("examples: hook.yaml makes and deletes its hook; SAM packages example-cluster.yaml with all functions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
