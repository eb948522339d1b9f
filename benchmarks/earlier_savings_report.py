"""A savings report as the runner publishes one, for a later run to go on with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from opslib.analysis.savings import SavingsReport, report_tables
from opslib.parameters.savings import SavingsParameters
from opslib.run_folder import RunFolder
from opslib.runner.catalog import find_notebook
from opslib.runner.manifest import Manifest, RunStatus, hash_files, write_manifest
from opslib.runner.past_tables import write_past_tables
from opslib.runner.results import record_results

__all__ = ["hand_on", "publish_report"]


def publish_report(reports: Path, report: SavingsReport) -> None:
    """Write a report's folder below ``reports``, as a run of its moment leaves it."""
    parameters = report.parameters
    moment = parameters.as_of
    name = f"{parameters.notebook}-{moment:%H%M%S}Z"
    folder = reports / f"{moment:%Y-%m-%d}" / parameters.environment / name
    folder.mkdir(parents=True)
    record_results(RunFolder(path=folder), report.document(), report_tables(report))
    manifest = Manifest(
        notebook=parameters.notebook,
        question=find_notebook(parameters.notebook).question,
        environment=parameters.environment,
        parameters=parameters.model_dump(mode="json"),
        started=moment.isoformat(),
        status=RunStatus.PUBLISHED,
        files=hash_files(folder),
    )
    write_manifest(folder, manifest)


def hand_on(reports: Path, folder: Path, as_of: datetime, environment: str = "sandbox") -> None:
    """Give a run's folder what the runner gives it of earlier reports."""
    parameters = SavingsParameters.parse({"as_of": as_of, "environment": environment})
    write_past_tables(folder, reports, find_notebook(parameters.notebook), parameters)
