"""A Terraform module with values for its variables: its resources and outputs as Terraform would plan them.

What AWS makes up, such as ARNs, is made up here from the names as CloudFormation's side of the comparison makes it up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cloudformation import ACCOUNT, REGION

from .blocks import Block, Expression, ModuleError, Unknown
from .expressions import Lazy, Scope, evaluate

META = ("for_each", "count", "depends_on", "provider")

# What is known of a resource once it is there, by type and attribute; {name} is the attribute in NAMES.
COMPUTED = {
    ("aws_cloudwatch_log_group", "arn"): "arn:aws:logs:{region}:{account}:log-group:{name}",
    ("aws_dynamodb_table", "arn"): "arn:aws:dynamodb:{region}:{account}:table/{name}",
    ("aws_iam_role", "arn"): "arn:aws:iam::{account}:role/{name}",
    ("aws_iam_role", "id"): "{name}",
    ("aws_kms_key", "arn"): "arn:aws:kms:{region}:{account}:key/AlertKey",
    ("aws_lambda_function", "arn"): "arn:aws:lambda:{region}:{account}:function:{name}",
    ("aws_sns_topic", "arn"): "arn:aws:sns:{region}:{account}:{name}",
    ("aws_sqs_queue", "arn"): "arn:aws:sqs:{region}:{account}:{name}",
    ("aws_sqs_queue", "url"): "https://sqs.{region}.amazonaws.com/{account}/{name}",
}
NAMES = {"aws_lambda_function": "function_name"}
DATA = {
    "aws_caller_identity": {"account_id": ACCOUNT},
    "aws_partition": {"partition": "aws", "dns_suffix": "amazonaws.com"},
    "aws_region": {"region": REGION},
}
# What a variable of a type may hold.
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "list(string)": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
    "map(string)": lambda value: isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
}


class Rejected(ModuleError):
    """A variable's validation does not take the value."""


class Instance(Lazy):
    """One resource: what the module gives it, and what AWS would."""

    def __init__(self, kind: str, values: dict[str, Any]) -> None:
        self.kind = kind
        self.values = values

    def get(self, name: str) -> Any:
        """An attribute."""
        if name in self.values:
            return self.values[name]
        if (self.kind, name) not in COMPUTED:
            raise Unknown(f"the check does not know what {name} of {self.kind} would be")
        own = self.values.get(NAMES.get(self.kind, "name"), "")
        return COMPUTED[self.kind, name].format(region=REGION, account=ACCOUNT, name=own)


class Parts(Lazy):
    """Parts by name, each worked out once, with an end to those that need themselves."""

    def __init__(self, what: str, work_out: Callable[[str], Any]) -> None:
        self.what = what
        self.work_out = work_out
        self.known: dict[str, Any] = {}
        self.open: set[str] = set()

    def get(self, name: str) -> Any:
        """The part of this name."""
        if name in self.open:
            raise ModuleError(f"{self.what}.{name} needs itself")
        if name not in self.known:
            self.open.add(name)
            self.known[name] = self.work_out(name)
            self.open.discard(name)
        return self.known[name]


