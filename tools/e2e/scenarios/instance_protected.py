"""An instance runs a task that must not be cut: scale-in leaves it alone until the task has stopped."""

import json

import boto3

from fleet import CLUSTER, GROUP
from made_events import TICK
from waiting import until
from world import World

SOON = 60  # seconds
NAME, TAG = "instance-protection", "ecs-steward.protect"
NOTE = "ecs-steward.protected-since"
WRITES = ("PutAttributes", "DeleteAttributes", "SetInstanceProtection")


def policy(mode: str) -> str:
    """An entry over a tag, which lets go at once."""
    return f'[[protect]]\ncluster = "{CLUSTER}"\ntag = "{TAG}=true"\nmode = "{mode}"\nrelease-after = "0s"\n'


def ticked(world: World) -> bool:
    """Send a tick, unless one waits already."""
    if world.is_idle(NAME):
        url = world.name_of("InstanceProtectionQueue")
        world.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(TICK))
    return True


def note_on(world: World, instance: str) -> str | None:
    """What is noted on the container instance."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    (arn,) = ecs.list_container_instances(
        cluster=CLUSTER, filter=f"ec2InstanceId == {instance}")["containerInstanceArns"]
    (found,) = ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[arn])["containerInstances"]
    return next((one["value"] for one in found["attributes"] if one["name"] == NOTE), None)


def is_protected(world: World, instance: str) -> bool:
    """Whether scale-in leaves it alone."""
    protected: bool = world.fleet.look(instance)["protected"]
    return protected


def run(world: World) -> None:
    """Tell the story."""
    fleet, instance = world.fleet, world.fleet.instance(3)
    task = fleet.run_task(instance, "import", TAG, "true")

    # A dry run looks, and changes nothing.
    world.configure(NAME, remove=("POLICY_FILE",), POLICY=policy("dry-run"))
    until("a dry run has looked", lambda: ticked(world) and world.logs[NAME].told("protection", dry_run=True), SOON)
    assert not is_protected(world, instance)
    assert not any(world.record.find(NAME, write) for write in WRITES)

    # A permission is missing: people hear of it, and no note is left.
    fleet.admin("POST", "fault?op=SetInstanceProtection&fault=denied")
    world.configure(NAME, POLICY=policy("protect"))
    ticked(world)
    refused = world.alerts.take(
        "the refusal", lambda one: "autoscaling:SetInstanceProtection" in one.body["summary"], SOON)
    assert refused.body["severity"] == "medium", refused
    until("the note is gone", lambda: world.record.find(NAME, "DeleteAttributes"), SOON)
    assert not is_protected(world, instance)
    fleet.admin("POST", "faults/clear")

    until("it is protected", lambda: ticked(world) and is_protected(world, instance), SOON)
    until("its note says so", lambda: ticked(world) and str(note_on(world, instance)).endswith(" held"), SOON)
    assert fleet.admin("POST", f"terminate?instance={instance}") == {"terminating": False}
    others = [one for one in fleet.state()["instances"] if one["id"] != instance]
    assert not any(one["protected"] for one in others), others

    ecs = boto3.client("ecs", endpoint_url=fleet.url)
    ecs.stop_task(cluster=CLUSTER, task=task, reason="the import is done")
    until("it is let go", lambda: ticked(world) and not is_protected(world, instance), SOON)
    until("its note is gone", lambda: note_on(world, instance) is None, SOON)
    asked = world.record.find(NAME, "SetInstanceProtection", AutoScalingGroupName=GROUP)
    assert {str(one["request"]["ProtectedFromScaleIn"]).lower() for one in asked} == {"true", "false"}, asked
    world.alerts.none_left()
