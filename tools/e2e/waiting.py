"""Waiting for something to be so, with a time limit and never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

from processes import POLL

T = TypeVar("T")


class NotYet(Exception):
    """The time limit is over."""


def until(what: str, look: Callable[[], T | None], limit: float) -> T:
    """Look until there is something that counts as true, and return it."""
    deadline = time.monotonic() + limit
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotYet(f"not within {limit:g} s: {what}")
        time.sleep(POLL)
