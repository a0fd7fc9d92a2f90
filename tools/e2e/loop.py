#!/usr/bin/env python3
"""Deploy the template into MiniStack and run the real functions behind its real rules.

`sam deploy` puts infra/template.yaml and debug binaries there; the simulated fleet stands for
ECS and Auto Scaling. Each scenario is one line with its time. Nothing leaves this machine.

    make e2e
"""

import argparse
import contextlib
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import deployment
import world as worlds
from botocore.exceptions import BotoCoreError, ClientError
from emulator import leave_real_aws
from fleet import REGION
from processes import none_left_behind
from report import shown
from scenarios import (
    container_ends,
    drain_stuck,
    every_call,
    host_in_trouble,
    instance_goes,
    instance_protected,
    poison_message,
    service_below_desired,
    service_in_trouble,
    task_crashes,
    tick,
    undeploy,
    volume_runs_low,
    what_is_watched,
)

SCENARIOS = [task_crashes, container_ends, instance_goes, instance_protected, drain_stuck, poison_message, tick,
             service_in_trouble, service_below_desired, volume_runs_low, host_in_trouble, every_call, what_is_watched, undeploy]
TAIL = 40


def timed(title: str, act: Callable[[], object]) -> None:
    """Do something and say how long it took."""
    began = time.monotonic()
    act()
    print(f"e2e: {title} ({time.monotonic() - began:.1f} s)", flush=True)


def name_of(scenario: ModuleType) -> str:
    """The name of a scenario's file."""
    return scenario.__name__.rpartition(".")[2]


def title_of(scenario: ModuleType) -> str:
    """The first line of a scenario's docstring."""
    return (scenario.__doc__ or "").partition("\n")[0].rstrip(".")


def explain(title: str, failure: Exception, world: worlds.World | None) -> None:
    """Say what failed, with the ends of the logs."""
    ours = [frame for frame in traceback.extract_tb(failure.__traceback__) if "/e2e/" in frame.filename]
    place = f"{shown(Path(ours[-1].filename))}:{ours[-1].lineno}, {ours[-1].line}" if ours else "?"
    print(f"e2e: failed: {title}: {type(failure).__name__}: {failure}\nat {place}", file=sys.stderr)
    if world is None:
        return
    if world.bus.failure:
        print(world.bus.failure, file=sys.stderr)
    logs = [world.folder / "ministack.log"]
    with contextlib.suppress(BotoCoreError, ClientError):  # MiniStack may be what failed
        logs = [*world.save_logs(), *logs]
    for log in logs:
        print(f"--- end of {shown(log)}", file=sys.stderr)
        print("\n".join(log.read_text(errors="replace").splitlines()[-TAIL:]), file=sys.stderr)


def run(folder: Path, wanted: list[str]) -> int:
    """Run the scenarios; the exit code."""
    title, world = "deploy the template with sam deploy", None
    count = 0
    try:
        made: list[worlds.World] = []
        timed(title, lambda: made.append(worlds.build(folder)))
        world = made[0]
        for scenario in SCENARIOS:
            if wanted and name_of(scenario) not in wanted:
                continue
            title = title_of(scenario)
            timed(title, lambda scenario=scenario, world=world: scenario.run(world))
            count += 1
    except Exception as failure:  # whatever it is, the logs say more
        explain(title, failure, world)
        return 1
    passed = "1 scenario" if count == 1 else f"{count} scenarios"
    print(f"e2e: {passed} passed, {len(world.record.calls)} calls in {shown(world.record.path)}")
    return 0


def main() -> int:
    """Set the stage, run, and leave nothing behind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [name_of(scenario) for scenario in SCENARIOS]
    parser.add_argument("--only", nargs="+", choices=names, default=[], help="only these scenarios")
    wanted = parser.parse_args().only
    folder = deployment.ROOT / "target" / "e2e"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    leave_real_aws(REGION)
    os.environ["TMPDIR"] = str(folder / "tmp")
    with none_left_behind():
        return run(folder, wanted)


if __name__ == "__main__":
    sys.exit(main())
