#!/usr/bin/env python3
"""Send one ECS event through the real task-monitor, on this machine only.

MiniStack plays SNS and SQS, `cargo lambda watch` plays Lambda and builds the function.
The script invokes the function with an event file, then takes the alert out of a queue
that is subscribed to the alert topic and shows it as a subscriber would get it.
The same stop of another task is counted in the alert table and raises no second alert.
An event that should stay quiet shows that not every stopped task raises an alert.

Run it with the Python of the venv that venv.sh makes:

    .venv/bin/python tools/demo/task_monitor_demo.py
"""

import argparse
import functools
import json
import shutil
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

try:
    import boto3

    import alert_table
    import cargo_lambda
    import emulator
    from processes import none_left_behind
except ModuleNotFoundError as missing:
    sys.exit(f"demo: no {missing.name}: run tools/demo/venv.sh, then this with .venv/bin/python")
from report import DemoFailed, event_block, shown

REPO_ROOT = Path(__file__).resolve().parents[2]
EVENT = "events-fixtures/ecs-task-state-change/essential-container-exited--service-exit-1.json"

# Time limits, in seconds.
FIRST_INVOKE = 15 * 60  # builds the function: up to 10 minutes on a slow machine
INVOKE = 60  # the function's own limit in AWS; a built one answers in milliseconds
ALERT = 20  # the longest long poll SQS allows; the alert is there in milliseconds
SECOND_ALERT = 1  # a duplicate would come right behind the first
QUIET = 3  # the function has answered by then, so an alert would be on its way already


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    option = functools.partial(parser.add_argument, type=Path)
    option("--event", metavar="PATH", help=f"must raise an alert (default: {EVENT})")
    option("--quiet-event", metavar="PATH", help="must raise none (default: skip this part)")
    where = "workspace with the package task-monitor (default: this repository)"
    option("--project", metavar="DIR", default=REPO_ROOT, help=where)
    check = "for tests: print one line, exit with 0 or 1"
    parser.add_argument("--check", action="store_true", help=check)
    return parser.parse_args()


def check_inputs(files: list[Path]) -> None:
    """Say what is missing before anything is started."""
    if shutil.which("cargo") is None:
        raise DemoFailed("cargo is missing: install Rust")
    for path in files:
        if not path.is_file():
            raise DemoFailed(f"there is no file {shown(path)}")


def run(options: argparse.Namespace, say: Callable[[str], None]) -> str:
    """Tell the story and return its last line."""
    project: Path = options.project.resolve()
    event: Path = (options.event or project / EVENT).resolve()
    quiet: Path | None = options.quiet_event and options.quiet_event.resolve()
    check_inputs([project / "Cargo.toml", event, *([quiet] if quiet else [])])
    folder = project / "target" / "demo"
    folder.mkdir(parents=True, exist_ok=True)

    emulator.leave_real_aws()
    say("starting MiniStack: SNS, SQS and DynamoDB")
    endpoint = emulator.start_emulator(folder)
    mailbox = emulator.create_mailbox(endpoint)
    alert_table.create_table(boto3.client("dynamodb", endpoint_url=endpoint))
    say(f"starting cargo lambda watch: {cargo_lambda.FUNCTION}")
    function = cargo_lambda.start_function(project, folder, endpoint, mailbox.topic_arn, alert_table.TABLE)
    log = function.watch.log
    say(f"  the first build takes minutes, {shown(log)} shows it")

    lines = function.invoke(event, FIRST_INVOKE)
    alerts = mailbox.receive(ALERT)
    alerts += mailbox.receive(SECOND_ALERT)
    if len(alerts) != 1:
        raise DemoFailed(f"{len(alerts)} alerts arrived for {shown(event)}, 1 was expected", log)
    say(event_block(event, alerts, lines))
    check_incident(event, folder, function, mailbox, endpoint)
    say("\nthe same of another task: counted in the incident of the table, and no second alert")
    if not quiet:
        return "demo: 1 alert arrived for 2 stops"

    lines = function.invoke(quiet, INVOKE)
    if mailbox.receive(QUIET):
        raise DemoFailed(f"an alert arrived for {shown(quiet)}, none was expected", log)
    say(event_block(quiet, [], lines))
    return "demo: 1 alert arrived for 2 stops, 0 for the quiet event"


def check_incident(
    event: Path,
    folder: Path,
    function: cargo_lambda.Function,
    mailbox: emulator.Mailbox,
    endpoint: str,
) -> None:
    """Let another task stop in the same way: it is counted, and nobody is told."""
    stop = json.loads(event.read_text(encoding="utf-8"))
    stop["id"] = str(uuid.uuid4())
    arn = stop["detail"]["taskArn"]
    stop["detail"]["taskArn"] = arn.rpartition("/")[0] + "/" + uuid.uuid4().hex
    another = folder / "another-task.json"
    another.write_text(json.dumps(stop), encoding="utf-8")
    function.invoke(another, INVOKE)
    if mailbox.receive(QUIET):
        raise DemoFailed("a second alert arrived for one incident", function.watch.log)
    found = [(incident["course"]["count"], incident["course"]["told"])
             for incident in alert_table.incidents(endpoint)]
    if found != [(2, 1)]:
        wrong = f"the table holds incidents of (stops, told) {found}, and not one of (2, 1)"
        raise DemoFailed(wrong, function.watch.log)


def main() -> int:
    """Run the demo, print its last line and return its exit code."""
    options = parse_options()
    print_now = functools.partial(print, flush=True)
    try:
        with none_left_behind():
            last_line = run(options, (lambda text: None) if options.check else print_now)
    except DemoFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(last_line if options.check else f"\n{last_line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
