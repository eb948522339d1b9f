"""The cell by which the kernel of a working copy learns where it reads from and writes to.

A cell, and no variable of the server's, so that several copies can be open in one JupyterLab, and
in any other front end.
"""

from __future__ import annotations

import os
from pathlib import Path

from opslib.lab.working_copy import WorkingCopy, read_copy
from opslib.present.html import Html, text
from opslib.runner.kernel import aws_environ
from opslib.runner.project import find_project
from opslib.wording import join

__all__ = ["enter"]

SANDBOX = "sandbox"
RUNNER_VARIABLES = ("OPSLIB_RUN_FOLDER", "OPSLIB_REPLAY", "OPSLIB_RUN_ID", "OPSLIB_PROGRESS")


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
    return _told(copy)


def _aws_of(copy: WorkingCopy, environ: dict[str, str]) -> dict[str, str]:
    """Return the variables of a kernel: AWS's own only where AWS, or what it names, is read."""
    in_sandbox = copy.environment == SANDBOX and "AWS_ENDPOINT_URL" not in environ
    return aws_environ(environ, {}) if copy.run or in_sandbox else environ


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
