#!/usr/bin/env python3
"""Deploy the stack with SAM, or delete it, after saying what will be done and where.

    .venv/bin/python tools/deploy/stack.py --stack ecs-steward plan --arch arm64
    .venv/bin/python tools/deploy/stack.py --stack ecs-steward deploy --arch arm64 --param AlertEmail=you@example.com
    .venv/bin/python tools/deploy/stack.py --stack ecs-steward delete

`make deploy` and `make undeploy` call it. `plan` only says what `deploy` would do, and that AWS can be reached:
before minutes of building. The first deployment from a terminal is guided: SAM asks for each
parameter and keeps the answers in infra/samconfig.toml. Later ones change what --param names, and nothing else.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / ".venv" / "sam" / "bin" / "sam"
TEMPLATE = ROOT / "infra" / "template.yaml"


class CannotReach(Exception):
    """Why AWS cannot be reached, in one line."""


def place() -> tuple[str, str]:
    """The account and region that credentials and settings lead to."""
    session = boto3.Session()
    if not session.region_name:
        raise CannotReach("no region: set AWS_REGION, or AWS_PROFILE to a profile that has one")
    try:
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise CannotReach(f"AWS does not know you: {error}. Log in, or set AWS_PROFILE") from error
    return account, session.region_name


def stands(stack: str) -> bool:
    """Whether there is a stack of this name."""
    try:
        found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise CannotReach(f"cannot ask for the stack: {error}") from error
    return any(each["StackStatus"] != "DELETE_COMPLETE" for each in found)


def sam(*words: str, region: str) -> int:
    """Run SAM in the foreground; its exit code."""
    env = dict(os.environ, SAM_CLI_TELEMETRY="0", AWS_DEFAULT_REGION=region, AWS_REGION=region)
    return subprocess.run([str(SAM), *words, "--region", region], cwd=ROOT, env=env, check=False).returncode


def plan(stack: str, overrides: list[str]) -> int:
    """Say what a deployment will do."""
    account, region = place()
    print(f"deploy: {'updates' if stands(stack) else 'creates'} the stack {stack} in account {account}, {region},")
    print(f"  from infra/template.yaml and the functions in target/lambda/deploy, with {' '.join(overrides)};")
    print("  code and template go through the S3 bucket that SAM keeps for you (stack aws-sam-cli-managed-default)")
    return 0


def deploy(stack: str, overrides: list[str], asks: bool) -> int:
    """Create or update the stack from what package.py made."""
    _, region = place()
    command = ["deploy", "--template-file", str(TEMPLATE), "--stack-name", stack]
    command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides", *overrides]
    if asks and not stands(stack):
        return sam(*command, "--guided", region=region)
    return sam(*command, "--resolve-s3", "--no-confirm-changeset", "--no-fail-on-empty-changeset", region=region)


def delete(stack: str, sure: bool) -> int:
    """Delete the stack and what SAM uploaded for it."""
    account, region = place()
    if not stands(stack):
        print(f"undeploy: there is no stack {stack} in account {account}, {region}; nothing was changed", file=sys.stderr)
        return 2
    print(f"undeploy: deletes the stack {stack} in account {account}, {region}: functions, rules, queues with what is")
    print("  in them, topic, table, logs, alarms and dashboard; the topic's key is deleted by KMS after 7 days.")
    print("  Lifecycle hooks of your groups stay, and hold terminations until their timeout: remove them first.")
    words = ["delete", "--stack-name", stack, *(["--no-prompts"] if sure else [])]
    return sam(*words, region=region)


def main() -> int:
    """Do it; 2 where AWS cannot be reached or something is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("verb", choices=["plan", "deploy", "delete"])
    parser.add_argument("--stack", default="ecs-steward")
    parser.add_argument("--arch", choices=["arm64", "x86_64"], default="arm64")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    options = parser.parse_args()
    try:
        if options.verb == "delete":
            return delete(options.stack, options.yes)
        overrides = [f"Architecture={options.arch}", *options.param]
        if options.verb == "plan":
            return plan(options.stack, overrides)
        # A person without wishes is asked; a script, or a person who named parameters, is not.
        return deploy(options.stack, overrides, sys.stdin.isatty() and not options.param)
    except CannotReach as why:
        print(f"{'undeploy' if options.verb == 'delete' else 'deploy'}: {why}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
