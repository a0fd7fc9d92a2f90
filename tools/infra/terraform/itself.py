"""Terraform itself on the module, with the stand-in for the provider: validate, apply, plan again, destroy.

It says whether this check's own evaluator understands Terraform's language as Terraform does: every resource and
output has to be the one the evaluator gave, and every sample answered alike. It calls nothing outside of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from . import stand_in
from .blocks import ModuleError, blocks_of, texts_of
from .comparison import Report, by_identity, differ
from .module import Module
from .schema import facts
from .stack import present
from .translators import PACKAGES

SECONDS = 120
# A package is read for its hash only.
PACKAGE_NAMES = ("task-monitor", "service-monitor", "volume-monitor", "instance-monitor", "instance-drain", "instance-protection", "cluster-audit")
GROUP = {"cluster_arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"}


class Terraform:
    """Terraform in a copy of infra/terraform, attached to the stand-in."""

    def __init__(self, program: str, modules: Path, work: Path) -> None:
        self.program = program
        self.modules = work / "infra" / "terraform"
        shutil.copytree(modules, self.modules, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        for folder in (self.modules / PACKAGES, work / "target" / "lambda" / "deploy"):
            folder.mkdir(parents=True)
            for name in PACKAGE_NAMES:
                (folder / f"{name}.zip").write_bytes(name.encode())
        self.socket = work / "provider.sock"
        self.server = stand_in.serve(self.socket)

    def stop(self) -> None:
        """Stop the stand-in."""
        self.server.stop(None).wait()

    def run(self, folder: str, *arguments: str, good: tuple[int, ...] = (0,)) -> str:
        """What a command prints; ModuleError with what it says where it fails."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))},
            "TF_REATTACH_PROVIDERS": stand_in.attachment(self.socket, os.getpid()),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        command = [self.program, f"-chdir={self.modules / folder}", *arguments]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
        if run.returncode not in good:
            words = " ".join(re.sub(r"[│╷╵]", " ", run.stderr or run.stdout).split())
            raise ModuleError(f"terraform {arguments[0]} in {folder}: {words[:600]}")
        return run.stdout

    def apply(self, folder: str, given: dict[str, Any]) -> dict[str, Any]:
        """Everything that is there after an apply. Another plan has to find nothing to do, and destroy to end well."""
        # Terraform reads this file by itself.
        (self.modules / folder / "terraform.tfvars.json").write_text(json.dumps(given), encoding="utf-8")
        self.run(folder, "apply", "-auto-approve", "-no-color", "-input=false")
        values: dict[str, Any] = json.loads(self.run(folder, "show", "-json"))["values"]
        self.run(folder, "plan", "-detailed-exitcode", "-no-color", "-input=false")
        self.run(folder, "destroy", "-auto-approve", "-no-color", "-input=false")
        return values


def check(
    terraform: Terraform, cases: dict[str, dict[str, dict[str, Any]]], samples: dict[str, list[Any]]
) -> tuple[list[str], Report]:
    """What Terraform makes of the modules in the folders of `cases` that the evaluator does not."""
    report = Report()
    for folder, sets in cases.items():
        texts = texts_of(terraform.modules / folder)
        blocks = blocks_of(texts)
        terraform.run(folder, "init", "-no-color", "-input=false")
        terraform.run(folder, "validate", "-no-color")
        for given in sets.values():
            compare(terraform.apply(folder, given), Module(blocks, given), report)
        compare_samples(terraform, folder, texts["variables.tf"], samples, report)
    terraform.run("example", "init", "-no-color", "-input=false")
    terraform.run("example", "validate", "-no-color")
    terraform.apply("example", {"groups": {"web": GROUP}})
    return report.differences + refused(terraform), report


