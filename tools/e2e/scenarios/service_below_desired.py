"""A service wants more tasks than there is room for: cluster-audit tells it once, and that it is over."""

from datetime import timedelta

from fleet import CLUSTER, INSTANCES, SERVICE, TASKS
from made_events import TICK
from scenarios.every_call import make_all_older, send
from waiting import until
from world import World

FUNCTION = "cluster-audit"
SOON = 30  # seconds
# Tells at the first look; the scenario has no ten minutes.
AT_ONCE = """
[audit]
below-desired-after = "0s"
"""


def look(world: World) -> None:
    """Send a tick, past the rule that sends one each minute, and wait for the look."""
    log = world.logs[FUNCTION]
    before = len(log.told("audited"))
    send(world, "ClusterAudit", TICK)
    until("a look at the clusters", lambda: log.told("audited")[before:], SOON)


def looked_at_tasks(world: World) -> bool:
    """Look, until tasks wait to start and are described."""
    look(world)
    return bool(world.record.find(FUNCTION, "DescribeTasks"))


def run(world: World) -> None:
    """Tell the story."""
    world.configure(FUNCTION, remove=("POLICY_FILE",), POLICY=AT_ONCE)
    world.fleet.desire(500)
    until("tasks that wait are described", lambda: looked_at_tasks(world), SOON)
    alert = world.alerts.take("too few tasks", lambda one: one.body["cause"] == "service-below-desired", SOON)
    body = alert.body
    assert (body["severity"], body["cluster"], body["service"]) == ("medium", CLUSTER, SERVICE), body
    assert "should run 500 tasks" in body["summary"], body
    # The same again: to the same process, and to a new one.
    look(world)
    world.configure(FUNCTION)
    look(world)
    world.alerts.none_left()
    world.fleet.desire(INSTANCES * TASKS)
    # Tasks that were started for it have to stop first, or the next look may still see fewer than desired.
    look(world)
    until("the state is older", lambda: make_all_older(world, f"watch#{FUNCTION}", timedelta(minutes=5)), SOON)
    look(world)
    over = world.alerts.take("its end", lambda one: one.body["cause"] == "service-below-desired", SOON)
    assert (over.body["notice"], over.body["severity"]) == ("recovery", "low"), over
    for call in ("ListClusters", "DescribeClusters", "ListServices", "DescribeServices", "ListContainerInstances",
                 "DescribeContainerInstances", "ListTasks", "DescribeTasks", "DescribeAutoScalingInstances"):
        assert world.record.find(FUNCTION, call), call
    world.configure(FUNCTION, remove=("POLICY",), POLICY_FILE="policy.toml")
    world.alerts.none_left()
