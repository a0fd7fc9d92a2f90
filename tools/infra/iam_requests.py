"""Calls of the SDK as IAM sees them: actions, the ARNs they are asked on, and the condition keys of the API.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/, a page for each service.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator import Request

# The id in the ARN of a group, which no call of ours names.
GROUP_ID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
# In the place of a container instance where a call lists the tasks of all of them.
ANY_HOST = "any"

# The tag of Auto Scaling on its instances, and the group that is drained in the loop: no call names either.
GROUP_TAG, GROUP = "aws:ResourceTag/aws:autoscaling:groupName", "demo-asg"

Call = dict[str, Any]


class CallError(Exception):
    """A call whose request cannot be built, in one line."""


@dataclass(frozen=True)
class Where:
    """The account and the region that calls are made in."""

    account: str
    region: str

    def arn(self, service: str, rest: str) -> str:
        """An ARN of a service; what is one already stays."""
        return rest if rest.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account}:{rest}"


def as_list(value: Any) -> list[Any]:
    """A list, as it is or of one."""
    return value if isinstance(value, list) else [value]


def cluster_of(where: Where, asked: dict[str, Any]) -> tuple[str, str]:
    """The cluster's name and its ARN."""
    name = asked.get("cluster", "default").rpartition("/")[2]
    return name, where.arn("ecs", f"cluster/{name}")


