"""The events of events-fixtures/, each as a rule would see it, with what is on record about it.

Its golden says what task-monitor makes of it, drain-triggers.tsv what instance-drain does; both are written by
the functions' own code.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "events-fixtures"
TRIGGERS = FIXTURES / "drain-triggers.tsv"
# Names of hooks of the fixtures begin with this word; what follows is a pattern over them.
THEIR_HOOKS = "drain*"
OUR_HOOK = "ecs-steward-drain"

# What no event pattern ever sees, by the beginning of its path.
NOT_FROM_A_PATTERN = {
    "auto-scaling-notification/": "Auto Scaling sends it to SNS or SQS itself, without EventBridge",
    "scheduled-event/": "a schedule sends it, which has no pattern",
    "wrapped/describe-tasks.json": "output of the AWS CLI",
    "wrapped/detail-only.json": "a detail without its envelope, as an input transformer leaves it",
}


class FixtureError(Exception):
    """A fixture and what is on record about it do not fit, in one line."""


@dataclass(frozen=True)
class Case:
    """An event, and what is on record about it."""

    name: str
    event: dict[str, Any]
    verdict: str
    cause: str
    # What instance-drain does, by the pattern over the names of its hooks.
    triggers: dict[str, str]


def events_in(payload: Any) -> Iterator[Any]:
    """The events of a payload, out of what SQS, SNS and lists wrap around them."""
    if isinstance(payload, str):
        yield from events_in(json.loads(payload))
    elif isinstance(payload, list):
        for element in payload:
            yield from events_in(element)
    elif "detail-type" in payload:
        yield payload
    else:
        for key in ("Records", "Messages", "body", "Body", "Sns", "Message"):
            if key in payload:
                yield from events_in(payload[key])
                return
        yield None  # no event of EventBridge


def golden_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a golden: JSON objects, one after the other."""
    text, decoder, rows, at = path.read_text(encoding="utf-8"), json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        row, at = decoder.raw_decode(text, at)
        rows.append(row)
    return rows


def triggers() -> dict[str, dict[str, str]]:
    """What instance-drain does: fixture and index -> pattern over hooks -> word."""
    head, *lines = TRIGGERS.read_text(encoding="utf-8").splitlines()
    patterns = head.split("\t")[1:]
    table = {}
    for line in lines:
        name, *words = line.split("\t")
        table[name] = dict(zip(patterns, words, strict=True))
    return table


def cases() -> list[Case]:
    """Every event of every fixture that a pattern can see."""
    on_record, found, skipped = triggers(), [], set()
    for path in sorted(FIXTURES.glob("*/*.json")):
        name = path.relative_to(FIXTURES).as_posix()
        reason = next((start for start in NOT_FROM_A_PATTERN if name.startswith(start)), None)
        if reason is not None:
            skipped.add(reason)
            continue
        events = list(events_in(json.loads(path.read_text(encoding="utf-8"))))
        rows = golden_rows(path.with_suffix(".golden"))
        if len(events) != len(rows) or None in events:
            raise FixtureError(f"{name}: {len(rows)} verdicts for {len(events)} events, or no envelope")
        for index, (event, row) in enumerate(zip(events, rows, strict=True)):
            key = f"{name}[{index}]"
            if key not in on_record:
                raise FixtureError(f"{key} is not in {TRIGGERS.name}: make goldens")
            found.append(Case(key, event, row["verdict"], row["cause"], on_record[key]))
    if unused := sorted(set(NOT_FROM_A_PATTERN) - skipped):
        raise FixtureError(f"no fixture is skipped as {', '.join(unused)}")
    return found + [under_our_hook(case) for case in found if has_their_hook(case)]


def has_their_hook(case: Case) -> bool:
    """Whether the event is of a hook with a name as the fixtures have it."""
    hook = case.event["detail"].get("LifecycleHookName")
    return isinstance(hook, str) and hook.startswith(THEIR_HOOKS.rstrip("*"))


def under_our_hook(case: Case) -> Case:
    """The same event under a name that our hooks have unless the environment says otherwise."""
    event = copy.deepcopy(case.event)
    event["detail"]["LifecycleHookName"] = OUR_HOOK
    ours = next(pattern for pattern in case.triggers if pattern != THEIR_HOOKS)
    then = {ours: case.triggers[THEIR_HOOKS], THEIR_HOOKS: "other-tools-hook"}
    return Case(f"{case.name} of {OUR_HOOK}", event, case.verdict, case.cause, then)
