"""Child processes: started so that they can be found again, and none left behind."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from report import DemoFailed

HOST = "127.0.0.1"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# In seconds.
POLL = 0.1  # pause between two looks at anything
GENTLE = 5  # cargo lambda watch gives its children 1 second to end
FORCED = 2  # nothing can refuse SIGKILL; this only waits for the kernel


@dataclass(frozen=True)
class Server:
    """A child that stays up, and the file its output goes to."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def wait_ready(self, port: int, limit: float) -> None:
        """Wait until it listens, but not for one that has ended."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            self.fail_if_ended()
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=2):
                return
            time.sleep(POLL)
        raise DemoFailed(f"{self.name} was not ready within {limit} s", self.log)

    def fail_if_ended(self) -> None:
        """Tell of an early end at once rather than when a time limit is over."""
        status = self.process.poll()
        if status is not None:
            raise DemoFailed(f"{self.name} ended with status {status}", self.log)

    def has_children(self) -> bool:
        """Whether a child of its own runs; one that has died may not be collected yet."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children()
            return any(child.status() != psutil.STATUS_ZOMBIE for child in children)
        return False


def start(name: str, command: list[str], log: Path, env: dict[str, str]) -> Server:
    """Start a server in the log's folder, and in a session of its own: Ctrl-C is for the script."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=log.parent,
            start_new_session=True,
        )
    return Server(name, log, process)


def free_port() -> int:
    """Find a port that was free a moment ago; a server that loses it says so and ends."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def none_left_behind() -> Iterator[None]:
    """End every process below this one when the block ends, whatever ends it."""
    for number in ENDINGS:  # an ordinary exit, so that the clean-up below runs
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    # A cargo that watch starts while it is being stopped loses its parent; Linux can give it
    # to us. Elsewhere it ends by itself, as it can't reach watch.
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)
    try:
        yield
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C
        end_children(signal.SIGTERM, GENTLE)
        end_children(signal.SIGKILL, FORCED)


def end_children(number: signal.Signals, patience: float) -> None:
    """Signal all there are, and again those that have started meanwhile."""
    deadline = time.monotonic() + patience
    while running := psutil.Process(os.getpid()).children(recursive=True):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        for process in running:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(running, timeout=left)
