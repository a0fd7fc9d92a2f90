"""Hold the Terraform module of infra/terraform against what can be known of it without the AWS provider.

    .venv/infra/bin/python tools/infra/terraform_check.py

Its files are parsed; every name leads somewhere, and everything declared is used. Attributes, blocks and types are
those of the provider, as terraform/provider_facts.json has them. With several sets of values, each resource, output
and variable is the one that infra/template.yaml and infra/hook.yaml make of the same values. At the end the module is
broken on purpose in many ways, and each has to be found.

Where terraform is installed, `terraform fmt` and Terraform itself run too, the latter with a stand-in for the provider.
Where .venv/checkov is there, checkov does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from cloudformation import Loader, Stack, TemplateError
from terraform import cases, references, schema
from terraform.blocks import ModuleError, blocks_of, texts_of
from terraform.comparison import (
    Report,
    compare_outputs,
    compare_parameters,
    compare_resources,
    parameters,
)
from terraform.mistakes import MISTAKES, Mistake
from terraform.module import Module
from terraform.outside import checkov, formatted

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
MODULES = INFRA / "terraform"
CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"
Texts = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """A module and the template it is the same as."""

    folder: Path
    template: Path
    cases: dict[str, dict[str, Any]]
    # Of the module alone and of the template alone, with the reason in the README.
    only_variables: frozenset[str] = frozenset()
    only_outputs: frozenset[str] = frozenset()

    @cached_property
    def declared(self) -> dict[str, Any]:
        """The template as it is written; read once, since that takes longer than all the rest."""
        try:
            template: dict[str, Any] = yaml.load(self.template.read_text(encoding="utf-8"), Loader)
        except yaml.YAMLError as error:
            raise TemplateError(f"{self.template.name}: {error}") from error
        return template

    @cached_property
    def stacks(self) -> dict[str, Stack]:
        """The template with each set of values."""
        given = {name: parameters(values, self.declared, self.only_variables) for name, values in self.cases.items()}
        return {name: Stack.read(self.template, values) for name, values in given.items()}


MAIN = Pair(MODULES, INFRA / "template.yaml", cases.MAIN, only_variables=frozenset({"name", "packages"}))
# The module can set the tag itself, for which the template prints a command.
HOOK = Pair(MODULES / "hook", INFRA / "hook.yaml", cases.HOOK, frozenset({"tag_group"}), frozenset({"tag_command"}))


@dataclass
class Numbers:
    """How much was looked at."""

    attributes: int = 0
    names: int = 0
    values_typed: int = 0
    report: Report = field(default_factory=Report)


def check_pair(pair: Pair, texts: Texts, numbers: Numbers) -> list[str]:
    """What is wrong with a module, or differs from its template."""
    blocks = blocks_of(texts)
    problems, looked_up = schema.problems_of(blocks)
    numbers.attributes += looked_up
    more, followed = references.problems_of(blocks)
    numbers.names += followed
    problems += more
    if problems:
        return problems
    report = Report()
    for name, given in pair.cases.items():
        module = Module(blocks, given)
        more, typed = schema.type_problems(module)
        numbers.values_typed += typed
        here = Report()
        compare_resources(pair.stacks[name], module, here)
        compare_outputs(pair.stacks[name], module, pair.only_outputs, here)
        problems += [f"with {name}: {each}" for each in [*more, *here.differences]]
        report.resources += here.resources
        report.values += here.values
    compare_parameters(pair.declared, blocks, cases.SAMPLES, pair.only_variables, report)
    numbers.report.resources += report.resources
    numbers.report.values += report.values
    numbers.report.samples += report.samples
    return problems + report.differences


def check_example(numbers: Numbers) -> list[str]:
    """What is wrong with the example: its names, and what it gives the modules."""
    sources = {"../": blocks_of(texts_of(MODULES)), "../hook/": blocks_of(texts_of(MODULES / "hook"))}
    problems, followed = references.problems_of(blocks_of(texts_of(MODULES / "example")), sources)
    numbers.names += followed
    return [f"example: {each}" for each in problems]


def itself(program: str) -> tuple[list[str], Report]:
    """What Terraform itself says, with the stand-in for the provider."""
    from terraform.itself import Terraform, check

    with tempfile.TemporaryDirectory() as work:
        terraform = Terraform(program, MODULES, Path(work))
        try:
            return check(terraform, {"": MAIN.cases, "hook": HOOK.cases}, cases.SAMPLES)
        finally:
            terraform.stop()


def overlooked(mistake: Mistake) -> str | None:
    """Why a mistake was not found, or None."""
    pair = HOOK if mistake.hook else MAIN
    texts = texts_of(pair.folder)
    if texts[mistake.file].count(mistake.before) < 1:
        return f"{mistake.what}: {mistake.file} has no {mistake.before!r} to break"
    texts[mistake.file] = texts[mistake.file].replace(mistake.before, mistake.after, 1)
    try:
        found = check_pair(pair, texts, Numbers())
    except ModuleError as error:
        found = [str(error)]
    if not any(mistake.found in each for each in found):
        said = found[0] if found else "nothing"
        return f"{mistake.what}: not found; the check says {said}"
    return None


def main() -> int:
    """Check, print one line or what is wrong, and return the exit code."""
    numbers, applied, checks = Numbers(), Report(), 0
    program = shutil.which("terraform")
    try:
        problems = formatted(program, MODULES) if program else []
        for pair in (MAIN, HOOK):
            problems += [f"{pair.folder.name}: {each}" for each in check_pair(pair, texts_of(pair.folder), numbers)]
        problems += check_example(numbers)
        # A module with problems makes the search for planted ones say nothing.
        if not problems:
            problems = [found for found in map(overlooked, MISTAKES) if found]
        if program and not problems:
            problems, applied = itself(program)
        if CHECKOV.exists() and not problems:
            problems, checks = checkov(CHECKOV, MODULES)
    except (ModuleError, TemplateError, OSError, subprocess.SubprocessError) as error:
        problems = [str(error)]
    if problems:
        print("terraform: " + "\n  ".join([f"{len(problems)} problems", *problems]), file=sys.stderr)
        return 1
    report = numbers.report
    print(
        f"terraform: {report.resources} resources with {report.values} values are the templates', in {len(MAIN.cases) + len(HOOK.cases)} "
        f"sets of values; variables answer {report.samples} samples alike; {numbers.attributes} attributes and {numbers.values_typed} "
        f"values fit {schema.facts()['provider']}, {numbers.names} names lead somewhere; {len(MISTAKES)} planted mistakes found"
    )
    if program:
        print(
            f"terraform: Terraform itself applies the modules with a stand-in for the provider: {applied.resources} resources and "
            f"{applied.samples} answers are the same"
        )
    else:
        print("terraform: Terraform itself was skipped, and its fmt; it is not installed")
    print(
        f"terraform: checkov passes {checks} checks, or they are skipped with a reason"
        if checks
        else "terraform: checkov was skipped"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
