"""Every call that the functions can make is made, as the role of each has to allow it.

The scenarios before this one make most of them, so it is not run without them.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import boto3

import sdk_calls
from deployment import FUNCTIONS
from fleet import CLUSTER, GROUP, Event
from made_events import TICK, service_event, task_event
from waiting import until
from world import World

SOON = 30  # seconds
DRAINED = 120

STOP_JOBS = f"""
[[drain]]
cluster = "{CLUSTER}"
standalone = {{ stop-after = "5s" }}
"""

# Operations that have to be found, so that a search which finds nothing is no success.
FEWEST = {"task-monitor": 11, "service-monitor": 6, "volume-monitor": 11, "instance-monitor": 12, "instance-drain": 13, "instance-protection": 13, "cluster-audit": 12}


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
    lost = task_event("termination-notice--host-terminated-service-containers-running", "on-a-lost-host",
                        containerInstanceArn=host)
    (key,) = world.bus.put(lost)
    task = lost["detail"]["taskArn"]
    alert = world.alerts.take("host-terminated", lambda one: one.body["taskArn"] == task, SOON)
    assert alert.body["cause"] == "host-terminated", alert
    until("DescribeContainerInstances",
          lambda: world.record.find("task-monitor", "DescribeContainerInstances", containerInstances=[host]), SOON)
    world.judged(key, SOON)


def verdicts_arrive(world: World) -> None:
    """Every verdict is on the user's bus as well."""
    received = world.client("sqs").receive_message(QueueUrl=world.verdicts_url, MaxNumberOfMessages=10)
    events = [json.loads(message["Body"]) for message in received["Messages"]]
    assert {(one["source"], one["detail-type"]) for one in events} == {("ecs-steward", "ECS Steward Verdict")}
    assert all(one["detail"]["schema"] == "ecs-steward.alert.v1" for one in events), events


def metrics_by_call(world: World) -> None:
    """The metrics go by PutMetricData where that is asked for, in the namespace the role allows."""
    for function in FUNCTIONS:
        world.configure(function, METRICS="api")


def service_has_no_place(world: World) -> None:
    """A service finds no place for a task: service-monitor counts that by a call."""
    (key,) = world.bus.put(service_event("ecs-service-action/placement-memory", "crane", "quay"))
    alert = world.alerts.take("no place", lambda one: one.body["service"] == "crane", SOON)
    assert alert.body["cause"] == "placement-failed", alert
    world.judged(key, SOON, "service-monitor")


def volumes_are_looked_at(world: World) -> None:
    """A tick has volume-monitor look, and count what it sees by a call."""
    send(world, "VolumeMonitor", TICK)


def clusters_are_looked_at(world: World) -> None:
    """A tick has cluster-audit look, and count its tick by a call."""
    send(world, "ClusterAudit", TICK)


def incident_ends(world: World) -> None:
    """An incident is over: the next tick tells it and forgets the incident."""
    cluster, service = "quay", "long-ago"
    (key,) = world.bus.put(task_event("essential-container-exited--service-exit-1", service, cluster))
    world.alerts.take("the first alert", lambda one: one.body["service"] == service, SOON)
    world.judged(key, SOON)
    make_older(world, f"{cluster}/{service}", timedelta(hours=2))
    send(world, "TaskMonitor", TICK)
    over = world.alerts.take("recovery", lambda one: one.body["service"] == service, SOON)
    assert (over.body["notice"], over.body["verdict"]) == ("recovery", "recovered"), over
    # In a transaction, which needs the permission of each of its parts.
    # The minute's own tick may bring cluster-audit before it.
    until("the incident is deleted", lambda: [
        call for function in ("task-monitor", "cluster-audit")
        for call in world.record.find(function, "TransactWriteItems")
        if any("Delete" in item for item in call["request"]["TransactItems"])], SOON)


def make_older(world: World, whose: str, span: timedelta) -> None:
    """Change the times of an incident in the table, as if its last stop were so long ago."""
    assert make_all_older(world, f"incident#{whose}/", span) == 1, whose


