"""A deployment is rolled back and a service finds no place: told once each, and over when it is steady."""

from datetime import timedelta

from made_events import TICK, Event, service_event
from scenarios.every_call import make_older, send
from world import World

FUNCTION = "service-monitor"
SOON = 30  # seconds
CLUSTER, SERVICE = "quay", "ferry-web"


def event(fixture: str) -> Event:
    """A fixture's event, of our service and now."""
    return service_event(fixture, SERVICE, CLUSTER)


def becomes_of(world: World, told: Event) -> tuple[str, str]:
    """Put an event on the bus: the cause that service-monitor finds, and what becomes of it."""
    (key,) = world.bus.put(told)
    judged = world.judged(key, SOON, FUNCTION)
    return judged["cause"], judged["fate"]


def run(world: World) -> None:
    """Tell the story."""
    assert becomes_of(world, event("ecs-deployment-state-change/in-progress")) == ("steady", "quiet")
    rollback = event("ecs-deployment-state-change/rolled-back")
    assert becomes_of(world, rollback) == ("deployment-rolled-back", "alert")
    alert = world.alerts.take("rolled back", lambda one: one.body["cause"] == "deployment-rolled-back", SOON)
    body = alert.body
    assert (body["severity"], body["cluster"], body["service"]) == ("high", CLUSTER, SERVICE), body
    # The same event again: to the same process, which remembers it, and to a new one, for which the table does.
    assert becomes_of(world, rollback) == ("duplicate", "quiet")
    world.configure(FUNCTION)
    assert becomes_of(world, rollback) == ("deployment-rolled-back", "duplicate")

    assert becomes_of(world, event("ecs-service-action/placement-cpu")) == ("placement-failed", "alert")
    alert = world.alerts.take("no place", lambda one: one.body["cause"] == "placement-failed", SOON)
    assert "not enough CPU" in alert.body["summary"], alert
    assert alert.body["incident"]["thread"] == body["incident"]["thread"], (alert, body)
    assert becomes_of(world, event("ecs-service-action/placement-cpu")) == ("placement-failed", "counted")

    assert becomes_of(world, event("ecs-service-action/steady-state")) == ("steady", "quiet")
    make_older(world, f"{CLUSTER}/{SERVICE}/deployment-rolled-back", timedelta(minutes=20))
    send(world, "TaskMonitor", TICK)
    over = world.alerts.take("recovery", lambda one: one.body["cause"] == "deployment-rolled-back", SOON)
    assert (over.body["notice"], over.body["severity"]) == ("recovery", "low"), over
    assert over.body["summary"].startswith("Over: the service is steady"), over
    world.alerts.none_left()
