"""Every call that the functions can make is made, as the role of each has to allow it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import boto3

from deployment import ROOT
from fleet import CLUSTER, GROUP, Event
from made_events import TICK, arn, stopped_task
from waiting import until
from world import World

SOON = 30  # seconds
DRAINED = 120

STOP_JOBS = f"""
[[drain]]
cluster = "{CLUSTER}"
standalone = {{ stop-after = "5s" }}
"""

# What each function uses of shared/src/aws, and all that it can call there.
ADAPTERS = {
    "task-monitor": ["sns.rs", "cloudwatch.rs", "eventbridge.rs", "alert_table.rs", "facts/mod.rs"],
    "instance-drain": ["sns.rs", "cloudwatch.rs", "ecs/mod.rs", "auto_scaling/mod.rs"],
}
CALL = re.compile(r"\bclient\s*\.(\w+)\(\)|\bself\s*\.(?:ecs|logs|cloudwatch)\s*\.(\w+)\(\)")


def operations(function: str) -> set[str]:
    """The operations of AWS that a function can call, as its adapters are written."""
    found: set[str] = set()
    for name in ADAPTERS[function]:
        source = (ROOT / "shared" / "src" / "aws" / name).read_text(encoding="utf-8")
        for match in CALL.finditer(source):
            word = match[1] or match[2]
            found.add("".join(part.capitalize() for part in word.split("_")))
    return found


def memory_runs_out(world: World) -> None:
    """A task is killed, perhaps for its memory: the peak of the hour before is asked for."""
    task = world.fleet.crash(137)
    alert = world.alerts.take("killed", lambda one: one.body["taskArn"] == task, SOON)
    assert alert.body["cause"] == "killed", alert
    until("GetMetricData", lambda: world.record.find("task-monitor", "GetMetricData"), SOON)


def host_goes(world: World) -> None:
    """A task is lost with its host: the container instance is asked for."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    host = ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"][-1]
    lost = stopped_task("termination-notice--host-terminated-service-containers-running", "on-a-lost-host",
                        containerInstanceArn=host)
    world.bus.put(lost)
    task = lost["detail"]["taskArn"]
    alert = world.alerts.take("host-terminated", lambda one: one.body["taskArn"] == task, SOON)
    assert alert.body["cause"] == "host-terminated", alert
    until("DescribeContainerInstances",
          lambda: world.record.find("task-monitor", "DescribeContainerInstances", containerInstances=[host]), SOON)


def verdicts_arrive(world: World) -> None:
    """Every verdict is on the user's bus as well."""
    received = world.client("sqs").receive_message(QueueUrl=world.verdicts_url, MaxNumberOfMessages=10)
    events = [json.loads(message["Body"]) for message in received["Messages"]]
    assert {(one["source"], one["detail-type"]) for one in events} == {("ecs-steward", "ECS Steward Verdict")}
    assert all(one["detail"]["schema"] == "ecs-steward.alert.v1" for one in events), events


def metrics_by_call(world: World) -> None:
    """The metrics go by PutMetricData where that is asked for, in the namespace the role allows."""
    for function in ("task-monitor", "instance-drain"):
        world.configure(function, METRICS="api")


def incident_ends(world: World) -> None:
    """A stop of two hours ago comes late; the next tick tells that it is over and forgets it."""
    old = stopped_task("essential-container-exited--service-exit-1", "long-ago", ago=timedelta(hours=2))
    world.bus.put(old)
    service = "long-ago"
    world.alerts.take("the late alert", lambda one: one.body["service"] == service, SOON)
    send(world, "TaskMonitor", TICK)
    over = world.alerts.take("recovery", lambda one: one.body["service"] == service, SOON)
    assert (over.body["notice"], over.body["verdict"]) == ("recovery", "recovered"), over
    # In a transaction, which needs the permission of each of its parts.
    until("the incident is deleted", lambda: [
        call for call in world.record.find("task-monitor", "TransactWriteItems")
        if any("Delete" in item for item in call["request"]["TransactItems"])], SOON)


def job_is_stopped(world: World) -> None:
    """The event of a termination is lost; a tick finds it, sends a heartbeat, and the policy stops a job."""
    fleet, instance = world.fleet, world.fleet.instance(0)
    world.configure("instance-drain", remove=("POLICY_FILE",), POLICY=STOP_JOBS)
    before = fleet.state()

    def is_lost(event: Event) -> bool:
        return event["detail"].get("EC2InstanceId") == instance

    with world.bus.losing(is_lost):
        fleet.terminate(instance)
        until("Auto Scaling holds the instance",
              lambda: fleet.look(instance)["lifecycleState"] == "Terminating:Wait", SOON)
        send(world, "InstanceDrain", TICK)
        world.alerts.take("drain-started", lambda one: one.body["cause"] == "drain-started", SOON)
    until("a heartbeat", lambda: world.record.find(
        "instance-drain", "RecordLifecycleActionHeartbeat", AutoScalingGroupName=GROUP), SOON)
    until("the job is stopped", lambda: ticked(world) and world.record.find("instance-drain", "StopTask"), DRAINED)
    until("the hook is completed",
          lambda: ticked(world) and fleet.state()["hooksContinued"] > before["hooksContinued"], DRAINED)
    world.alerts.take("drain-finished", lambda one: one.body["cause"] == "drain-finished", SOON)
    assert fleet.state()["tasksKilled"] == 0, fleet.state()


def spot_is_taken(world: World) -> None:
    """A Spot warning names no group, so every cluster is asked for the instance."""
    instance = world.fleet.instance(2)
    world.fleet.warn_of_spot(instance)
    world.alerts.take("drain-started", lambda one: instance in one.body["summary"], SOON)
    assert world.fleet.look(instance)["status"] == "DRAINING"
    assert world.record.find("instance-drain", "ListClusters")


def send(world: World, function: str, event: Event) -> None:
    """Send an event to a function's queue, past the rules."""
    world.client("sqs").send_message(QueueUrl=world.name_of(f"{function}Queue"), MessageBody=json.dumps(event))


def ticked(world: World) -> bool:
    """Send instance-drain a tick, unless one waits for it already."""
    url = world.name_of("InstanceDrainQueue")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    if all(count == "0" for count in counts.values()):
        send(world, "InstanceDrain", TICK)
    return True


def run(world: World) -> None:
    """Tell the stories, and hold that nothing was left out."""
    memory_runs_out(world)
    host_goes(world)
    verdicts_arrive(world)
    metrics_by_call(world)
    incident_ends(world)
    job_is_stopped(world)
    spot_is_taken(world)
    for function in ADAPTERS:
        until(f"PutMetricData of {function}",
              lambda function=function: world.record.find(function, "PutMetricData"), SOON)
        wanted = operations(function)
        assert len(wanted) > 5, f"only {wanted} in {[str(Path(name)) for name in ADAPTERS[function]]}"
        missing = {name for name in wanted if not world.record.find(function, name)}
        assert not missing, f"{function} never called {sorted(missing)} with success"
    world.alerts.none_left()
