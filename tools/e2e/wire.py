"""What a request to AWS asks for, in the three protocols our SDK clients speak.

JSON 1.0 and 1.1 name the operation in X-Amz-Target, the query protocol in the form field
Action, and RPC v2 CBOR in the path. Parameters are named as the API model names them; in
the query protocol all values are texts, as they are on the wire.
"""

import datetime
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import cbor2

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")
# Where the signature's name of a service is not the one people know.
NAMES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Call:
    """One call of one service."""

    service: str
    operation: str
    request: dict[str, Any]


def service_of(headers: Mapping[str, str]) -> str | None:
    """Tell whose request it is by the scope of its signature."""
    found = SCOPE.search(headers.get("Authorization", ""))
    return found and NAMES.get(found[1], found[1])


def read(path: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Read a request; None for one without an operation, such as those that open a connection."""
    service = service_of(headers)
    if service is None or not body:
        return None
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if target := headers.get("X-Amz-Target"):
        return Call(service, target.rpartition(".")[2], json.loads(body))
    if found := CBOR_PATH.search(path):
        return Call(service, found[1], cbor2.loads(body))
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    operation = fields.pop("Action")
    fields.pop("Version", None)
    return Call(service, operation, nested(fields))


def nested(fields: dict[str, str]) -> dict[str, Any]:
    """Fold `A.member.1.B=x` into `{"A": [{"B": "x"}]}`, and entries of a map into an object."""
    tree: dict[str, Any] = {}
    for name, text in fields.items():
        *parents, last = name.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = text
    return folded(tree)


def folded(node: Any) -> Any:
    """Fold one node of the tree."""
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        return [folded(node["member"][key]) for key in sorted(node["member"], key=int)]
    if set(node) == {"entry"}:
        entries = [folded(entry) for entry in node["entry"].values()]
        return {one.get("Name", one.get("key")): one.get("Value", one.get("value")) for one in entries}
    return {name: folded(inner) for name, inner in node.items()}


def as_json(value: Any) -> Any:
    """Say in JSON what only CBOR can say."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
