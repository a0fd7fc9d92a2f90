"""The log of a deployed function, as CloudWatch Logs in MiniStack has it."""

import json
from pathlib import Path
from typing import Any

TAIL = 30


class FunctionLog:
    """The log group of one function."""

    def __init__(self, client: Any, group: str) -> None:
        self.client, self.group = client, group

    def lines(self) -> list[str]:
        """Every line so far, oldest first."""
        pages = self.client.get_paginator("filter_log_events").paginate(logGroupName=self.group)
        events = [event for page in pages for event in page["events"]]
        return [line for event in events for line in event["message"].splitlines()]

    def told(self, message: str, **fields: Any) -> list[dict[str, Any]]:
        """The lines of ours with this message and these fields."""
        found = []
        for line in self.lines():
            if f'"message":"{message}"' not in line:
                continue
            row = json.loads(line)
            if all(row.get(name) == value for name, value in fields.items()):
                found.append(row)
        return found

    def save(self, folder: Path) -> Path:
        """Write all of it into a file, for who has to find out what went wrong."""
        path = folder / (self.group.rpartition("/")[2] + ".log")
        path.write_text("\n".join(self.lines()) + "\n", encoding="utf-8")
        return path
