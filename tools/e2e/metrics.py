"""The metrics that functions wrote, in their log or by calls, and those that alarms and dashboard look at."""

import json
import re
from dataclasses import dataclass
from typing import Any

from world import World

SEARCH = re.compile(r"SEARCH\('\{\"?([^\",}]+)\"?,([^}]*)\} MetricName=\"(\w+)\"'")


@dataclass(frozen=True)
class Metric:
    """A metric by what CloudWatch tells them apart by."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    def __str__(self) -> str:
        """As in an error message."""
        return f"{self.namespace} {self.name} {dict(sorted(self.dimensions))}"


def of_log_line(line: str) -> set[Metric]:
    """The metrics of a line in CloudWatch's embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    if not line.startswith('{"_aws"'):
        return set()
    row = json.loads(line)
    found = set()
    for block in row["_aws"]["CloudWatchMetrics"]:
        for names in block["Dimensions"]:
            dimensions = frozenset((name, row[name]) for name in names)
            for metric in block["Metrics"]:
                assert isinstance(row[metric["Name"]], (int, float)), line
                found.add(Metric(block["Namespace"], metric["Name"], dimensions))
    return found


def by_log(world: World) -> set[Metric]:
    """What both functions wrote into their logs."""
    lines = [line for log in world.logs.values() for line in log.lines()]
    return set().union(*(of_log_line(line) for line in lines))


def by_call(world: World) -> set[Metric]:
    """What both functions put by PutMetricData."""
    calls = [call["request"] for name in world.logs for call in world.record.find(name, "PutMetricData")]
    return {Metric(call["Namespace"], datum["MetricName"],
                   frozenset((one["Name"], one["Value"]) for one in datum["Dimensions"]))
            for call in calls for datum in call["MetricData"]}


def of_alarms(world: World, names: list[str]) -> dict[str, Metric]:
    """What each alarm looks at."""
    alarms = world.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return {one["AlarmName"]: Metric(one["Namespace"], one["MetricName"],
                                     frozenset((each["Name"], each["Value"]) for each in one["Dimensions"]))
            for one in alarms}


def of_dashboard(world: World, name: str) -> tuple[list[Metric], list[tuple[str, frozenset[str], str]]]:
    """The metrics of a dashboard, and its searches: namespace, names of dimensions, name of the metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    body = json.loads(world.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    metrics, searches = [], []
    rows: list[list[Any]] = [row for widget in body["widgets"] for row in widget["properties"]["metrics"]]
    for row in rows:
        words = [word for word in row if isinstance(word, str)]
        if words:
            namespace, metric, *dimensions = words
            pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
            metrics.append(Metric(namespace, metric, frozenset(pairs)))
            continue
        found = SEARCH.match(row[0]["expression"])
        assert found, row
        searches.append((found[1], frozenset(found[2].split(",")), found[3]))
    return metrics, searches
