"""JupyterLab over a project: on 127.0.0.1, with a token, for as long as it is wanted."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from opslib.errors import OpsError
from opslib.runner.project import Project

__all__ = ["LAUNCHER", "LabServer", "find_lab", "running_lab"]

LAUNCHER = "opslib"
"""Address of the page that lists the notebooks (`opslib.lab.launcher`)."""

CONFIG = Path(__file__).parent / "config"
"""Settings of JupyterLab: nothing asks the internet for news or newer versions."""

START_SECONDS = 60
STOP_SECONDS = 15
OPTIONS = (
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.open_browser=False",
    "--ServerApp.log_level=WARN",
    "--ServerApp.jpserver_extensions=opslib.lab.launcher=True",
    "--LabApp.log_level=WARN",
    "--KernelManager.transport_encryption=auto",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabServer:
    """A JupyterLab that answers.

    Args:
        url: its root, with a slash at the end.
        token: whoever has it may run code here.
        project: whose notebooks it shows.
        process: its process, where this one started it.
    """

    url: str
    token: str
    project: Project
    process: subprocess.Popen[bytes] | None = None

    def address(self, path: Path | None = None) -> str:
        """Return what to open in a browser: a file of the project, or the page of notebooks."""
        place = f"lab/tree/{quote(self.project.relative(path))}" if path else LAUNCHER
        return f"{self.url}{place}?{urlencode({'token': self.token})}"


def find_lab(project: Project) -> LabServer | None:
    """Return a JupyterLab that runs over the project already, whoever started it."""
    from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415  0.5 s

    for told in list_running_servers():
        if Path(told["root_dir"]).resolve() == project.root:
            return LabServer(url=told["url"], token=told["token"], project=project)
    return None


@contextmanager
def running_lab(
    project: Project, *, environment: str, ambient: Mapping[str, str], port: int = 8888
) -> Iterator[LabServer]:
    """Run JupyterLab for the length of a block; its kernels end with it.

    Args:
        project: its root is what JupyterLab shows.
        environment: whose parameters its page of notebooks puts in place.
        ambient: environment variables, which kernels inherit.
        port: the first one to try; the next that is free is taken.

    Raises:
        OpsError: it did not start.
    """
    token = secrets.token_urlsafe(24)
    environ = {
        **ambient,
        "JUPYTER_TOKEN": token,  # not an argument, which every user of the machine could read
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [str(CONFIG), ambient.get("JUPYTER_CONFIG_PATH")])
        ),
        "OPSLIB_PROJECT": str(project.root),
        "OPSLIB_LAB_ENVIRONMENT": environment,
    }
    options = [*OPTIONS, f"--ServerApp.root_dir={project.root}", f"--ServerApp.port={port}"]
    options += ["--ServerApp.allow_root=True"] if os.geteuid() == 0 else []
    process = subprocess.Popen(  # noqa: S603  JupyterLab of our own Python
        [sys.executable, "-m", "jupyterlab", *options],
        env=environ,
        cwd=project.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours; JupyterLab would ask whether it is meant
    )
    try:
        url = _wait_for(process, environ)
        yield LabServer(url=url, token=token, project=project, process=process)
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], environ: Mapping[str, str]) -> str:
    """Return the URL of a server that has begun to listen."""
    file = _runtime_folder(environ) / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["url"])
        except (OSError, ValueError):  # not there yet, or half written
            time.sleep(0.1)
    raise OpsError(
        "JupyterLab did not start",
        where="no answer" if process.poll() is None else f"it ended with {process.returncode}",
        remedy="What it wrote is above; try: jupyter lab",
    )


def _runtime_folder(environ: Mapping[str, str]) -> Path:
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415

    named = environ.get("JUPYTER_RUNTIME_DIR")
    return Path(named or jupyter_runtime_dir())


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server; it ends its kernels."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