def make_all_older(world: World, begin: str, span: timedelta) -> int:
    """The same for every document whose key begins so; how many there are."""
    client, table = world.client("dynamodb"), world.name_of("AlertTable")
    items = [one for one in client.scan(TableName=table)["Items"] if one["pk"]["S"].startswith(begin)]
    millis = int(span.total_seconds() * 1000)
    for item in items:
        if "due" in item:
            item["due"] = {"N": str(int(item["due"]["N"]) - millis)}
        # The document holds its times in milliseconds, which nothing else in it looks like.
        item["doc"] = {"S": re.sub(r"\b\d{13}\b", lambda found: str(int(found[0]) - millis), item["doc"]["S"])}
        client.put_item(TableName=table, Item=item)
    return len(items)


def job_is_stopped(world: World) -> None:
    """The event of a termination is lost; a tick finds it, sends a heartbeat, and the policy stops a job."""
    fleet, instance = world.fleet, world.fleet.instance(0)
    world.configure("instance-drain", remove=("POLICY_FILE",), POLICY=STOP_JOBS)
    before = fleet.state()

    def is_lost(event: Event) -> bool:
        return event["detail"].get("EC2InstanceId") == instance

    with world.bus.losing(is_lost), no_room_elsewhere(world, instance):
        fleet.terminate(instance)
        until("Auto Scaling holds the instance",
              lambda: fleet.look(instance)["lifecycleState"] == "Terminating:Wait", SOON)
        send(world, "InstanceDrain", TICK)
        world.alerts.take("drain-started", lambda one: one.body["cause"] == "drain-started", SOON)
        # Tasks of a service that do not move may be protected.
        until("GetTaskProtection",
              lambda: ticked(world) and world.record.find("instance-drain", "GetTaskProtection"), SOON)
    until("a heartbeat", lambda: world.record.find(
        "instance-drain", "RecordLifecycleActionHeartbeat", AutoScalingGroupName=GROUP), SOON)
    until("the job is stopped", lambda: ticked(world) and world.record.find("instance-drain", "StopTask"), DRAINED)
    until("the hook is completed",
          lambda: ticked(world) and fleet.state()["hooksContinued"] > before["hooksContinued"], DRAINED)
    world.alerts.take("drain-finished", lambda one: one.body["cause"] == "drain-finished", SOON)
    assert fleet.state()["tasksKilled"] == 0, fleet.state()


@contextlib.contextmanager
def no_room_elsewhere(world: World, instance: str) -> Iterator[None]:
    """Let no other instance take tasks while the block lasts."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    own = ecs.list_container_instances(cluster=CLUSTER, filter=f"ec2InstanceId == {instance}")
    active = ecs.list_container_instances(cluster=CLUSTER, status="ACTIVE")["containerInstanceArns"]
    others = [one for one in active if one not in own["containerInstanceArns"]]
    ecs.update_container_instances_state(cluster=CLUSTER, containerInstances=others, status="DRAINING")
    yield
    ecs.update_container_instances_state(cluster=CLUSTER, containerInstances=others, status="ACTIVE")


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
    """Send instance-drain a tick, unless it has something to do already."""
    if world.is_idle("instance-drain"):
        send(world, "InstanceDrain", TICK)
    return True


def run(world: World) -> None:
    """Tell the stories, and hold that nothing was left out."""
    memory_runs_out(world)
    host_goes(world)
    verdicts_arrive(world)
    metrics_by_call(world)
    service_has_no_place(world)
    volumes_are_looked_at(world)
    clusters_are_looked_at(world)
    incident_ends(world)
    job_is_stopped(world)
    spot_is_taken(world)
    in_source = sdk_calls.by_function()
    assert set(in_source) == set(FEWEST), sorted(in_source)
    for function, operations in in_source.items():
        until(f"PutMetricData of {function}",
              lambda function=function: world.record.find(function, "PutMetricData"), SOON)
        assert len(operations) >= FEWEST[function], f"only {operations} found for {function}"
        missing = {name for service, name in operations
                   if (function, service, name) not in sdk_calls.NEVER_CALLED
                   and not world.record.find(function, name)}
        assert not missing, f"{function} never called {sorted(missing)} with success"
    world.alerts.none_left()
