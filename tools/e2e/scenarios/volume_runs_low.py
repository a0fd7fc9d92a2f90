"""A volume loses its burst credits: told once, with instance, volume and tasks, and over when it is gone."""

from datetime import datetime, timedelta, timezone
from typing import Any

import boto3

from fleet import CLUSTER, SERVICE
from made_events import TICK
from scenarios.every_call import make_all_older, send
from waiting import until
from world import World

FUNCTION = "volume-monitor"
SOON = 30  # seconds
DEVICE = "/dev/xvdcz"
# Percent, five minutes apart; the last value is the present one.
FALLING = (60.0, 36.0, 12.0)


def host(world: World) -> str:
    """An instance of the fleet that runs tasks."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    arns = ecs.list_container_instances(cluster=CLUSTER, status="ACTIVE")["containerInstanceArns"]
    found = ecs.describe_container_instances(cluster=CLUSTER, containerInstances=arns)["containerInstances"]
    return next(one["ec2InstanceId"] for one in found if one["runningTasksCount"] > 0)


def attach(ec2: Any, instance: str, device: str, **volume: Any) -> str:
    """Make a volume and attach it."""
    made: str = ec2.create_volume(AvailabilityZone="eu-central-1a", **volume)["VolumeId"]
    ec2.attach_volume(VolumeId=made, InstanceId=instance, Device=device)
    return made


def measure(world: World, volume: str) -> None:
    """Let CloudWatch have values of a volume, as EBS writes them."""
    now = datetime.now(timezone.utc)
    ages = range(len(FALLING) - 1, -1, -1)
    world.client("cloudwatch").put_metric_data(Namespace="AWS/EBS", MetricData=[
        {"MetricName": "BurstBalance", "Dimensions": [{"Name": "VolumeId", "Value": volume}], "Unit": "Percent",
         "Value": percent, "Timestamp": now - timedelta(minutes=5 * age)}
        for percent, age in zip(FALLING, ages, strict=True)])


def look(world: World) -> dict[str, Any]:
    """Send a tick, past the rule that sends one each five minutes; what it counted."""
    log = world.logs[FUNCTION]
    before = len(log.told("volumes looked at"))
    send(world, "VolumeMonitor", TICK)
    return until("a look at volumes", lambda: log.told("volumes looked at")[before:], SOON)[-1]


def run(world: World) -> None:
    """Tell the story. MiniStack's EC2 has the volumes; launcher.py lets it attach them to the fleet's instances."""
    ec2, instance = world.client("ec2"), host(world)
    low = attach(ec2, instance, DEVICE, VolumeType="gp2", Size=100)
    others = [attach(ec2, instance, "/dev/xvdf", VolumeType="gp3", Size=50),
              attach(ec2, instance, "/dev/xvdg", VolumeType="gp2", Size=8)]
    measure(world, low)
    counts = look(world)
    names = ("measured", "low", "skipped_no_credits", "without_value", "unread", "lowest_percent")
    assert [counts[name] for name in names] == [1, 1, 1, 1, 0, 12.0], counts
    alert = world.alerts.take("the volume", lambda one: one.body["cause"] == "burst-balance-low", SOON)
    body = alert.body
    assert (body["severity"], body["cluster"], body["ec2Instance"]) == ("medium", CLUSTER, instance), body
    for word in (low, DEVICE, "100 GiB gp2", instance, "12 %"):
        assert word in body["summary"], (word, body)
    assert f"service {SERVICE}: " in str(body["evidence"]), body
    # The same again: to the same process, and to a new one.
    look(world)
    world.configure(FUNCTION)
    look(world)
    world.alerts.none_left()
    for volume in (low, *others):
        ec2.detach_volume(VolumeId=volume)
        ec2.delete_volume(VolumeId=volume)
    look(world)
    make_all_older(world, f"watch#{FUNCTION}", timedelta(minutes=5))
    look(world)
    over = world.alerts.take("its end", lambda one: one.body["cause"] == "burst-balance-low", SOON)
    assert (over.body["notice"], over.body["severity"]) == ("recovery", "low"), over
    world.alerts.none_left()
