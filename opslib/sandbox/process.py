"""Starting, finding and ending a sandbox, without importing what it is made of."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from opslib.errors import OpsError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that answers.

    Args:
        endpoint: its URL.
        pid: the server's process.
        scenario: what it shows.
        seed: which story of it.
        epoch: the moment that it lives in, ISO.
        access_key_id: the payer's key, made up.
        secret_access_key: its secret, made up.
    """

    endpoint: str
    pid: int
    scenario: str
    seed: int
    epoch: str
    access_key_id: str
    secret_access_key: str

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that lead every AWS client here.

        The caller takes AWS_PROFILE, AWS_SESSION_TOKEN and the like out of the environment.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
        }


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
    """End a sandbox; wait until it is gone where this process started it."""
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


def _state_file() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415

    named = os.environ.get("OPSLIB_SANDBOX_STATE")
    return Path(named) if named else user_state_path("opslib") / "sandbox.json"


def write_state(sandbox: RunningSandbox) -> None:
    """Note the sandbox that `opslib sandbox up` started."""
    file = _state_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(sandbox)), encoding="utf-8")


def read_state() -> RunningSandbox | None:
    """Return the sandbox that is up, or None."""
    try:
        noted = RunningSandbox(**json.loads(_state_file().read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return noted if _answers(noted) else None


def _answers(sandbox: RunningSandbox) -> bool:
    address = urlsplit(sandbox.endpoint)
    try:
        with socket.create_connection((address.hostname, address.port or 0), timeout=1):
            return True
    except OSError:
        return False


def clear_state() -> None:
    """Forget the sandbox that was up."""
    _state_file().unlink(missing_ok=True)