class Module:
    """A module with its variables given; what is not given has its default."""

    def __init__(self, blocks: list[Block], given: dict[str, Any]) -> None:
        self.variables = {block.labels[0]: block for block in blocks if block.kind == "variable"}
        self.outputs = {block.labels[0]: block for block in blocks if block.kind == "output"}
        self.blocks = {block.labels: block for block in blocks if block.kind == "resource"}
        self.expressions = {
            name: value for block in blocks if block.kind == "locals" for name, value in block.attributes.items()
        }
        self.given = given
        if unknown := sorted(set(given) - set(self.variables)):
            raise ModuleError(f"there is no variable {', '.join(unknown)}")
        scope: dict[str, Any] = {
            "var": Parts("var", self._variable),
            "local": Parts("local", self._local),
            "data": self._data(blocks),
        }
        for kind in {labels[0] for labels in self.blocks}:
            scope[kind] = Parts(kind, partial(self._resource, kind))
        self.scope: Scope = scope

    @staticmethod
    def _data(blocks: list[Block]) -> dict[str, Any]:
        """What the data sources say."""
        data: dict[str, Any] = {}
        for block in blocks:
            if block.kind == "data":
                kind, name = block.labels
                if kind not in DATA or block.attributes:
                    raise Unknown(f"the check does not know what {block.address} would be")
                data.setdefault(kind, {})[name] = DATA[kind]
        return data

    def variable(self, name: str) -> Any:
        """The value of a variable, or Rejected."""
        return self.scope["var"].get(name)

    def default(self, name: str) -> Any:
        """The default of a variable; ModuleError where it has none."""
        attributes = self.variables[name].attributes
        if "default" not in attributes:
            raise ModuleError(f"variable {name} has no default")
        return evaluate(attributes["default"], {})

    def _variable(self, name: str) -> Any:
        """A variable, as given or by default, once its validation takes it."""
        if name not in self.variables:
            raise ModuleError(f"there is no variable {name}")
        block = self.variables[name]
        value = self.given[name] if name in self.given else self.default(name)
        kind = type_of(block.attributes["type"])
        if kind not in TYPES:
            raise Unknown(f"{block.address}: the check does not know the type {kind}")
        if not TYPES[kind](value):
            raise Rejected(f"{block.address}: {value!r} is no {kind}")
        for validation in block.inner("validation"):
            if evaluate(validation.attributes["condition"], {"var": {name: value}}) is not True:
                raise Rejected(f"{block.address}: {value!r} is not taken")
        return value

    def _local(self, name: str) -> Any:
        """A local."""
        if name not in self.expressions:
            raise ModuleError(f"there is no local.{name}")
        return evaluate(self.expressions[name], self.scope)

    def _resource(self, kind: str, name: str) -> Any:
        """A resource: one, or several by key or number."""
        block = self.blocks.get((kind, name))
        if block is None:
            raise ModuleError(f"there is no resource {kind}.{name}")
        if "depends_on" in block.attributes:
            evaluate(block.attributes["depends_on"], self.scope)
        if "for_each" in block.attributes:
            each = evaluate(block.attributes["for_each"], self.scope)
            return {key: self._instance(block, {"each": {"key": key, "value": value}}) for key, value in each.items()}
        if "count" in block.attributes:
            count = evaluate(block.attributes["count"], self.scope)
            return [self._instance(block, {"count": {"index": index}}) for index in range(count)]
        return self._instance(block, {})

    def _instance(self, block: Block, own: dict[str, Any]) -> Instance:
        """One of the resources that a block is."""
        return Instance(block.labels[0], self._values(block, {**self.scope, **own}))

    def _values(self, block: Block, scope: Scope) -> dict[str, Any]:
        """Attributes that are not null by name, and blocks as lists of the same."""
        values = {name: evaluate(value, scope) for name, value in block.attributes.items() if name not in META}
        values = {name: value for name, value in values.items() if value is not None}
        for inner in block.blocks:
            if inner.kind == "dynamic":
                raise Unknown(f"{block.address}: the check does not know dynamic blocks")
            if inner.kind != "lifecycle":
                values.setdefault(inner.kind, []).append(self._values(inner, scope))
        return values

    def resources(self) -> list[Instance]:
        """All resources; the variables are validated first."""
        for name in self.variables:
            self.variable(name)
        found: list[Instance] = []
        for kind, name in self.blocks:
            value = self.scope[kind].get(name)
            found += value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        return found

    def output(self, name: str) -> Any:
        """The value of an output."""
        return evaluate(self.outputs[name].attributes["value"], self.scope)


def type_of(expression: Expression) -> str:
    """A variable's type as it is written, without spaces."""
    return "".join(str(token) for token in expression.scan_values(lambda _: True)).replace(" ", "")
