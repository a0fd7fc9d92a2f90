"""What the reader is told: one block for each event, or one line and the log that says more."""

import json
import os
from pathlib import Path
from typing import Any

TAIL_LINES = 30


class DemoFailed(Exception):
    """The end of the demo, in one line, and the log that may hold the reason."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        lines = [f"demo: {message}"]
        if log and log.exists():
            lines.append(f"--- end of {shown(log)}")
            lines += log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        super().__init__("\n".join(lines))


def shown(path: Path) -> str:
    """Say a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def event_block(event: Path, alerts: list[dict[str, Any]], log_lines: list[str]) -> str:
    """Show all that came of one event. The log lines stay raw, as CloudWatch would get them."""
    metric = line_with('"_aws"', log_lines) or "(none in the log)"
    judged = line_with('"message":"judged"', log_lines) or "(no verdict in the log)"
    lines = ["", f"event    {shown(event)}"]
    for alert in alerts:
        lines += alert_lines(alert)
    if not alerts:
        lines.append("alert    none arrived")
    return "\n".join([*lines, "metric", indented(metric), "log", indented(judged)])


def alert_lines(envelope: dict[str, Any]) -> list[str]:
    """Show an SNS envelope as a subscriber gets it."""
    lines = [f"subject  {envelope.get('Subject') or '(none)'}", "attributes"]
    for name, attribute in sorted(envelope.get("MessageAttributes", {}).items()):
        lines.append(f"    {name:<10} {attribute['Value']}")
    body = envelope["Message"]
    try:
        fields = json.loads(body)
    except ValueError:  # the plain form, which goes out when SNS refuses the usual one
        return [*lines, "body", indented(body)]
    body = json.dumps(fields, indent=2, ensure_ascii=False)
    return [*lines, f"summary  {fields['summary']}", "body", indented(body)]


def line_with(mark: str, lines: list[str]) -> str | None:
    """Find the first line that holds the mark."""
    return next((line.strip() for line in lines if mark in line), None)


def indented(text: str) -> str:
    """Move the text right below its heading."""
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
