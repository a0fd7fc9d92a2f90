"""A drain is stuck: the logs of its instance are collected, and its hook completes only after that."""

import json

from fleet import CLUSTER, GROUP
from scenarios.every_call import no_room_elsewhere, ticked
from waiting import until
from world import World

SOON = 30  # seconds
STUCK = 90  # a quarter of the two minutes, and what comes before
DRAINED = 120
BUCKET = "e2e-host-logs"
POLICY = f"""
[[drain]]
cluster = "{CLUSTER}"
deadline = "2m"
[collect-logs]
bucket = "{BUCKET}"
prefix = "hosts"
within = "2m"
"""


def run(world: World) -> None:
    """Tell the story."""
    fleet, instance = world.fleet, world.fleet.instance(3)
    world.configure("instance-drain", remove=("POLICY_FILE",), POLICY=POLICY)
    before = fleet.state()
    with no_room_elsewhere(world, instance):
        fleet.terminate(instance)
        world.alerts.take("drain-started", lambda one: one.body["cause"] == "drain-started", SOON)

        def is_told() -> bool:
            return ticked(world) and bool(world.record.find("instance-drain", "SendCommand"))

        until("the command is sent", is_told, STUCK)
    stuck = world.alerts.take("drain-stuck", lambda one: one.body["cause"] == "drain-stuck", SOON)
    (archive,) = stuck.body["details"]["archives"]
    assert archive["instance"] == instance, archive
    assert archive["uri"].startswith(f"s3://{BUCKET}/hosts/{CLUSTER}/{instance}/"), archive
    assert archive["state"].startswith("being collected until "), archive
    key = archive["uri"].removeprefix(f"s3://{BUCKET}/")
    assert f"/s3/object/{BUCKET}?prefix=hosts%2F" in stuck.body["links"]["archive"], stuck.body["links"]

    until("the hook is completed",
          lambda: ticked(world) and fleet.state()["hooksContinued"] > before["hooksContinued"], DRAINED)
    finished = world.alerts.take("drain-finished", lambda one: one.body["cause"] == "drain-finished", SOON)
    assert finished.body["details"]["archives"] == [{**archive, "state": "collected"}], finished.body["details"]
    (sent,) = world.record.find("instance-drain", "SendCommand")
    request = sent["request"]
    assert (request["InstanceIds"], request["DocumentName"]) == ([instance], "AWS-RunShellScript"), request
    assert request["Parameters"]["executionTimeout"] == ["120"], request
    assert f"'s3://{BUCKET}/{key}'" in request["Parameters"]["commands"][-1], json.dumps(request)
    done = world.record.find("instance-drain", "CompleteLifecycleAction", AutoScalingGroupName=GROUP,
                             InstanceId=instance)
    assert [one["request"]["LifecycleActionResult"] for one in done] == ["CONTINUE"], done
    after = fleet.state()
    assert (after["tasksKilled"], after["hooksExpired"]) == (0, 0), after
    world.configure("instance-drain", remove=("POLICY",), POLICY_FILE="policy.toml")
    world.alerts.none_left()
