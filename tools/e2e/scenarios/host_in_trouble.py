"""A host is impaired and recovers, somebody stops another, and Auto Scaling ends a third without a word."""

import boto3

from fleet import CLUSTER
from made_events import host_event
from world import World

FUNCTION = "instance-monitor"
SOON = 30  # seconds


def becomes_of(world: World, fixture: str, instance: str, container_instance: str = "") -> tuple[str, str]:
    """Put an event of a host on the bus: the cause that instance-monitor finds, and what becomes of it."""
    (key,) = world.bus.put(host_event(fixture, instance, container_instance))
    judged = world.judged(key, SOON, FUNCTION)
    return judged["cause"], judged["fate"]


def run(world: World) -> None:
    """Tell the story."""
    instance = world.fleet.instance(2)
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    (arn,) = ecs.list_container_instances(
        cluster=CLUSTER, filter=f"ec2InstanceId == {instance}")["containerInstanceArns"]
    health = "ecs-container-instance-health-change"
    assert becomes_of(world, f"{health}/runtime-impaired", instance, arn) == ("host-impaired", "alert")
    alert = world.alerts.take("impaired", lambda one: one.body["cause"] == "host-impaired", SOON)
    assert (alert.body["severity"], alert.body["cluster"]) == ("medium", CLUSTER), alert
    assert "its container runtime does not answer" in alert.body["summary"], alert
    assert becomes_of(world, f"{health}/ok", instance, arn) == ("steady", "quiet")
    over = world.alerts.take("recovery", lambda one: one.body["cause"] == "host-impaired", SOON)
    assert over.body["notice"] == "recovery", over

    # A new process knows no place: it asks every cluster.
    world.configure(FUNCTION)
    states = "ec2-instance-state-change-notification"
    assert becomes_of(world, f"{states}/stopping", instance) == ("host-terminated", "alert")
    alert = world.alerts.take("stopped", lambda one: one.body["cause"] == "host-terminated", SOON)
    assert (alert.body["severity"], alert.body["cluster"]) == ("medium", CLUSTER), alert
    assert "not by Auto Scaling" in alert.body["summary"], alert
    assert becomes_of(world, f"{states}/stopping", "i-0000000000000dead") == ("host-terminated", "quiet")
    spot = "ec2-spot-instance-interruption-warning/terminate"
    assert becomes_of(world, spot, "i-0000000000000beef") == ("spot-interrupted", "quiet")
    notice = "aws-health-event/fargate-retirement-service"
    assert becomes_of(world, notice, instance) == ("retirement-scheduled", "quiet")
    for call in ("DescribeAutoScalingInstances", "ListClusters", "ListContainerInstances", "DescribeContainerInstances"):
        assert world.record.find(FUNCTION, call), call
    world.alerts.none_left()
