"""A host is impaired and recovers, somebody stops another, and Auto Scaling ends a third without a word.

The logs of the impaired one are collected, as its policy asks.
"""

import boto3

from fleet import CLUSTER
from made_events import host_event
from world import World

FUNCTION = "instance-monitor"
SOON = 30  # seconds
BUCKET = "e2e-host-logs"
POLICY = f"""
[collect-logs]
bucket = "{BUCKET}"
on = ["host-impaired"]
"""


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
    world.configure(FUNCTION, remove=("POLICY_FILE",), POLICY=POLICY)
    health = "ecs-container-instance-health-change"
    assert becomes_of(world, f"{health}/runtime-impaired", instance, arn) == ("host-impaired", "alert")
    alert = world.alerts.take("impaired", lambda one: one.body["cause"] == "host-impaired", SOON)
    assert (alert.body["severity"], alert.body["cluster"]) == ("medium", CLUSTER), alert
    assert "its container runtime does not answer" in alert.body["summary"], alert
    (archive,) = alert.body["details"]["archives"]
    assert archive["uri"].startswith(f"s3://{BUCKET}/{CLUSTER}/{instance}/"), archive
    assert f"/s3/object/{BUCKET}?prefix=" in alert.body["links"]["archive"], alert.body["links"]
    assert world.record.find(FUNCTION, "ListCommandInvocations")
    (sent,) = world.record.find(FUNCTION, "SendCommand")
    request = sent["request"]
    assert (request["InstanceIds"], request["DocumentName"]) == ([instance], "AWS-RunShellScript"), request
    assert f"'{archive['uri']}'" in request["Parameters"]["commands"][-1], request
    # It goes on: people know.
    assert becomes_of(world, f"{health}/runtime-impaired", instance, arn) == ("host-impaired", "counted")
    assert becomes_of(world, f"{health}/ok", instance, arn) == ("steady", "quiet")
    over = world.alerts.take("recovery", lambda one: one.body["cause"] == "host-impaired", SOON)
    assert over.body["notice"] == "recovery", over

    # A new process knows no place: it asks every cluster.
    world.configure(FUNCTION, remove=("POLICY",), POLICY_FILE="policy.toml")
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
