"""Which notebooks ``opslib run-all`` runs, and in which order."""

from __future__ import annotations

import os
from collections.abc import Sequence

from opslib.cli import output
from opslib.errors import ParameterError
from opslib.parameters.problems import nearest
from opslib.runner import catalog
from opslib.runner.catalog import Notebook
from opslib.runner.history import usual_seconds
from opslib.runner.project import Project
from opslib.runner.request import RunRequest

__all__ = ["choose_notebooks", "order_requests", "usable_cores"]


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def choose_notebooks(project: Project, environment: str) -> list[Notebook]:
    """Return the notebooks that an environment has a parameter file for, as the catalog has them.

    A file whose name is nearly a notebook's is told of: its report would be missing silently.

    Raises:
        ParameterError: there is no such environment, or no notebook in it.
    """
    folder = project.root / "parameters" / environment
    files = {path.stem for path in folder.glob("*.yaml")}
    known = {notebook.name for notebook in catalog.CATALOG}
    for name in sorted(files - known):
        near = nearest(name, known - files)
        if near:
            output.tell(f"{project.relative(folder / name)}.yaml is no notebook's{near}")
    chosen = [notebook for notebook in catalog.CATALOG if notebook.name in files]
    if not chosen:
        raise ParameterError(
            "there is no parameter file of any notebook",
            where=project.relative(folder),
            remedy=f"Write them: opslib init -e {environment}",
        )
    return chosen


def order_requests(requests: Sequence[RunRequest]) -> list[RunRequest]:
    """Return requests in the order to begin them: the longest first, what changes AWS last.

    The longest first ends soonest (Graham, "Bounds on multiprocessing timing anomalies", 1969);
    the others have then mostly read before a drill makes what they would find.
    """

    def key(request: RunRequest) -> tuple[bool, float]:
        name, parameters = request.notebook.name, request.parameters
        usual = usual_seconds(request.project.reports, name, parameters.environment)
        seconds = usual if usual is not None else float(request.notebook.expect(parameters).calls)
        return parameters.changes_aws, -seconds

    return sorted(requests, key=key)
