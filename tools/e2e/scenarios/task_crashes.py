"""A task of the fleet crashes: one alert with all it should know, and silence where silence is due."""

import re
import time

import boto3

from deployment import ROOT
from fleet import CLUSTER, SERVICE
from made_events import task_event
from world import World

ALERT = 30  # seconds
EXIT_CODE = 3
LAST_LINE = "listener died: address already in use"


def write_log_lines(world: World) -> None:
    """Let every task of the service have written something, where its task definition says."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    logs = world.client("logs")
    definition = ecs.describe_task_definition(taskDefinition=f"{SERVICE}:1")["taskDefinition"]
    container = definition["containerDefinitions"][0]
    options = container["logConfiguration"]["options"]
    group = options["awslogs-group"]
    logs.create_log_group(logGroupName=group)
    for arn in ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]:
        stream = f"{options['awslogs-stream-prefix']}/{container['name']}/{arn.rpartition('/')[2]}"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        lines = [{"timestamp": now - 1000 + at, "message": text}
                 for at, text in enumerate(["starting", "listening on 8080", LAST_LINE])]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines)


def check_items_expire(world: World) -> None:
    """Hold that each item of the table ends, by the attribute that the template names: MiniStack takes no notice of it."""
    template = (ROOT / "infra" / "template.yaml").read_text(encoding="utf-8")
    (attribute,) = re.findall(r"TimeToLiveSpecification: \{ AttributeName: (\w+), Enabled: true \}", template)
    items = world.client("dynamodb").scan(TableName=world.name_of("AlertTable"))["Items"]
    assert items and all(float(item.get(attribute, {"N": "0"})["N"]) > time.time() for item in items), items


def run(world: World) -> None:
    """Tell the story."""
    write_log_lines(world)
    task = world.fleet.crash(EXIT_CODE)
    alert = world.alerts.take(f"{SERVICE} crashed", lambda one: one.body["taskArn"] == task, ALERT)
    body = alert.body
    assert (body["notice"], body["cause"], body["severity"]) == ("alert", "application-exit", "medium"), body
    assert (body["cluster"], body["service"], body["exitCode"]) == (CLUSTER, SERVICE, EXIT_CODE), body
    assert alert.attributes | {"cluster": CLUSTER, "service": SERVICE} == alert.attributes, alert
    details = body["details"]
    assert details["missing"] == [], details
    assert details["logLines"][-1]["text"] == LAST_LINE, details
    assert details["deployment"], details

    check_items_expire(world)

    event_id, event = world.bus.stop_of(task) or ("", {})
    judged = world.judged(event_id, ALERT)
    assert (judged["fate"], judged["published"]) == ("alert", True), judged
    # The same event again: to the same process, which remembers it, and to a new one, for which the table does.
    (again,) = world.bus.put(event)
    judged = world.judged(again, ALERT)
    assert (judged["cause"], judged["fate"]) == ("duplicate", "quiet"), judged
    world.configure("task-monitor")
    (once_more,) = world.bus.put(event)
    judged = world.judged(once_more, ALERT)
    assert (judged["cause"], judged["fate"]) == ("application-exit", "duplicate"), judged
    scaled_in = task_event("service-scheduler-initiated--scaled-in-exit-143", "checkout-api")
    (quiet,) = world.bus.put(scaled_in)
    judged = world.judged(quiet, ALERT)
    assert (judged["fate"], judged["cause"]) == ("quiet", "scaled-in"), judged
    world.alerts.none_left()
