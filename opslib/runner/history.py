"""Past runs, as their folders tell them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opslib.errors import EvidenceError, NotebookRunError, OpsError, ParameterError
from opslib.evidence.after import TOMBSTONE, read_after
from opslib.findings import FindingsDocument
from opslib.runner.conclusions import read_findings
from opslib.runner.failure import read_error
from opslib.runner.manifest import Manifest, RunStatus, read_manifest

__all__ = [
    "PastRun",
    "find_newest",
    "find_run",
    "previous_run",
    "read_published",
    "read_runs",
    "usual_seconds",
]

RUNS_COUNTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run that ended.

    Args:
        folder: where it is.
        manifest: its ``run.json``.
        findings: what it concluded; None for a failed run, or where that cannot be read.
        error: why it failed; empty for a published one.
        pruned: when its files were deleted, as its tombstone tells; empty where they were not.
    """

    folder: Path
    manifest: Manifest
    findings: FindingsDocument | None
    error: str = ""
    pruned: str = ""


def read_runs(reports: Path) -> list[PastRun]:
    """Return every published and failed run under ``reports``, newest first.

    A folder whose manifest cannot be read is left out; samples are not runs.
    """
    manifests = [*reports.glob("[0-9]*/*/*/run.json"), *reports.glob(".failed/*/*/*/run.json")]
    runs = [run for path in manifests if (run := _read_run(path.parent)) is not None]
    return sorted(runs, key=lambda run: (run.manifest.started_at, run.folder.name), reverse=True)


def previous_run(runs: Sequence[PastRun], run: PastRun) -> PastRun | None:
    """Return the published run of the same notebook and environment before ``run``.

    Args:
        runs: newest first.
        run: one of them.
    """
    for earlier in runs[runs.index(run) + 1 :]:
        if earlier.findings is not None and _same_subject(earlier.manifest, run.manifest):
            return earlier
    return None


def usual_seconds(reports: Path, notebook: str, environment: str) -> float | None:
    """Return the median duration of the last few published runs, or None without any."""
    runs = read_published(reports, notebook, environment, most=RUNS_COUNTED)
    return statistics.median(run.manifest.seconds for run in runs) if runs else None


def read_published(
    reports: Path, notebook: str, environment: str, *, most: int | None = None
) -> list[PastRun]:
    """Return the published runs of one notebook in one environment, newest first.

    Args:
        reports: where reports are published.
        notebook: its name.
        environment: whose runs.
        most: how many of the newest; None for all.
    """
    folders = sorted(
        (path.parent for path in reports.glob(f"[0-9]*/{environment}/{notebook}-*/run.json")),
        key=lambda folder: (folder.parts[-3], folder.name),
        reverse=True,
    )
    runs = [run for folder in folders[:most] if (run := _read_run(folder)) is not None]
    return [run for run in runs if run.manifest.notebook == notebook]


def find_newest(reports: Path, notebook: str, environment: str) -> PastRun:
    """Return the newest run of one notebook in one environment, which was published.

    Raises:
        ParameterError: there is none.
        NotebookRunError: the newest one failed: what one before it says is no news.
    """
    own = (notebook, environment)
    runs = [r for r in read_runs(reports) if (r.manifest.notebook, r.manifest.environment) == own]
    if not runs:
        raise ParameterError(
            f"no run of {notebook} in {environment}",
            where=str(reports),
            remedy=f"Make one: opslib run {notebook} -e {environment}",
        )
    if runs[0].findings is None:
        raise NotebookRunError(
            f"the newest run of {notebook} in {environment} failed: {runs[0].error}",
            where=str(runs[0].folder),
            remedy=f"Run it again: opslib run {notebook} -e {environment}",
        )
    return runs[0]


def find_run(folder: Path) -> PastRun:
    """Return the run in ``folder``.

    Raises:
        ParameterError: there is none.
    """
    run = _read_run(folder)
    if run is None:
        raise ParameterError(
            "no run there: its run.json is absent or cannot be read",
            where=str(folder),
            remedy="Name the folder of a report, such as reports/2026-03-02/prod/...",
        )
    return run


def _read_run(folder: Path) -> PastRun | None:
    try:
        manifest = read_manifest(folder)
    except (OSError, EvidenceError):
        return None
    for each in read_after(folder, TOMBSTONE):
        pruned = str(each.statement.predicate.get("at", "")) if each.statement else ""
        error = f"its files were deleted on {pruned[:10]}"
        return PastRun(folder=folder, manifest=manifest, findings=None, error=error, pruned=pruned)
    if manifest.status is RunStatus.FAILED:
        return PastRun(folder=folder, manifest=manifest, findings=None, error=_read_error(folder))
    try:
        findings = read_findings(folder)
    except OpsError as error:
        return PastRun(folder=folder, manifest=manifest, findings=None, error=error.what)
    return PastRun(folder=folder, manifest=manifest, findings=findings)


def _read_error(folder: Path) -> str:
    error = read_error(folder)
    return f"{error.what} [{error.where}]" if error.where else error.what


def _same_subject(one: Manifest, other: Manifest) -> bool:
    return (one.notebook, one.environment) == (other.notebook, other.environment)
