"""`cargo lambda watch` in the place of Lambda: it builds the function, runs it and asks it."""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from processes import HOST, POLL, Server, free_port, start
from report import DemoFailed

FUNCTION = "task-monitor"
# Not resolved: in a venv this is a link, and the tools lie beside the link.
CARGO_LAMBDA = [str(Path(sys.executable).parent / "cargo-lambda"), "lambda"]

# Time limits, in seconds.
START = 300  # it asks cargo for metadata first, and that may download crates
ABSENT = 5  # it starts cargo at once, so this long without it means it has died
LOG_LAG = 3  # the function's lines may come behind its answer


@dataclass(frozen=True)
class Function:
    """The function behind a running `cargo lambda watch`."""

    watch: Server
    address: list[str]

    def invoke(self, event: Path, limit: float) -> list[str]:
        """Invoke the function, wait for its answer and return its log lines."""
        before = len(self.log())
        call = subprocess.Popen(
            [*CARGO_LAMBDA, "invoke", FUNCTION, *self.address, "--data-file", str(event)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        answer = self.wait_answer(call, limit)
        if call.returncode != 0:
            error = " ".join(answer.partition("Was this behavior")[0].split())
            raise DemoFailed(f"the invocation failed: {error}", self.watch.log)
        deadline = time.monotonic() + LOG_LAG
        while '"_aws"' not in self.log()[before:] and time.monotonic() < deadline:
            time.sleep(POLL)  # the metric is written last
        return self.log()[before:].splitlines()

    def wait_answer(self, call: subprocess.Popen[bytes], limit: float) -> str:
        """Wait for an invocation, but not for a function that has died.

        Watch stays up and answers nothing when the build fails or the function dies, so its
        child is looked at: cargo, which becomes the function when the build is over.
        """
        began = last_seen = time.monotonic()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return call.communicate(timeout=POLL)[0].decode(errors="replace")
            self.watch.fail_if_ended()
            now = time.monotonic()
            if self.watch.has_children():
                last_seen = now
            if now - last_seen > ABSENT:
                raise DemoFailed("the function could not be built, or it has died", self.watch.log)
            if now - began > limit:
                raise DemoFailed(f"the function did not answer within {limit} s", self.watch.log)

    def log(self) -> str:
        """Read all that cargo and the function have written so far."""
        return self.watch.log.read_text(errors="replace")


def start_function(
    project: Path, folder: Path, endpoint: str, topic_arn: str, table: str
) -> Function:
    """Start watch. It builds and runs the function on the first invoke.

    It watches all folders below the current one, even when it ignores changes: in the
    repository root that would be thousands, with target/ and .venv/. So it gets the folder
    of the logs, and what is relative to the root is made absolute.
    """
    env = dict(os.environ, AWS_ENDPOINT_URL=endpoint, ALERT_TOPIC_ARN=topic_arn, ALERT_TABLE=table)
    env.update(LOG_LEVEL="info", METRICS="emf")
    if target := os.environ.get("CARGO_TARGET_DIR"):
        env["CARGO_TARGET_DIR"] = os.path.abspath(target)
    port = free_port()
    # Spelled out, since `invoke -A` means something else.
    address = ["--invoke-address", HOST, "--invoke-port", str(port)]
    command = [*CARGO_LAMBDA, "watch", "--ignore-changes", *address, "--package", FUNCTION]
    command += ["--manifest-path", str(project / "Cargo.toml")]
    watch = start("cargo lambda watch", command, folder / f"{FUNCTION}.log", env)
    watch.wait_ready(port, START)
    return Function(watch, address)
