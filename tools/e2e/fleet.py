"""The simulated fleet in the place of ECS and Auto Scaling, and its way onto the event bus."""

import contextlib
import json
import threading
import urllib.request
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from processes import HOST, POLL, Server, free_port, start

# What fleet-sim names them.
CLUSTER, GROUP, SERVICE = "demo", "demo-asg", "web"
REGION = "eu-central-1"
INSTANCES, TASKS = 6, 2
# Virtual seconds in a real one. Faster, and the last task of a drain stops before instance-drain, whose clock
# goes on as ever, takes the DRAINING for settled: then the drain waits for a tick.
SPEED = 2
START = 20  # seconds
CALL = 20  # seconds
ENTRIES = 10  # the most PutEvents takes

Event = dict[str, Any]


class Fleet:
    """The running simulation, by its admin API."""

    def __init__(self, binary: Path, folder: Path) -> None:
        port = free_port()
        begin = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        command = [str(binary), "--port", str(port), "--instances", str(INSTANCES), "--tasks", str(TASKS)]
        command += ["--real-time", str(SPEED), "--begin", begin]
        self.url = f"http://{HOST}:{port}"
        self.server: Server = start("fleet-sim", command, folder / "fleet-sim.log", {})
        self.server.wait_ready(port, START)

    def admin(self, method: str, path: str) -> Any:
        """Call the simulation's own API."""
        request = urllib.request.Request(f"{self.url}/_fleet/{path}", method=method)
        with urllib.request.urlopen(request, timeout=CALL) as reply:
            return json.load(reply)

    def state(self) -> dict[str, Any]:
        """What there is and what became of it."""
        return self.admin("GET", "state")

    def instance(self, number: int) -> str:
        """The id of an instance, counted from 0 in the order of their launch."""
        return self.state()["instances"][number]["id"]

    def look(self, instance: str) -> dict[str, Any]:
        """An instance as it is now."""
        return next(one for one in self.state()["instances"] if one["id"] == instance)

    def crash(self, exit_code: int) -> str:
        """Let a task of the service end by itself; its ARN."""
        return self.admin("POST", f"crash?service={SERVICE}&exit_code={exit_code}")["taskArn"]

    def desire(self, count: int) -> None:
        """Let the service want so many tasks."""
        self.admin("POST", f"desired?service={SERVICE}&count={count}")

    def terminate(self, instance: str) -> None:
        """Let Auto Scaling terminate an instance."""
        answer = self.admin("POST", f"terminate?instance={instance}")
        assert answer == {"terminating": True}, answer

    def run_task(self, instance: str, family: str, tag: str, value: str) -> str:
        """Run a task of no service, with a tag; its ARN."""
        asked = f"instance={instance}&family={family}&tag={tag}&value={value}"
        return self.admin("POST", f"run?{asked}")["taskArn"]

    def warn_of_spot(self, instance: str) -> None:
        """Let EC2 take an instance back in two virtual minutes."""
        self.admin("POST", f"spot?instance={instance}")


class Bus:
    """What puts events on MiniStack's default bus: the fleet's, one after the other, and those of scenarios."""

    def __init__(self, fleet: Fleet, client: Any) -> None:
        self.fleet, self.client = fleet, client
        # Events with the id MiniStack gave them, in the order in which they were put.
        self.sent: list[tuple[str, Event]] = []
        # Which events get lost on the way.
        self.loses: Callable[[Event], bool] = lambda _: False
        self.failure: str | None = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.forward, name="events of the fleet", daemon=True)

    def forward(self) -> None:
        """Pass on what the fleet tells, until it is ended."""
        try:
            while not self.ended.wait(POLL):
                events = [event for event in self.fleet.admin("GET", "events") if not self.loses(event)]
                for at in range(0, len(events), ENTRIES):
                    self.put(*events[at:at + ENTRIES])
        except Exception as failure:  # told by the scenario that waits in vain
            self.failure = f"the fleet's events are no longer passed on: {failure}"

    def put(self, *events: Event) -> list[str]:
        """Put events on the bus; the ids they got."""
        entries = [{"Source": event["source"], "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]), "Resources": event.get("resources", [])}
                   for event in events]
        answer = self.client.put_events(Entries=entries)
        assert answer["FailedEntryCount"] == 0, answer
        ids = [entry["EventId"] for entry in answer["Entries"]]
        self.sent += zip(ids, events)
        return ids

    def stop_of(self, task: str) -> tuple[str, Event] | None:
        """The event that a task has stopped, with its id, once it was put on the bus."""
        return next(((key, event) for key, event in list(self.sent)
                     if event["detail"].get("taskArn") == task and event["detail"]["lastStatus"] == "STOPPED"), None)

    @contextlib.contextmanager
    def losing(self, which: Callable[[Event], bool]) -> Any:
        """Lose these events while the block lasts."""
        self.loses = which
        try:
            yield
        finally:
            self.loses = lambda _: False