def compare(state: dict[str, Any], module: Module, report: Report) -> None:
    """The resources and outputs of a state against the evaluator's."""
    resources = [each for each in state["root_module"]["resources"] if each["mode"] == "managed"]
    theirs = by_identity([(each["type"], present(each["values"])) for each in resources], report, "for Terraform")
    ours = by_identity([(each.kind, each.values) for each in module.resources()], report, "for the check")
    differ("resources, for Terraform and the check", sorted(theirs), sorted(ours), report)
    for name in sorted(set(theirs) & set(ours)):
        report.resources += 1
        known = facts()["resource"][name.split()[0]]
        # What the module does not say is null, or what AWS would say.
        told = {key: value for key, value in theirs[name].items() if key in ours[name] or not silent(value, known[key])}
        differ(f"Terraform has another {name}", pruned(told), pruned(ours[name]), report)
    for name in module.outputs:
        differ(f"Terraform has another output {name}", state["outputs"][name]["value"], module.output(name), report)


def silent(value: Any, fact: Any) -> bool:
    """Whether an attribute is one that nobody has set."""
    return value in (None, [], {}) or (isinstance(fact, str) and "computed" in fact)


def pruned(value: Any) -> Any:
    """A value without what is not set in it: Terraform writes every attribute of a block."""
    if isinstance(value, dict):
        return {key: pruned(each) for key, each in value.items() if each is not None and each != []}
    return [pruned(each) for each in value] if isinstance(value, list) else value


def compare_samples(terraform: Terraform, folder: str, text: str, samples: dict[str, list[Any]], report: Report) -> None:
    """What Terraform says of each sample, by the conditions as they are written, in a module that is nothing else."""
    outputs, blocks = {}, blocks_of({"variables.tf": text})
    for name, condition in re.findall(r'variable "(\w+)".*?\n    condition     = (.*?)\n', text, re.DOTALL):
        for number, sample in enumerate(samples.get(name, []) if f"var.{name}" in condition else []):
            literal = json.dumps(sample, ensure_ascii=False)
            outputs[f"{name}_{number}"] = (sample, name, condition.replace(f"var.{name}", literal))
    place = terraform.modules / folder / "samples"
    place.mkdir()
    lines = [f'output "{key}" {{\n  value = {condition}\n}}\n' for key, (_, _, condition) in outputs.items()]
    (place / "main.tf").write_text("\n".join(lines), encoding="utf-8")
    where = str(Path(folder) / "samples")
    terraform.run(where, "apply", "-auto-approve", "-no-color", "-input=false")
    answers = json.loads(terraform.run(where, "output", "-json"))
    for key, (sample, name, _) in outputs.items():
        report.samples += 1
        try:
            Module(blocks, {name: sample}).variable(name)
            ours = True
        except ModuleError:
            ours = False
        differ(f"Terraform answers another to {name} = {sample!r}", answers[key]["value"], ours, report)


# What Terraform has to refuse with the stand-in, or its schema would say nothing.
REFUSED = [
    ("queues.tf", "visibility_timeout_seconds =", "visibility_timeout =", "Unsupported argument"),
    ("rules.tf", "  arn       = aws_sqs_queue.events[each.value.function].arn\n", "", "Missing required argument"),
    ("functions.tf", "dead_letter_config {", "dead_letters {", "Unsupported block type"),
    ("outputs.tf", "aws_kms_key.alerts.arn", "aws_kms_key.alerts.key_arn", "Unsupported attribute"),
]


def refused(terraform: Terraform) -> list[str]:
    """The planted mistakes that Terraform does not refuse."""
    problems = []
    for file, before, after, words in REFUSED:
        path = terraform.modules / file
        right = path.read_text(encoding="utf-8")
        path.write_text(right.replace(before, after, 1), encoding="utf-8")
        try:
            terraform.run("", "validate", "-no-color")
            problems.append(f"Terraform takes {after.strip() or 'a missing argument'} in {file}")
        except ModuleError as error:
            if words not in str(error):
                problems.append(str(error))
        path.write_text(right, encoding="utf-8")
    return problems
