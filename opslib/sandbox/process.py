"""Starting, finding and ending a sandbox, without importing what it is made of."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opslib.errors import OpsError
from opslib.local_sandbox import RunningSandbox, clear_state, read_state, write_state

__all__ = [
    "DEFAULT_EPOCH",
    "RunningSandbox",
    "clear_state",
    "read_state",
    "running_sandbox",
    "start_sandbox",
    "stop_sandbox",
    "write_state",
]

DEFAULT_EPOCH = "2026-03-02T06:00:00+00:00"
STDERR_LINES = 5
STOP_SECONDS = 5


def start_sandbox(
    *,
    scenario: str = "troubled",
    seed: int = 1,
    epoch: str = DEFAULT_EPOCH,
    port: int = 0,
    with_parent: bool = True,
    timeout_seconds: float = 60,
) -> RunningSandbox:
    """Start a sandbox and wait until it answers.

    Args:
        scenario: steady, troubled, denied or empty.
        seed: which story of it.
        epoch: the moment that it lives in.
        port: 0 for a free one.
        with_parent: end it when this process is gone.
        timeout_seconds: how long to wait.

    Raises:
        OpsError: it did not start; with the last lines that it wrote.
    """
    with tempfile.TemporaryDirectory(prefix="opslib-sandbox-") as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "stderr.txt"
        command = [sys.executable, "-m", "opslib.sandbox.server", "--ready-file", str(ready)]
        command += ["--scenario", scenario, "--seed", str(seed), "--epoch", epoch]
        command += ["--port", str(port)]
        command += ["--parent", str(os.getpid())] if with_parent else []
        with log.open("w") as errors:
            process = subprocess.Popen(  # noqa: S603  our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        _wait_until_ready(process, ready, log, timeout_seconds)
        _CHILDREN[process.pid] = process
        return RunningSandbox(**json.loads(ready.read_text(encoding="utf-8")))


_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""The servers that this process started, so that their end is noticed."""


def _wait_until_ready(
    process: subprocess.Popen[bytes], ready: Path, log: Path, timeout_seconds: float
) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not ready.exists():
        if process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
            continue
        process.kill()
        process.wait()
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise OpsError(
            "the sandbox did not start",
            where=" / ".join(said[-STDERR_LINES:]) or "no output",
            remedy="Run `make environment`, and check that the port is free.",
        )


def stop_sandbox(sandbox: RunningSandbox) -> None:
    """End a sandbox; wait until it is gone where this process started it.

    Raises:
        OpsError: its process number is another program's by now.
    """
    if not _is_sandbox(sandbox.pid):
        raise OpsError(
            f"process {sandbox.pid} is not a sandbox, and is left alone",
            where=sandbox.endpoint,
            remedy="Delete the state file that opslib sandbox status names, or end it by hand.",
        )
    try:
        os.kill(sandbox.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    child = _CHILDREN.pop(sandbox.pid, None)
    if child is None:
        return
    try:
        child.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _is_sandbox(pid: int) -> bool:
    """Say whether a process runs our server, or is gone already."""
    command = ["ps", "-p", str(pid), "-o", "command="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return not listed.stdout.strip() or "opslib.sandbox.server" in listed.stdout


@contextmanager
def running_sandbox(
    *, scenario: str = "troubled", seed: int = 1, epoch: str = DEFAULT_EPOCH
) -> Iterator[RunningSandbox]:
    """Run a sandbox for the length of a block."""
    sandbox = start_sandbox(scenario=scenario, seed=seed, epoch=epoch)
    try:
        yield sandbox
    finally:
        stop_sandbox(sandbox)
