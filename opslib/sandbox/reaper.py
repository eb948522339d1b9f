"""Ends the PostgreSQL servers of a sandbox that was killed.

A small process that holds the reading end of a pipe: it sleeps until the other end is closed,
which the kernel does however the sandbox went. Run as ``python -m opslib.sandbox.reaper``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Reaper", "main", "start_reaper"]

GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reaper:
    """The process that waits for our end."""

    process: subprocess.Popen[bytes]

    def dismiss(self) -> None:
        """Let it end, since everything is cleared already."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def start_reaper(folder: Path) -> Reaper:
    """Start a process that clears ``folder`` once this one is gone.

    Args:
        folder: holds the folders of servers, ``<name>/data`` each.
    """
    command = [sys.executable, "-S", str(Path(__file__)), str(folder)]
    process = subprocess.Popen(  # noqa: S603  this very file
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Reaper(process)


def main() -> None:
    """Wait for the end of standard input, then end the servers and delete their folder."""
    sys.stdin.buffer.read()
    folder = Path(sys.argv[1])
    pids = [_pid(file) for file in folder.glob("*/data/postmaster.pid")]
    for pid in pids:
        _signal(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(folder.glob("*/data/postmaster.pid")):
        time.sleep(0.05)
    for file in folder.glob("*/data/postmaster.pid"):
        _signal(_pid(file), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _pid(file: Path) -> int:
    with suppress(OSError, ValueError):
        return int(file.read_text(encoding="utf-8").splitlines()[0])
    return 0


def _signal(pid: int, number: signal.Signals) -> None:
    if pid > 0:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


if __name__ == "__main__":
    main()
