"""A project with one tiny notebook, which does what its parameter says.

As a module it is the command line over that notebook: ``python -m tests.runner.tiny run ...``.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from opslib.cli import command_line
from opslib.parameters.base import NotebookParameters
from opslib.runner import catalog
from opslib.runner.catalog import ExpectedReads, Notebook
from opslib.runner.execute import TimeLimits
from opslib.runner.project import Project
from opslib.runner.request import FinishedRun, RunRequest
from opslib.runner.run import run_notebook

STARTED = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


class TinyParameters(NotebookParameters):
    """Parameters of the tiny notebook."""

    notebook: ClassVar[str] = "tiny"
    behaviour: Annotated[
        Literal["finish", "exit", "raise", "deny", "sleep", "die", "silent"],
        Field(description="what it does"),
    ] = "finish"
    name: Annotated[str, Field(description="a name from outside")] = "plain"


TINY = Notebook(
    name="tiny",
    question="Does the runner keep its word?",
    parameters=TinyParameters,
    expect=lambda _: ExpectedReads(calls=3, usd=Decimal("0.02")),
)


def make_project(root: Path) -> Project:
    """Return a project with the tiny notebook and its parameters for ``test``."""
    (root / "notebooks").mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "notebooks" / "tiny.ipynb", root / "notebooks")
    (root / "parameters" / "test").mkdir(parents=True)
    (root / "parameters" / "test" / "tiny.yaml").write_text("environment: test\n")
    policy = root / "deploy" / "iam" / "tiny.json"
    policy.parent.mkdir(parents=True)
    policy.write_text('{"Statement": [{"Action": ["ce:GetCostAndUsage", "budgets:ViewBudget"]}]}')
    return Project(root=root)


def request(project: Project, **values: Any) -> RunRequest:
    """Return a request for the tiny notebook; ``limits`` apart, values are parameters."""
    limits = values.pop("limits", TimeLimits())
    moment = {"environment": "test", "as_of": "2026-03-02T06:00:00Z"}
    return RunRequest(
        project=project,
        notebook=TINY,
        parameters=TinyParameters.parse({**moment, **values}),
        started=STARTED,
        limits=limits,
    )


def run(project: Project, **values: Any) -> FinishedRun:
    """Run the tiny notebook."""
    return run_notebook(request(project, **values), lambda *_: None)


def published(project: Project) -> list[Path]:
    """Return the folders of published reports."""
    return sorted(path.parent for path in project.reports.glob("[0-9]*/*/*/run.json"))


def failed(project: Project) -> list[Path]:
    """Return the folders of failed runs."""
    return sorted(path.parent for path in project.reports.glob(".failed/*/*/*/run.json"))


if __name__ == "__main__":
    catalog.CATALOG = (TINY,)
    command_line.main()
