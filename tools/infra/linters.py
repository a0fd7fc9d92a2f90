"""The checkers other people wrote, each as a function from templates to what it found.

None of them may be silent because it did not run: each says how much it looked at, and that is held against the
number of templates. A finding is settled in the template, by a change or by an exception with its reason:

- cfn-lint: `ignore_checks` in the resource's metadata, with a comment above
- checkov: `checkov: skip:` in the resource's metadata, with a comment as its text
- cloudformation-validate, which knows no exceptions: a line `# ignored: cloudformation-validate RULE SUBJECT: reason`
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cloudformation_validate import CompositeEngine, Severity

from cloudformation import Loader

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TIMEOUT = 240
# One region of each partition: a resource type or property that only one of them has is found so.
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1")
REASON = 20
IGNORED = re.compile(r"^# ignored: cloudformation-validate (?P<rule>\S+) (?P<subject>\S+): (?P<reason>.+)$", re.M)


@dataclass(frozen=True)
class Finding:
    """What a tool says of a place in a template."""

    tool: str
    template: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.template}: {self.tool} {self.rule}: {self.text}"


class ToolFailed(Exception):
    """A tool did not run or said nothing that can be read."""


def environment() -> dict[str, str]:
    """The environment of the tools: a region, no credentials, no reports home."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return env | {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "PYTHONWARNINGS": "ignore",
        "LOG_LEVEL": "ERROR",
    }


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end, whatever it says."""
    try:
        return subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=TIMEOUT, env=environment(),
            stdin=subprocess.DEVNULL, check=False, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"{command[0]}: {error}") from error


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON a tool printed."""
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise ToolFailed(f"{done.args[0]} printed no JSON:\n{done.stdout[-2000:]}{done.stderr[-2000:]}") from error


def cfn_lint(templates: list[Path]) -> Iterator[Finding]:
    """Errors and warnings of cfn-lint, in the regions of every partition."""
    found = answer(run(VENV / "infra" / "bin" / "cfn-lint", "--format", "json", "--regions", *REGIONS, "--",
                       *templates))
    for match in found:
        line = match["Location"]["Start"]["LineNumber"]
        yield Finding("cfn-lint", Path(match["Filename"]).name, match["Rule"]["Id"], f"line {line}: {match['Message']}")
    for template in templates:
        lines = template.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if "ignore_checks" in line and len(lines[number - 1].partition("# ")[2]) < REASON:
                yield Finding("cfn-lint", template.name, "ignored", f"line {number + 1}: no reason in a comment above")


def cloudformation_validate(templates: list[Path]) -> Iterator[Finding]:
    """Errors and warnings of cloudformation-validate, but for those the template ignores with a reason."""
    for template in templates:
        report = CompositeEngine().validate_template(str(template))
        if not report.metadata.resources_scanned or not report.metadata.rules_evaluated:
            raise ToolFailed(f"cloudformation-validate looked at nothing in {template.name}")
        ignored = {found["rule"] + " " + found["subject"]: found["reason"]
                   for found in IGNORED.finditer(template.read_text(encoding="utf-8"))}
        used = set()
        for said in report.diagnostics:
            if said.severity in (Severity.INFO, Severity.DEBUG):
                continue
            where = f"{said.property_path} {said.message}"
            subject = next((key for key in ignored if key.split()[0] == said.rule_id and key.split()[1] in where), None)
            used.add(subject)
            if subject is None:
                yield Finding("cloudformation-validate", template.name, said.rule_id,
                              f"line {said.start_line}: {where}")
        for key, reason in ignored.items():
            if key not in used or len(reason) < REASON:
                yield Finding("cloudformation-validate", template.name, key.split()[0], f"ignored for nothing: {key}")


def sam_validate(templates: list[Path]) -> Iterator[Finding]:
    """What `sam validate --lint` says of the templates of SAM, which are those with its transform."""
    for template in templates:
        if "Transform: AWS::Serverless-2016-10-31" not in template.read_text(encoding="utf-8"):
            continue
        done = run(VENV / "sam" / "bin" / "sam", "validate", "--lint", "--template-file", template)
        said = (done.stdout + done.stderr).strip()
        if done.returncode:
            yield Finding("sam", template.name, "validate", said)
        elif "is a valid SAM Template" not in said:
            raise ToolFailed(f"sam validate passed {template.name}, and said: {said}")


def checkov(templates: list[Path]) -> Iterator[Finding]:
    """Failed checks of checkov, and exceptions that have no reason or that no check asks for."""
    files = [part for template in templates for part in ("--file", str(template))]
    report = answer(run(VENV / "checkov" / "bin" / "checkov", "--skip-download", "--compact", "--framework",
                        "cloudformation", "--output", "json", *files))
    if isinstance(report, list) or "results" not in report:
        raise ToolFailed(f"checkov looked at nothing: {str(report)[:500]}")
    results = report["results"]
    if results["parsing_errors"]:
        raise ToolFailed(f"checkov could not read {results['parsing_errors']}")
    judged = [*results["passed_checks"], *results["failed_checks"], *results["skipped_checks"]]
    for template in templates:
        if not any(Path(check["file_path"]).name == template.name for check in judged):
            # A template may hold nothing that checkov knows; its resource count still says that it was read.
            if not report["summary"]["resource_count"]:
                raise ToolFailed(f"checkov looked at nothing in {template.name}")
    for check in results["failed_checks"]:
        yield Finding("checkov", Path(check["file_path"]).name, check["check_id"],
                      f"{check['resource']}: {check['check_name']}")
    skipped = {(Path(check["file_path"]).name, check["resource"].rpartition(".")[2], check["check_id"])
               for check in results["skipped_checks"]}
    for template in templates:
        for logical, rule, reason in checkov_skips(template):
            if (template.name, logical, rule) not in skipped:
                yield Finding("checkov", template.name, rule, f"{logical}: skipped for nothing")
            if len(reason) < REASON:
                yield Finding("checkov", template.name, rule, f"{logical}: skipped without a reason")


def checkov_skips(template: Path) -> Iterable[tuple[str, str, str]]:
    """The exceptions for checkov in a template: logical id, rule, reason."""
    resources = yaml.load(template.read_text(encoding="utf-8"), Loader).get("Resources", {})
    for logical, resource in resources.items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            yield logical, skip["id"], skip.get("comment") or ""


# The slowest first.
TOOLS = {
    "checkov": checkov,
    "sam": sam_validate,
    "cfn-lint": cfn_lint,
    "cloudformation-validate": cloudformation_validate,
}
