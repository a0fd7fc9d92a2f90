"""A container ends while its task runs on: told once, by the process or by the table, and low."""

import copy
from datetime import datetime, timezone

from made_events import Event, task_event
from world import World

SOON = 30  # seconds
CLUSTER, SERVICE = "wharf", "crane-api"


def later(event: Event) -> Event:
    """The next event of the same task, which shows the same container still."""
    again = copy.deepcopy(event)
    again["detail"]["version"] += 1
    again["detail"]["updatedAt"] = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    return again


def becomes_of(world: World, event: Event) -> str:
    """Put an event on the bus: what becomes of it."""
    (key,) = world.bus.put(event)
    return world.judged(key, SOON)["fate"]


def run(world: World) -> None:
    """Tell the story."""
    # ECS stops this one with its task: no rule lets it through.
    world.bus.put(task_event("not-stopped--container-exited-desired-stopped-quiet", SERVICE, CLUSTER))
    # This one ended well.
    assert becomes_of(world, task_event("not-stopped--container-exited-init-0-quiet", SERVICE, CLUSTER)) == "quiet"
    first = task_event("not-stopped--container-exited-exit-1-service", SERVICE, CLUSTER)
    assert becomes_of(world, first) == "alert"
    alert = world.alerts.take("the container", lambda one: one.body["cause"] == "container-exited", SOON)
    assert (alert.body["severity"], alert.body["service"]) == ("low", SERVICE), alert
    assert alert.body["taskArn"] == first["detail"]["taskArn"] and alert.body["container"], alert
    # The next event, to the same process and then to a new one, for which the table remembers.
    assert becomes_of(world, later(first)) == "quiet"
    world.configure("task-monitor")
    assert becomes_of(world, later(later(first))) in ("quiet", "duplicate")
    world.alerts.none_left()
