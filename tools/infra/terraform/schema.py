"""The module against what is known of the provider: attributes that exist, required ones that are there, types."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from .blocks import Block
from .module import META, Module

FACTS = Path(__file__).with_name("provider_facts.json")
Facts = dict[str, Any]
# What stands in every resource beside its own attributes.
BLOCKS = ("lifecycle",)


@lru_cache(maxsize=1)
def facts() -> Facts:
    """The facts of the provider; facts_from_package.py says where they are from."""
    read: Facts = json.loads(FACTS.read_text(encoding="utf-8"))
    return read


def problems_of(blocks: list[Block]) -> tuple[list[str], int]:
    """What the provider would refuse in the resources and data sources as they are written, and how many names
    were looked up."""
    problems: list[str] = []
    looked_up = 0
    for block in blocks:
        if block.kind not in ("resource", "data"):
            continue
        known = facts()[block.kind].get(block.labels[0])
        if known is None:
            problems.append(f"{block.address}: no facts about the type; see facts_from_package.py")
            continue
        found, number = _names(block, known, block.address)
        problems += found
        looked_up += number
    return problems, looked_up


def _names(block: Block, known: Facts, place: str) -> tuple[list[str], int]:
    """The same for a block and those in it."""
    problems: list[str] = []
    given = [name for name in block.attributes if name not in META]
    inner = [each for each in block.blocks if each.kind not in BLOCKS]
    looked_up = len(given) + len(inner)
    for name in given:
        fact = known.get(name)
        if not isinstance(fact, str):
            problems.append(f"{place}: there is no attribute {name}" + (", but a block" if fact else ""))
        elif fact.startswith("computed"):
            problems.append(f"{place}: {name} cannot be set")
    for each in inner:
        fact = known.get(each.kind)
        if not isinstance(fact, dict):
            problems.append(f"{place}: there is no block {each.kind}")
            continue
        if fact["block"].endswith("one") and len(block.inner(each.kind)) > 1:
            problems.append(f"{place}: {each.kind} may be there once")
        found, number = _names(each, fact["holds"], f"{place}, {each.kind}")
        problems += found
        looked_up += number
    for name, fact in known.items():
        kind = fact["block"] if isinstance(fact, dict) else fact
        present = any(each.kind == name for each in inner) if isinstance(fact, dict) else name in given
        if kind.startswith("required") and not present:
            problems.append(f"{place}: {name} is required")
    return problems, looked_up


def type_problems(module: Module) -> tuple[list[str], int]:
    """Values that are not of their attribute's type, with the module's variables as given, and how many were read."""
    problems: list[str] = []
    read = 0
    for instance in module.resources():
        found, number = _types(instance.values, facts()["resource"][instance.kind], instance.kind)
        problems += found
        read += number
    return problems, read


def _types(values: dict[str, Any], known: Facts, place: str) -> tuple[list[str], int]:
    """The same for some attributes and the blocks among them."""
    problems: list[str] = []
    read = 0
    for name, value in values.items():
        fact = known.get(name)
        if isinstance(fact, dict):
            for each in value:
                found, number = _types(each, fact["holds"], f"{place}.{name}")
                problems += found
                read += number
        elif isinstance(fact, str):
            read += 1
            kind = fact.rsplit(" ", 1)[-1]
            if not _is(value, kind):
                problems.append(f"{place}: {name} is a {kind}, and not {value!r}")
    return problems, read


def _is(value: Any, kind: str) -> bool:
    """Whether a value is of a type of the provider."""
    if kind.startswith("list("):
        return isinstance(value, list) and all(_is(each, kind[5:-1]) for each in value)
    if kind.startswith("map("):
        return isinstance(value, dict) and all(_is(each, kind[4:-1]) for each in value.values())
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "bool": bool}.get(kind, object))
