"""Everything a scenario needs: the deployed stack, the fleet, the bus, the alerts, the record."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

import deployment
import emulator
from alerts import Alerts
from fleet import REGION, Bus, Fleet
from function_log import FunctionLog
from launcher import ENDPOINTS
from recorder import Record, start_proxy
from waiting import until

LAUNCHER = Path(__file__).with_name("launcher.py")
VERDICT_BUS = "e2e-verdicts"
# Seconds; a message whose function was ended under it is hidden for 180.
IDLE = 200


@dataclass(frozen=True)
class World:
    """The loop, up and running."""

    folder: Path
    endpoint: str
    fleet: Fleet
    bus: Bus
    alerts: Alerts
    record: Record
    # By logical id: physical id and type.
    resources: dict[str, tuple[str, str]]
    logs: dict[str, FunctionLog]
    # What subscribes to the verdicts' bus.
    verdicts_url: str

    def client(self, service: str) -> Any:
        """A client of MiniStack."""
        return boto3.client(service, endpoint_url=self.endpoint)

    def name_of(self, logical_id: str) -> str:
        """The physical id of a resource of the stack."""
        return self.resources[logical_id][0]

    def judged(self, event_id: str, limit: float, function: str = "task-monitor") -> dict[str, Any]:
        """Wait for the line of a function that judges, about an event."""
        log = self.logs[function]
        return until(f"{function} judges event {event_id}",
                     lambda: next(iter(log.told("judged", event_id=event_id)), None), limit)

    def is_idle(self, function: str) -> bool:
        """Whether no message waits for a function or is with it."""
        url = self.name_of(f"{deployment.FUNCTIONS[function]}Queue")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(count == "0" for count in counts.values())

    def configure(self, function: str, remove: tuple[str, ...] = (), **variables: str) -> None:
        """Change variables of a function, if any; a new process takes over in any case.

        MiniStack ends the old one whatever it does, so what it is at has to be done.
        """
        until(f"{function} has nothing to do", lambda: self.is_idle(function), IDLE)
        name = self.name_of(f"{deployment.FUNCTIONS[function]}Function")
        deployment.set_environment(self.client("lambda"), name, remove, **variables)

    def save_logs(self) -> list[Path]:
        """Write the functions' logs into files."""
        return [log.save(self.folder) for log in self.logs.values()]


def build(folder: Path) -> World:
    """Start everything and deploy the stack."""
    endpoint = emulator.start_emulator(folder, LAUNCHER)
    events = boto3.client("events", endpoint_url=endpoint)
    verdicts_url = subscribe_to_verdicts(events, endpoint)
    deployment.deploy(folder, endpoint, REGION, VerdictBus=VERDICT_BUS)
    resources = deployment.resources(boto3.client("cloudformation", endpoint_url=endpoint))
    fleet = Fleet(deployment.binary("fleet-sim"), folder)
    record = Record(folder / "calls.jsonl")
    logs, functions = {}, boto3.client("lambda", endpoint_url=endpoint)
    for function, prefix in deployment.FUNCTIONS.items():
        proxy = start_proxy(function, endpoint, fleet.url, record)
        name = resources[f"{prefix}Function"][0]
        deployment.mend_numbers(functions, name)
        places = dict.fromkeys([*ENDPOINTS, "AWS_ENDPOINT_URL"], proxy)
        deployment.set_environment(functions, name, **places)
        group = resources[f"{prefix}LogGroup"][0]
        logs[function] = FunctionLog(boto3.client("logs", endpoint_url=endpoint), group)
    alerts = Alerts(emulator.create_mailbox(endpoint, resources["AlertTopic"][0]))
    bus = Bus(fleet, events)
    bus.thread.start()
    return World(folder, endpoint, fleet, bus, alerts, record, resources, logs, verdicts_url)


def subscribe_to_verdicts(events: Any, endpoint: str) -> str:
    """Make the bus for verdicts, which is the user's own and so not in the stack, and a queue behind it."""
    sqs = boto3.client("sqs", endpoint_url=endpoint)
    url = sqs.create_queue(QueueName="e2e-verdicts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=VERDICT_BUS)
    pattern = '{"source": ["ecs-steward"], "detail-type": ["ECS Steward Verdict"]}'
    events.put_rule(Name="e2e-verdicts", EventBusName=VERDICT_BUS, EventPattern=pattern)
    events.put_targets(Rule="e2e-verdicts", EventBusName=VERDICT_BUS, Targets=[{"Id": "queue", "Arn": arn}])
    return url
