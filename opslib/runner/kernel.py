"""The kernel: a process of our own Python that cannot outlive the run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

__all__ = [
    "aws_environ",
    "import_client",
    "kernel_environ",
    "kill_kernel",
    "running_kernel",
    "using_aws",
]

STDERR = 2
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Either tells the BLAS that numpy and scipy bring how many threads to use."""
NO_AWS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def kernel_environ(
    ambient: Mapping[str, str],
    *,
    run_folder: Path,
    run_id: str = "",
    replay: bool = False,
    aws: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Its BLAS uses one thread, unless ``ambient`` says otherwise: matrices here are small, and
    threads that wait for each other hold up the other runs of a busy machine.

    Args:
        ambient: the runner's own.
        run_folder: where the notebook writes.
        run_id: what everything that it makes in AWS bears; '' where it may make nothing.
        replay: everything comes from evidence; no AWS variable is handed on.
        aws: AWS variables that replace all ambient ones, such as a sandbox's.
    """
    chosen = aws_environ(ambient, aws or {}) if replay or aws is not None else dict(ambient)
    for name in ("OPSLIB_REPLAY", "OPSLIB_RUN_ID"):
        chosen.pop(name, None)
    chosen |= {
        "OPSLIB_RUN_FOLDER": str(run_folder),
        "OPSLIB_HEADLESS": "1",
        "OPSLIB_PROGRESS": "1",  # lines on our standard error, which no notebook keeps
    }
    if not any(chosen.get(name) for name in THREADS):
        chosen[THREADS[0]] = "1"
    chosen |= {"OPSLIB_RUN_ID": run_id} if run_id else {}
    return chosen | ({"OPSLIB_REPLAY": "1"} if replay else {})


def aws_environ(ambient: Mapping[str, str], aws: Mapping[str, str]) -> dict[str, str]:
    """Return ``ambient`` with ``aws`` in place of every AWS variable and every AWS file."""
    others = {name: value for name, value in ambient.items() if not name.startswith("AWS_")}
    return {**others, **NO_AWS, **aws}


def import_client() -> None:
    """Import what starts a kernel, whole, before another thread imports what imports it too.

    Its modules import one another: of two threads at once, one may meet a module half made.
    """
    import jupyter_client  # noqa: F401, PLC0415  slow to import


@contextmanager
def running_kernel(environ: Mapping[str, str], folder: Path) -> Iterator[AsyncKernelManager]:
    """Start a kernel and kill it at the end, whatever happens.

    It is not waited for: its start takes as long as importing papermill, and goes on beside it.

    Args:
        environ: its environment variables.
        folder: its working folder.
    """
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415  slow to import
    from jupyter_core.utils import run_sync  # noqa: PLC0415

    manager = AsyncKernelManager(kernel_name="python3", transport_encryption="auto")
    run_sync(manager.start_kernel)(
        env=dict(environ),
        cwd=str(folder),
        stdout=STDERR,  # ours carries the result
        stderr=STDERR,
        extra_arguments=[
            "--HistoryManager.hist_file=:memory:",
            "--IPKernelApp.capture_fd_output=False",  # progress goes to the terminal
        ],
    )
    try:
        yield manager
    finally:
        kill_kernel(manager)
        manager.cleanup_connection_file()


def kill_kernel(manager: AsyncKernelManager) -> None:
    """Kill the kernel and what it started, by process group; gone already is fine."""
    process = getattr(manager.provisioner, "process", None)
    if process is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def using_aws(aws: Mapping[str, str] | None) -> Iterator[None]:
    """Make this process reach AWS as the kernel did."""
    if aws is None:
        yield
        return
    before = dict(os.environ)
    chosen = aws_environ(os.environ, aws)
    try:
        os.environ.clear()
        os.environ.update(chosen)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
