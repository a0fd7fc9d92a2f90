"""Events that the simulated fleet does not tell: fixtures, moved to a cluster of its account and to the present."""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from deployment import ROOT
from emulator import ACCOUNT
from fleet import CLUSTER, REGION, Event

FIXTURES = ROOT / "events-fixtures"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
TICK: Event = {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def parsed(text: str) -> datetime:
    """Read a time of AWS's."""
    return datetime.fromisoformat(text.removesuffix("Z") + "+00:00")


def arn(kind: str, name: str) -> str:
    """An ARN of ECS in the fleet's account and region."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}/{name}"


def moved(text: str, span: timedelta) -> str:
    """Move every time in a text."""

    def later(found: re.Match[str]) -> str:
        return (parsed(found[0]) + span).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    return TIME.sub(later, text)


def task_event(fixture: str, service: str, cluster: str = CLUSTER, **changes: Any) -> Event:
    """A fixture's event of a task as one of another task, now.

    More than five incidents of one cluster within a minute are told together, so not all are of the fleet's.
    """
    event = json.loads((FIXTURES / "ecs-task-state-change" / f"{fixture}.json").read_text(encoding="utf-8"))
    detail = event["detail"]
    shift = datetime.now(timezone.utc) - parsed(detail.get("stoppedAt") or detail["updatedAt"])
    event = json.loads(moved(json.dumps(event), shift))
    task = arn("task", f"{cluster}/{uuid.uuid4().hex}")
    detail = event["detail"]
    detail |= {"taskArn": task, "clusterArn": arn("cluster", cluster), "group": f"service:{service}",
               "taskDefinitionArn": arn("task-definition", f"{service}:1")}
    for container in detail["containers"]:
        container["taskArn"] = task
    detail |= changes
    return event | {"resources": [task], "region": REGION, "account": ACCOUNT}


def host_event(fixture: str, instance: str, container_instance: str = "") -> Event:
    """A fixture's event of a host, by its folder and name, as one of an instance of the fleet, now."""
    event = json.loads((FIXTURES / f"{fixture}.json").read_text(encoding="utf-8"))
    event = json.loads(moved(json.dumps(event), datetime.now(timezone.utc) - parsed(event["time"])))
    detail = event["detail"]
    if "instance-id" in detail:
        detail["instance-id"] = instance
    else:
        detail |= {"ec2InstanceId": instance, "containerInstanceArn": container_instance,
                   "clusterArn": arn("cluster", CLUSTER)}
    return event | {"resources": [], "region": REGION, "account": ACCOUNT}


def service_event(fixture: str, service: str, cluster: str) -> Event:
    """A fixture's event of a service, by its folder and name, as one of another service, now."""
    event = json.loads((FIXTURES / f"{fixture}.json").read_text(encoding="utf-8"))
    detail = event["detail"]
    shift = datetime.now(timezone.utc) - parsed(detail.get("createdAt") or detail["updatedAt"])
    event = json.loads(moved(json.dumps(event), shift))
    event["detail"]["clusterArn"] = arn("cluster", cluster)
    return event | {"resources": [arn("service", f"{cluster}/{service}")], "region": REGION, "account": ACCOUNT}
