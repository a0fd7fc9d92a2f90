"""Every alarm and every line of the dashboard looks at a metric that is really written.

CloudWatch says nothing of a metric that does not exist, and MiniStack's alarms do not look at dimensions.
"""

import metrics
from deployment import ROOT, TICKED
from metrics import Metric
from world import World

OURS = "ecs-steward"
# Written only where something fails that no scenario lets fail; by the same code as the others.
OF_FAILURES = {"NotAudited", "PublishFailures", "TableFailures", "VerdictsLost"}
# What AWS writes for queues and functions, and the dimension it goes by.
OF_AWS = {"AWS/SQS": "QueueName", "AWS/Lambda": "FunctionName"}


def names_of(world: World) -> set[str]:
    """The names of the stack's queues and functions."""
    return {name.rpartition("/")[2] for name, kind in world.resources.values()
            if kind in ("AWS::SQS::Queue", "AWS::Lambda::Function")}


def check(world: World, where: str, metric: Metric, written: set[Metric]) -> None:
    """Hold that one metric is there."""
    if metric.namespace in OF_AWS:
        (dimension,) = metric.dimensions
        assert dimension[0] == OF_AWS[metric.namespace] and dimension[1] in names_of(world), f"{where}: {metric}"
        return
    assert metric.namespace == OURS, f"{where}: {metric}"
    if metric.name in OF_FAILURES:
        source = (ROOT / "shared" / "src" / "metrics" / "mod.rs").read_text(encoding="utf-8")
        assert f'"{metric.name}"' in source, f"{where}: the code does not know {metric}"
        assert metric.dimensions <= {("Function", name) for name in world.logs}, f"{where}: {metric}"
        return
    assert metric in written, f"{where}: nobody wrote {metric}"


def run(world: World) -> None:
    """Look at all of them. Both ways of writing have been used by then."""
    by_log, by_call = metrics.by_log(world), metrics.by_call(world)
    names = [name for name, kind in world.resources.values() if kind == "AWS::CloudWatch::Alarm"]
    alarms = metrics.of_alarms(world, names)
    assert sorted(alarms) == sorted(names), alarms
    for name, metric in alarms.items():
        check(world, name, metric, by_log)
    shown, searches = metrics.of_dashboard(world, world.name_of("Dashboard"))
    assert len(shown) > 10 and searches, (shown, searches)
    for metric in shown:
        check(world, "the dashboard", metric, by_log)
    for namespace, dimensions, name in searches:
        assert any((one.namespace, one.name, {key for key, _ in one.dimensions}) == (namespace, name, dimensions)
                   for one in by_log), f"the dashboard: nobody wrote {namespace} {name} by {set(dimensions)}"
    # The same metrics by calls, as far as the same things happened then.
    for function in TICKED:
        metric = Metric(OURS, "Ticks", frozenset({("Function", function)}))
        assert metric in by_call and metric in by_log, metric
