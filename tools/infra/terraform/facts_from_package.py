"""Extracts what the check has to know of the AWS provider from the npm package `@cdktn/provider-aws`.

The package is generated from the provider's own schema. Run by hand, when the module uses a new resource type or
shall be held against a newer provider; nothing else needs the package, and no test fetches it:

    npm pack @cdktn/provider-aws@24.1.0 && tar xzf cdktn-provider-aws-24.1.0.tgz
    python tools/infra/terraform/facts_from_package.py package > tools/infra/terraform/provider_facts.json

It reads the TypeScript source of each class out of the source map, where the generator has left one comment for each
attribute: `// name - computed: false, optional: true, required: false`. Blocks are classes of their own.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

RESOURCES = [
    "aws_autoscaling_group_tag",
    "aws_autoscaling_lifecycle_hook",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_metric_alarm",
    "aws_dynamodb_table",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_kms_key",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
]
DATA_SOURCES = ["aws_caller_identity", "aws_partition", "aws_region"]

FLAGS = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n")
# The member behind the comment: a block is held by a class, an attribute is read by a typed getter.
HOLDER = re.compile(r"new (\w+?)(OutputReference|List)\(this, \"\w+\"")
GETTER = re.compile(r"this\.get(\w+?)Attribute\(")
GETTERS = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": "list(string)",
    "NumberList": "list(number)",
    "StringMap": "map(string)",
}


def source_of(package: Path, folder: str) -> str:
    """The TypeScript source of a class's file, from the source map at the end of the compiled one."""
    compiled = (package / "lib" / folder / "index.js").read_text(encoding="utf-8")
    found = re.search(r"sourceMappingURL=data:application/json;base64,(\S+)", compiled)
    if not found:
        raise SystemExit(f"{folder}: no source map")
    source: str = json.loads(base64.b64decode(found[1]))["sourcesContent"][0]
    return source


def classes_of(source: str) -> dict[str, str]:
    """The bodies of the classes of a source, by name."""
    starts = list(re.finditer(r"^export class (\w+) ", source, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(source)]
    return {start[1]: source[start.start() : end] for start, end in zip(starts, ends)}


def kind_of(computed: str, optional: str, required: str) -> str:
    """Who gives an attribute its value: `required`, `optional`, `optional computed` or `computed`."""
    words = [
        word for word, flag in (("required", required), ("optional", optional), ("computed", computed)) if flag == "true"
    ]
    return " ".join(words)


def facts_of(classes: dict[str, str], name: str) -> dict[str, Any]:
    """The attributes and blocks of a class: `optional string`, or the kind of a block and what is in it."""
    body = classes[name]
    marks = list(FLAGS.finditer(body))
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    facts: dict[str, Any] = {}
    for mark, end in zip(marks, ends):
        member = body[mark.end() : end]
        kind = kind_of(mark[2], mark[3], mark[4])
        holder = HOLDER.search(member)
        getter = GETTER.search(member)
        if holder:
            inner = holder[1] + "OutputReference"
            # A list holds any number of the block, a reference holds one.
            number = "many" if holder[2] == "List" else "one"
            # A block that holds itself again and again would never end; none of ours does.
            facts[mark[1]] = {"block": f"{kind} {number}", "holds": facts_of(classes, inner)}
        elif getter and getter[1] in GETTERS:
            facts[mark[1]] = f"{kind} {GETTERS[getter[1]]}"
        else:
            facts[mark[1]] = f"{kind} any"
    return facts


def main_class(classes: dict[str, str], base: str) -> str:
    """The class of the resource or data source itself."""
    return next(name for name, body in classes.items() if f"extends cdktn.{base} " in body.split("{", 1)[0])


def lines(entry: dict[str, Any]) -> str:
    """A resource as JSON with a line for each attribute, so that a newer provider is a readable diff."""
    inner = [f"      {json.dumps(name)}: {json.dumps(entry[name], sort_keys=True)}" for name in sorted(entry)]
    return "{\n" + ",\n".join(inner) + "\n    }"


def section(package: Path, types: list[str], prefix: str, base: str) -> str:
    """All resources, or all data sources, as JSON."""
    entries = []
    for name in types:
        classes = classes_of(source_of(package, prefix + name.removeprefix("aws_").replace("_", "-")))
        entries.append(f"    {json.dumps(name)}: {lines(facts_of(classes, main_class(classes, base)))}")
    return "{\n" + ",\n".join(entries) + "\n  }"


def main() -> int:
    """Prints the facts as JSON."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    package = Path(sys.argv[1])
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    source = source_of(package, "sqs-queue")
    version = re.search(r"providerVersion: '([0-9.]+)'", source)
    print("{")
    print(f'  "package": {json.dumps(about["name"] + " " + about["version"])},')
    print(f'  "provider": {json.dumps("hashicorp/aws " + (version[1] if version else "unknown"))},')
    print(f'  "resource": {section(package, RESOURCES, "", "TerraformResource")},')
    print(f'  "data": {section(package, DATA_SOURCES, "data-aws-", "TerraformDataSource")}')
    print("}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
