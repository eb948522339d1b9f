"""The cell by which the kernel of a working copy learns where it reads from and writes to.

A cell, and no variable of the server's, so that several copies can be open in one JupyterLab, and
in any other front end.
"""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

from opslib.lab.working_copy import WorkingCopy, read_copy
from opslib.present.html import Html, text
from opslib.runner.kernel import aws_environ
from opslib.runner.project import find_project
from opslib.wording import join

__all__ = ["enter"]

SANDBOX = "sandbox"
RUNNER_VARIABLES = ("OPSLIB_RUN_FOLDER", "OPSLIB_REPLAY", "OPSLIB_RUN_ID", "OPSLIB_PROGRESS")

INTERRUPTED = "Interrupted. Run the cell again: it goes on from what was read."


def enter(place: str) -> Html:
    """Make this kernel read and write in the folder of a working copy; say what that means.

    A copy of a recorded run loses every AWS variable: there is nothing to ask AWS.

    Args:
        place: the copy's folder, from the project's root.

    Raises:
        ParameterError: there is no working copy there, or no project around.
    """
    project = find_project(Path.cwd())
    folder = project.root / place
    copy = read_copy(folder)
    environ = {name: value for name, value in os.environ.items() if name not in RUNNER_VARIABLES}
    environ = {**_aws_of(copy, environ), "OPSLIB_RUN_FOLDER": str(folder)}
    environ["OPSLIB_PROJECT"] = str(project.root)
    if copy.run:
        environ["OPSLIB_REPLAY"] = "1"
        environ |= {"OPSLIB_RUN_ID": copy.run_id} if copy.run_id else {}
    os.environ.clear()
    os.environ.update(environ)
    _shorten_interrupts()
    return _told(copy)


def _aws_of(copy: WorkingCopy, environ: dict[str, str]) -> dict[str, str]:
    """Return the variables of a kernel: AWS's own only where AWS, or what it names, is read."""
    in_sandbox = copy.environment == SANDBOX and "AWS_ENDPOINT_URL" not in environ
    return aws_environ(environ, {}) if copy.run or in_sandbox else environ


def _shorten_interrupts() -> None:
    """Have Kernel > Interrupt say in one line how to go on; it is no error to look into."""
    if not getattr(builtins, "__IPYTHON__", False):
        return
    from IPython import get_ipython  # noqa: PLC0415

    def show(shell: Any, kind: type, error: BaseException, _trace: Any, **_: Any) -> list[str]:
        lines = [INTERRUPTED]
        shell._showtraceback(kind, error, lines)  # noqa: SLF001  what IPython's own handler calls
        return lines

    get_ipython().set_custom_exc((KeyboardInterrupt,), show)


def _told(copy: WorkingCopy) -> Html:
    if not copy.run:
        said = f"Reads environment {copy.environment}; what was read already is not asked for again"
        return _line(f"{said}. To read all anew, delete the folder evidence/ beside it.")
    said = f"The recorded run {copy.run}: everything comes from its evidence, nothing from AWS."
    if copy.changed:
        said += f" Not as its manifest says: {join(copy.changed)}."
    return _line(said)


def _line(said: str) -> Html:
    return Html(f'<p class="ops-note">{text(said)}</p>', said)
