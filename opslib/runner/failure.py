"""Runs that failed: kept beside the reports, with their error, and never among them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from opslib.errors import EvidenceError, NotebookRunError, OpsError
from opslib.evidence.chain import Sealer
from opslib.evidence.files import odd_files
from opslib.redaction import redact_text
from opslib.runner.manifest import Manifest, RunStatus, finish_time, read_manifest
from opslib.runner.publish import abandoned_folders, failed_place, rename_to
from opslib.runner.seal import Sealing, publish_run

__all__ = [
    "ERROR_FILE",
    "RunError",
    "disk_faults",
    "find_failed",
    "keep_failed",
    "read_error",
    "sweep_abandoned",
]

ERROR_FILE = "error.json"
INTERRUPTED = 130
"""What a shell reports for a command ended by Ctrl-C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed, as it was kept.

    Args:
        what, where, remedy: as `OpsError` has them; without secrets.
    """

    what: str
    where: str = ""
    remedy: str = ""


def keep_failed(
    folder: Path,
    reports: Path,
    manifest: Manifest,
    error: BaseException,
    seconds: float,
    sealer: Sealer | None,
) -> Path:
    """Move a run's working folder among the failed ones; note on ``error`` where it is.

    It is signed as others are: a run that failed cannot be left out of its chain either.

    Returns:
        Where it is kept.
    """
    failed = replace(
        manifest,
        status=RunStatus.FAILED,
        finished=finish_time(manifest.started_at, seconds),
        seconds=round(seconds, 2),
        exit_code=exit_code_of_error(error),
    )
    written = {
        "error": type(error).__name__,
        "what": redact_text(getattr(error, "what", "") or str(error)),
        "where": redact_text(getattr(error, "where", "")),
        "remedy": getattr(error, "remedy", ""),
    }
    (folder / ERROR_FILE).write_text(json.dumps(written, indent=1), encoding="utf-8")
    for name in odd_files(folder):
        (folder / name).unlink()
    kept = publish_run(folder, reports, _place(reports, manifest), failed, sealer)
    error.add_note(f"The failed run is kept in {kept.folder}")
    if kept.fault is not None:
        error.add_note(f"It is unsigned: {kept.fault}")
    return kept.folder


def read_error(folder: Path) -> RunError:
    """Return why the run in ``folder`` failed."""
    try:
        written = json.loads((folder / ERROR_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return RunError(what="it failed, and did not say why")
    return RunError(what=written["what"], where=written["where"], remedy=written.get("remedy", ""))


def find_failed(reports: Path, notebook: str, environment: str, started: datetime) -> Path | None:
    """Return where the failed run that began at a moment is kept; None where there is none."""
    place = failed_place(reports, notebook=notebook, environment=environment, started=started)
    kept = [folder.parent for folder in place.parent.glob(f"{place.name}*/{ERROR_FILE}")]
    return max(kept, key=lambda folder: (len(folder.name), folder.name), default=None)


@contextmanager
def disk_faults(reports: Path) -> Iterator[None]:
    """Turn a full disk or a missing permission into an error that says so.

    Raises:
        NotebookRunError: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        fault = NotebookRunError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(error.filename or reports),
            remedy="Look at the space left and at permissions.",
        )
        for note in getattr(error, "__notes__", []):
            fault.add_note(note)
        raise fault from error


def sweep_abandoned(reports: Path, sealing: Sealing) -> dict[Path, Path]:
    """Keep as failed every run whose process is gone without a word; return from where to where."""
    with abandoned_folders(reports) as folders:
        return {folder: _sweep(folder, reports, sealing) for folder in folders}


def _sweep(folder: Path, reports: Path, sealing: Sealing) -> Path:
    try:
        manifest = read_manifest(folder)
    except (FileNotFoundError, EvidenceError):
        # killed before it could write its manifest: nothing is known but the folder's name
        return rename_to(folder, reports / ".failed" / folder.name)
    error = NotebookRunError(
        "the runner was killed, or the machine went down",
        remedy=f"Delete what it may have left in AWS: opslib drill sweep -e {manifest.environment}"
        if manifest.run_id
        else "What it had read is kept: opslib run ... --resume FOLDER",
    )
    try:
        sealer = sealing(manifest.environment)
    except OpsError as fault:
        manifest, sealer = replace(manifest, unsigned=fault.what), None
    return keep_failed(folder, reports, manifest, error, 0, sealer)


def exit_code_of_error(error: BaseException) -> int:
    """Return what ``opslib`` ends with after ``error``."""
    if isinstance(error, OpsError):
        return error.exit_code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def _place(reports: Path, manifest: Manifest) -> Path:
    return failed_place(
        reports,
        notebook=manifest.notebook,
        environment=manifest.environment,
        started=manifest.started_at,
    )
