"""The minute's rule fires by itself, and each function it goes to looks for what is due."""

from deployment import TICKED
from recorder import Record
from waiting import until
from world import World

# Two rounds of the rule, since the first may just have been missed; MiniStack counts from its creation.
FIRES = 125
COUNTED = 10


def task_monitor_looked(record: Record) -> bool:
    """Whether task-monitor asked the table for what is due, which it does at ticks only."""
    return bool(record.find("task-monitor", "Query", IndexName="due"))


def instance_drain_looked(record: Record) -> bool:
    """Whether instance-drain asked for all groups; for an event it asks for the event's."""
    calls = record.find("instance-drain", "DescribeAutoScalingGroups")
    return any("AutoScalingGroupNames" not in call["request"] for call in calls)


def run(world: World) -> None:
    """Tell the story. No scenario before this one sends a tick of its own."""
    until("the tick reaches task-monitor", lambda: task_monitor_looked(world.record), FIRES)
    until("the tick reaches instance-drain", lambda: instance_drain_looked(world.record), FIRES)
    for function in TICKED:
        log = world.logs[function]
        until(f"{function} counts its tick", lambda log=log: any('"Ticks":1' in line for line in log.lines()), COUNTED)
    world.alerts.none_left()
