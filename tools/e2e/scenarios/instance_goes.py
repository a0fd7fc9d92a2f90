"""An instance is terminated: it drains, and its hook completes only after its last task has stopped."""

import boto3

from fleet import CLUSTER, GROUP, SERVICE
from waiting import until
from world import World

TOLD = 60  # seconds
# A drain takes some 20 seconds; where the last event comes too early, the next tick ends it.
DRAINED = 120


def tasks_on(world: World, instance: str) -> list[str]:
    """The service's tasks on an instance."""
    ecs = boto3.client("ecs", endpoint_url=world.fleet.url)
    (container,) = ecs.list_container_instances(
        cluster=CLUSTER, filter=f"ec2InstanceId == {instance}")["containerInstanceArns"]
    return ecs.list_tasks(cluster=CLUSTER, containerInstance=container, serviceName=SERVICE)["taskArns"]


def run(world: World) -> None:
    """Tell the story."""
    fleet, instance = world.fleet, world.fleet.instance(1)
    ecs = boto3.client("ecs", endpoint_url=fleet.url)
    tasks = tasks_on(world, instance)
    assert tasks, "nothing runs there"
    before = fleet.state()
    fleet.terminate(instance)
    started = world.alerts.take("drain-started", lambda one: one.body["cause"] == "drain-started", TOLD)
    assert instance in started.body["summary"], started
    assert started.attributes["cluster"] == CLUSTER, started
    until("the container instance is DRAINING", lambda: fleet.look(instance)["status"] == "DRAINING", TOLD)

    seen: list[tuple[str, int]] = []

    def look() -> bool:
        """Whether the hook was completed; what was seen until then is kept."""
        now = fleet.state()
        row = next(one for one in now["instances"] if one["id"] == instance)
        seen.append((row["lifecycleState"], row["tasks"]))
        return now["hooksContinued"] > before["hooksContinued"]

    until("the hook is completed", look, DRAINED)
    assert seen[0][0] == "Terminating:Wait", seen
    # The daemon goes last, and holds nothing up.
    assert seen[-1][1] <= 1, seen
    stopped = ecs.describe_tasks(cluster=CLUSTER, tasks=tasks)["tasks"]
    assert [one["lastStatus"] for one in stopped] == ["STOPPED"] * len(tasks), stopped
    finished = world.alerts.take("drain-finished", lambda one: one.body["cause"] == "drain-finished", TOLD)
    assert instance in finished.body["summary"], finished
    after = fleet.state()
    assert (after["tasksKilled"], after["hooksExpired"], after["hooksAbandoned"]) == (0, 0, 0), after

    done = world.record.find("instance-drain", "CompleteLifecycleAction", AutoScalingGroupName=GROUP)
    assert [one["request"]["LifecycleActionResult"] for one in done] == ["CONTINUE"], done
    # The stops that the drain brought about came to task-monitor, too, and nobody was told of them.
    for task in tasks:
        key, _ = until(f"the stop of {task}", lambda task=task: world.bus.stop_of(task), TOLD)
        judged = world.judged(key, TOLD)
        assert judged["fate"] == "quiet", judged
    world.alerts.none_left()
