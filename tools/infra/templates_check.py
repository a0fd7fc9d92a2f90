"""Hold the templates of infra/ against every checker there is, and then the checkers against planted errors.

Linters: cfn-lint, cloudformation-validate, `sam validate --lint`, checkov. Our own: references, wiring, sam_schema.
Nothing is asked of the network. See linters.py for how a finding is settled.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linters import ROOT, TOOLS, Finding, ToolFailed
from references import references
from sam_schema import sam_schema
from template_breaks import BREAKS, Break, planted
from wiring import wiring

INFRA = ROOT / "infra"
Checker = Callable[[list[Path]], Iterable[Finding]]


def each(check: Callable[[Path], Iterable[Finding]]) -> Checker:
    """A checker of one template, for several."""
    return lambda templates: [finding for template in templates for finding in check(template)]


CHECKERS: dict[str, Checker] = {
    **TOOLS, "references": each(references), "wiring": each(wiring), "sam-schema": each(sam_schema)}


def missed(tool: str, checker: Checker) -> list[str]:
    """The planted errors of a tool that it does not find."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for broken, template in planted(Path(folder), INFRA, tool):
            if template is None:
                found.append(f"{broken.template} no longer holds the text that `{broken.name}` breaks: {broken.text}")
            elif not seen(broken, checker([template])):
                found.append(f"{tool} does not find {broken.name} in {broken.template} ({broken.rule})")
    return found


def seen(broken: Break, findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is of the rule that was broken."""
    return any(broken.rule in ("*", finding.rule) for finding in findings)


def troubles(tool: str, templates: list[Path], breaks: bool) -> list[str]:
    """What a tool finds in the templates, or which planted errors it does not find in copies of them."""
    try:
        found = [str(finding) for finding in CHECKERS[tool](templates)]
        return found or (missed(tool, CHECKERS[tool]) if breaks else [])
    except ToolFailed as error:
        return [str(error)]


def main() -> int:
    """Run the checkers named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=CHECKERS, action="append", help="this checker and no other")
    parser.add_argument("--no-breaks", action="store_true", help="plant no errors: for a quick look while writing")
    arguments = parser.parse_args()
    templates = sorted(INFRA.glob("*.yaml"))
    if not templates:
        print("templates: there is none in infra/", file=sys.stderr)
        return 1
    started = time.monotonic()
    tools = arguments.only or list(CHECKERS)
    # Most of the time the linters wait for themselves to start, so two run beside each other.
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = pool.map(lambda tool: troubles(tool, templates, not arguments.no_breaks), tools)
        for tool, said in zip(tools, answers, strict=True):
            if said:
                print("\n".join(said), file=sys.stderr)
                print(f"templates: {tool} is not content", file=sys.stderr)
                return 1
    broken = 0 if arguments.no_breaks else sum(each.tool in tools for each in BREAKS)
    print(f"templates: {len(templates)} templates, {len(tools)} checkers, {broken} planted errors found, "
          f"in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
