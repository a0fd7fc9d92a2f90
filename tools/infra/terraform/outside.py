"""What other people's tools say of the module: `terraform fmt`, and checkov's checks of its settings.

A finding of checkov is settled in the file, by a change or by a comment `# checkov:skip=CHECK:reason` in the resource.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from .blocks import ModuleError

SECONDS = 240
SKIP = re.compile(r"# checkov:skip=(?P<check>\w+):?(?P<reason>.*)")
REASON = 20


def formatted(terraform: str, modules: Path) -> list[str]:
    """What `terraform fmt` would change."""
    command = [terraform, "fmt", "-check", "-recursive", str(modules)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    return (
        [] if run.returncode == 0 else [f"terraform fmt would change {line}" for line in (run.stdout or run.stderr).split()]
    )


def checkov(program: Path, modules: Path) -> tuple[list[str], int]:
    """Failed checks, exceptions without a reason or for nothing, and how many checks there were."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "LOG_LEVEL": "ERROR",
    }
    command = [str(program), "--directory", str(modules), "--framework", "terraform", "--compact", "--skip-download"]
    run = subprocess.run(
        [*command, "--output", "json"], env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    try:
        results = json.loads(run.stdout)["results"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ModuleError(f"checkov said nothing that can be read: {(run.stderr or run.stdout)[-300:]}") from error
    problems = [f"checkov could not read {file}" for file in results["parsing_errors"]]
    problems += [
        f"{each['check_id']} of checkov: {each['resource']}: {each['check_name']}" for each in results["failed_checks"]
    ]
    skipped = {(Path(each["file_path"]).name, each["check_id"]) for each in results["skipped_checks"]}
    for path in sorted(modules.rglob("*.tf")):
        for found in SKIP.finditer(path.read_text(encoding="utf-8")):
            if (path.name, found["check"]) not in skipped:
                problems.append(f"{path.name}: {found['check']} is skipped for nothing")
            if len(found["reason"]) < REASON:
                problems.append(f"{path.name}: {found['check']} is skipped without a reason")
    checks = len(results["passed_checks"]) + len(results["skipped_checks"])
    if not checks:
        problems.append("checkov looked at nothing")
    return problems, checks
