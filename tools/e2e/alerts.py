"""The alerts, as they arrive in a queue that is subscribed to the topic."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator import Mailbox
from waiting import NotYet, until

SCHEMA = "ecs-steward.alert.v1"
MORE = 1  # seconds; what was published before is in the queue already


@dataclass(frozen=True)
class Alert:
    """One alert: attributes to filter by, and the body."""

    attributes: dict[str, str]
    body: dict[str, Any]
    subject: str

    @property
    def name(self) -> str:
        """What it is, in short."""
        cause, cluster, service = (self.body.get(name) for name in ("cause", "cluster", "service"))
        return f"{self.body.get('notice')} {cause} of {cluster}/{service}: {self.body.get('summary')}"


def read(envelope: dict[str, Any]) -> Alert:
    """Read an SNS envelope, and hold it to what every alert promises."""
    body = json.loads(envelope["Message"])
    attributes = {name: one["Value"] for name, one in envelope["MessageAttributes"].items()}
    assert body["schema"] == SCHEMA, body
    assert body["summary"] and body["nextStep"] and envelope["Subject"], envelope
    for name in ("severity", "cause", "verdict", "notice"):
        assert attributes[name] == body[name], (name, attributes, body[name])
    for name in ("cluster", "service"):
        assert attributes.get(name) == body[name], (name, attributes, body[name])
    return Alert(attributes, body, envelope["Subject"])


class Alerts:
    """Those that arrived and that no scenario has taken yet.

    The alarms of CloudWatch come to the same topic. They are put aside: MiniStack's alarms look at
    neither dimensions nor missing data.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.there: list[Alert] = []
        self.alarms: list[dict[str, Any]] = []

    def receive(self, limit: int) -> None:
        """Take what is in the queue."""
        for envelope in self.mailbox.receive(limit):
            if "AlarmName" in envelope["Message"] and "MessageAttributes" not in envelope:
                self.alarms.append(json.loads(envelope["Message"]))
            else:
                self.there.append(read(envelope))

    def take(self, what: str, which: Callable[[Alert], bool], limit: float) -> Alert:
        """Wait for an alert and take it out."""

        def look() -> Alert | None:
            self.receive(0)
            return next(filter(which, self.there), None)

        try:
            found = until(f"an alert: {what}", look, limit)
        except NotYet as failure:
            raise NotYet(f"{failure}; there are {[alert.name for alert in self.there]}") from None
        self.there.remove(found)
        return found

    def none_left(self) -> None:
        """Hold that nobody was told anything else."""
        self.receive(MORE)
        assert not self.there, f"nobody expected {[alert.name for alert in self.there]}"
