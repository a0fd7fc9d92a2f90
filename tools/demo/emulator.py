"""MiniStack in the place of AWS: the alert topic, and a queue that is subscribed to it.

Not called ministack.py, which would hide the package of that name.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from processes import HOST, free_port, none_left_behind, start
from report import DemoFailed

REGION = "eu-west-1"
ACCOUNT = "111122223333"
TOPIC = "ecs-steward-alerts"
QUEUE = "ecs-steward-demo"
START = 60  # seconds; usually below 1, but a cold disk and a first bytecode compile take longer


@dataclass(frozen=True)
class Mailbox:
    """The alert topic as the function publishes to it, the queue as a subscriber reads it."""

    topic_arn: str
    queue_url: str
    sqs: Any

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Take the SNS envelopes that are there, or the first that come within the limit."""
        queue = {"QueueUrl": self.queue_url}
        reply = self.sqs.receive_message(**queue, WaitTimeSeconds=limit, MaxNumberOfMessages=10)
        messages = reply.get("Messages", [])
        for message in messages:  # or it would come again and look like a duplicate
            self.sqs.delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


def leave_real_aws(region: str = REGION) -> None:
    """Make sure that neither this script nor a child can reach a real account.

    boto3 and all children read the environment, so the caller's profile and keys are taken
    out of it, and a proxy is not asked for this machine.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    os.environ.update(dict.fromkeys(keys, "demo"), AWS_REGION=region, AWS_DEFAULT_REGION=region)
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), HOST]))


def run_check(name: str, check: Callable[[Path], str]) -> None:
    """Run a check in a folder for the emulator's files, print its line, and leave nothing behind."""
    leave_real_aws()
    try:
        with none_left_behind(), tempfile.TemporaryDirectory() as folder:
            print(check(Path(folder)))
    except DemoFailed as failed:
        sys.exit(f"{name}: {failed}")


def start_emulator(folder: Path, launcher: Path | None = None) -> str:
    """Start MiniStack, by a launcher of ours if there is one, and return its endpoint."""
    port = free_port()
    env = dict(
        os.environ,
        BIND_HOST=HOST,  # otherwise it listens on every interface
        GATEWAY_PORT=str(port),
        MINISTACK_HOST=HOST,
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=os.environ["AWS_REGION"],
        TMPDIR=str(folder),  # its pid file
    )
    # -I: the folder we start it in and the caller's PYTHONPATH must not shadow a module.
    what = [str(launcher)] if launcher else ["-m", "ministack"]
    command = [sys.executable, "-I", *what]
    start("MiniStack", command, folder / "ministack.log", env).wait_ready(port, START)
    return f"http://{HOST}:{port}"


def create_mailbox(endpoint: str, topic_arn: str | None = None) -> Mailbox:
    """Create the queue, and the topic if none is given. No queue policy: MiniStack enforces none."""
    sns = boto3.client("sns", endpoint_url=endpoint)
    sqs = boto3.client("sqs", endpoint_url=endpoint)
    topic_arn = topic_arn or sns.create_topic(Name=TOPIC)["TopicArn"]
    queue_url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    # Not raw delivery: the envelope carries the subject and the message attributes.
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"])
    return Mailbox(topic_arn, queue_url, sqs)