def on_ecs(kind: str, field: Callable[[dict[str, Any]], Any]) -> Callable[[Where, dict[str, Any]], Iterator[Request]]:
    """Actions on things of a cluster: each of them, under the condition key of the cluster."""
    def requests(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
        name, cluster = cluster_of(where, asked)
        for one in as_list(field(asked)):
            arn = one if one.startswith("arn:") else where.arn("ecs", f"{kind}/{name}/{one}")
            yield Request("", arn, (("ecs:cluster", cluster),))
    return requests


def on_all(_: Where, __: dict[str, Any]) -> Iterator[Request]:
    """Actions without a resource."""
    yield Request("", "*")


def on_cluster(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on a cluster itself."""
    yield Request("", cluster_of(where, asked)[1])


def on_clusters(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on several clusters themselves."""
    for name in asked["clusters"]:
        yield Request("", cluster_of(where, {"cluster": name})[1])


def under_cluster(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions without a resource, under the condition key of the cluster."""
    yield Request("", "*", (("ecs:cluster", cluster_of(where, asked)[1]),))


def on_providers(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on capacity providers."""
    for name in asked["capacityProviders"]:
        yield Request("", where.arn("ecs", f"capacity-provider/{name}"))


def on_group(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on an Auto Scaling group."""
    name = asked["AutoScalingGroupName"]
    yield Request("", where.arn("autoscaling", f"autoScalingGroup:{GROUP_ID}:autoScalingGroupName/{name}"))


def on_stream(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on a log stream."""
    group, stream = asked["logGroupName"], asked["logStreamName"]
    yield Request("", where.arn("logs", f"log-group:{group}:log-stream:{stream}"))


def on_namespace(_: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Metrics, which have no resource but a namespace."""
    yield Request("", "*", (("cloudwatch:namespace", asked["Namespace"]),))


def on_topic(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on a topic."""
    yield Request("", where.arn("sns", asked["TopicArn"]))


def on_buses(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on the buses of the entries."""
    for entry in asked["Entries"]:
        bus = entry.get("EventBusName", "default")
        yield Request("", where.arn("events", f"event-bus/{bus}" if not bus.startswith("arn:") else bus))


def on_document_and_instances(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """A command: the document, which is of no account where it is AWS's, and each instance with its group's tag."""
    name = asked["DocumentName"]
    yield Request("", f"arn:aws:ssm:{where.region}:{'' if name.startswith('AWS-') else where.account}:document/{name}")
    for instance in asked["InstanceIds"]:
        yield Request("", where.arn("ec2", f"instance/{instance}"), ((GROUP_TAG, GROUP),))


def table(where: Where, name: str) -> str:
    """A table's ARN."""
    return where.arn("dynamodb", name if name.startswith("arn:") else f"table/{name}")


def on_table(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on a table, or on its index where one is named."""
    index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
    yield Request("", table(where, asked["TableName"]) + index)


def on_tables(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """Actions on several tables."""
    for name in asked["RequestItems"]:
        yield Request("", table(where, name))


def in_transaction(where: Where, asked: dict[str, Any]) -> Iterator[Request]:
    """A transaction, which needs the action of each of its parts and none of its own.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html.
    """
    actions = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}
    for item in asked["TransactItems"]:
        for part, request in item.items():
            context = (("dynamodb:EnclosingOperation", "TransactWriteItems"),)
            yield Request(f"dynamodb:{actions[part]}", table(where, request["TableName"]), context)


# By service and operation: the requests; one without an action has the operation's name.
SHAPES: dict[tuple[str, str], Callable[[Where, dict[str, Any]], Iterator[Request]]] = {
    ("autoscaling", "CompleteLifecycleAction"): on_group,
    ("autoscaling", "DescribeAutoScalingGroups"): on_all,
    ("autoscaling", "DescribeAutoScalingInstances"): on_all,
    ("autoscaling", "DescribeLifecycleHooks"): on_all,
    ("autoscaling", "RecordLifecycleActionHeartbeat"): on_group,
    ("cloudwatch", "GetMetricData"): on_all,
    ("cloudwatch", "PutMetricData"): on_namespace,
    ("dynamodb", "BatchGetItem"): on_tables,
    ("dynamodb", "PutItem"): on_table,
    ("dynamodb", "Query"): on_table,
    ("dynamodb", "TransactWriteItems"): in_transaction,
    ("autoscaling", "SetInstanceProtection"): on_group,
    ("ecs", "DeleteAttributes"): on_ecs(
        "container-instance", lambda asked: [one["targetId"] for one in asked["attributes"]]),
    ("ecs", "DescribeCapacityProviders"): on_providers,
    ("ec2", "DescribeVolumes"): on_all,
    ("ecs", "DescribeClusters"): on_clusters,
    ("ecs", "ListServices"): under_cluster,
    ("ecs", "DescribeContainerInstances"): on_ecs("container-instance", lambda asked: asked["containerInstances"]),
    ("ecs", "DescribeServices"): on_ecs("service", lambda asked: asked["services"]),
    ("ecs", "DescribeTaskDefinition"): on_all,
    ("ecs", "DescribeTasks"): on_ecs("task", lambda asked: asked["tasks"]),
    ("ecs", "GetTaskProtection"): on_ecs("task", lambda asked: asked["tasks"]),
    ("ecs", "ListClusters"): on_all,
    ("ecs", "ListContainerInstances"): on_cluster,
    ("ecs", "ListTasks"): on_ecs("container-instance", lambda asked: asked.get("containerInstance", ANY_HOST)),
    ("ecs", "PutAttributes"): on_ecs(
        "container-instance", lambda asked: [one["targetId"] for one in asked["attributes"]]),
    ("ecs", "StopTask"): on_ecs("task", lambda asked: asked["task"]),
    ("ecs", "UpdateContainerInstancesState"): on_ecs("container-instance", lambda asked: asked["containerInstances"]),
    ("events", "PutEvents"): on_buses,
    ("logs", "GetLogEvents"): on_stream,
    ("sns", "Publish"): on_topic,
    ("ssm", "ListCommandInvocations"): on_all,
    ("ssm", "SendCommand"): on_document_and_instances,
}


def requests_of(where: Where, call: Call) -> list[Request]:
    """What IAM is asked for a call."""
    service, operation = call["service"], call["operation"]
    shape = SHAPES.get((service, operation))
    if shape is None:
        raise CallError(f"iam_requests.py does not know {service}:{operation}, which {call['function']} calls")
    try:
        found = list(shape(where, call["request"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise CallError(f"{service}:{operation} of {call['function']} has no {error}: {call['request']}") from error
    return [Request(one.action or f"{service}:{operation}", one.resource, one.context) for one in found]
