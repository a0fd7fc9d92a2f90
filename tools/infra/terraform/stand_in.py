"""A provider for Terraform itself that knows the attributes of provider_facts.json, and no AWS.

Terraform talks to a provider by gRPC. This one has the schema of the facts, takes every value that fits it, and makes
up what AWS would, as module.py does. So Terraform can validate, plan and "apply" the module without the real one.
Messages are read and written by field number, as in
https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin5.10.proto
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import msgpack

from .module import COMPUTED, DATA, Instance
from .schema import Facts, facts

Message = dict[int, bytes]
# What an unknown value is in Terraform's msgpack.
UNKNOWN = msgpack.ExtType(0, b"\0")
LIST = 2
CTY = {"string": "string", "number": "number", "bool": "bool", "any": "dynamic"}


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: bytes | str | int) -> bytes:
    """A field of a message: a number, or a length and what it holds."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where what follows begins."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def message(data: bytes) -> Message:
    """The fields with a length of a message by number; numbers are of no interest here."""
    found: Message = {}
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        number, at = read_varint(data, at)
        if tag & 7 == 2:
            found[tag >> 3] = data[at : at + number]
            at += number
    return found


def value_of(dynamic: bytes) -> Any:
    """A DynamicValue as Terraform sends it."""
    return msgpack.unpackb(message(dynamic)[1], strict_map_key=False)


def dynamic(value: Any) -> bytes:
    """A DynamicValue."""
    return field(1, msgpack.packb(value))


def cty(kind: str) -> Any:
    """A type as Terraform writes it: `list(string)` is ["list", "string"]."""
    name, _, inner = kind.partition("(")
    return [name, cty(inner[:-1])] if inner else CTY[name]


def block(known: Facts) -> bytes:
    """A Block of a schema: attributes and nested blocks."""
    out = b""
    for name, fact in known.items():
        if isinstance(fact, str):
            *kinds, kind = fact.split(" ")
            numbers = {"required": 4, "optional": 5, "computed": 6}
            flags = b"".join(field(numbers[each], 1) for each in kinds)
            out += field(2, field(1, name) + field(2, json.dumps(cty(kind))) + flags)
        else:
            need, number = fact["block"].rsplit(" ", 1)
            least = 1 if need == "required" else 0
            bounds = field(4, least) + field(5, 1 if number == "one" else 0)
            out += field(3, field(1, name) + field(2, block(fact["holds"])) + field(3, LIST) + bounds)
    return out


def schema(known: Facts) -> bytes:
    """A Schema."""
    return field(1, 0) + field(2, block(known))


# What the example gives the provider itself.
PROVIDER: Facts = {
    "region": "optional string",
    "default_tags": {"block": "optional one", "holds": {"tags": "optional map(string)"}},
}


def get_schema(_: Message) -> bytes:
    """All that the provider knows."""
    out = field(1, schema(PROVIDER))
    for number, kind in ((2, "resource"), (3, "data")):
        for name, known in facts()[kind].items():
            out += field(number, field(1, name) + field(2, schema(known)))
    return out


def with_unknown(value: dict[str, Any], known: Facts) -> dict[str, Any]:
    """A resource with everything unknown that is not given and that AWS would say."""
    out = dict(value)
    for name, fact in known.items():
        if isinstance(fact, str):
            if "computed" in fact and out.get(name) is None:
                out[name] = UNKNOWN
        elif isinstance(out.get(name), list):
            out[name] = [with_unknown(each, fact["holds"]) for each in out[name]]
    return out


def made_up(kind: str, value: dict[str, Any], known: Facts) -> dict[str, Any]:
    """A planned resource with what was unknown."""
    out = dict(value)
    given = {name: each for name, each in value.items() if not isinstance(each, msgpack.ExtType)}
    for name, fact in known.items():
        if isinstance(fact, str) and isinstance(out.get(name), msgpack.ExtType):
            out[name] = Instance(kind, given).get(name) if (kind, name) in COMPUTED else None
        elif isinstance(fact, dict) and isinstance(out.get(name), list):
            out[name] = [made_up("", each, fact["holds"]) for each in out[name]]
    return out


def plan(request: Message) -> bytes:
    """What a resource will be: as the module says, and the rest unknown where it is new; or nothing."""
    prior, proposed = value_of(request[2]), value_of(request[3])
    if prior is None and proposed is not None:
        proposed = with_unknown(proposed, facts()["resource"][request[1].decode()])
    return field(1, dynamic(proposed))


def apply(request: Message) -> bytes:
    """What a resource is."""
    kind = request[1].decode()
    planned = value_of(request[3])
    return field(1, dynamic(None if planned is None else made_up(kind, planned, facts()["resource"][kind])))


def read_data(request: Message) -> bytes:
    """A data source."""
    return field(1, dynamic({**value_of(request[2]), **DATA[request[1].decode()]}))


def upgrade(request: Message) -> bytes:
    """A resource of the state, which is as it was."""
    return field(1, field(2, message(request[3])[1]))


METHODS: dict[str, Callable[[Message], bytes]] = {
    "ApplyResourceChange": apply,
    "Configure": lambda _: b"",
    "GetSchema": get_schema,
    "PlanResourceChange": plan,
    "PrepareProviderConfig": lambda request: field(1, request[1]),
    "ReadDataSource": read_data,
    "ReadResource": lambda request: field(1, request[2]),
    "Stop": lambda _: b"",
    "UpgradeResourceState": upgrade,
    "ValidateDataSourceConfig": lambda _: b"",
    "ValidateResourceTypeConfig": lambda _: b"",
}


def serve(socket: Path) -> grpc.Server:
    """Start the provider on a Unix socket; the caller stops it."""
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(lambda data, _, method=method: method(message(data)))
        for name, method in METHODS.items()
    }
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 16 << 20)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin5.Provider", handlers),))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    return server


def attachment(socket: Path, process: int) -> str:
    """What Terraform has to find in TF_REATTACH_PROVIDERS."""
    address = {"Network": "unix", "String": str(socket)}
    return json.dumps(
        {"hashicorp/aws": {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": process, "Test": True, "Addr": address}}
    )
