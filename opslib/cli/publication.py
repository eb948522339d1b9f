"""``opslib publish``: put a run into a bucket that keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from opslib.actions.baseline_target import parse_bucket_target
from opslib.actions.publication import LockMode, Publication, Retention
from opslib.aws.connection import Connection
from opslib.aws.ledger import Ledger
from opslib.cli import output
from opslib.errors import ParameterError
from opslib.evidence.files import ENVELOPE, MANIFEST
from opslib.runner.archive import run_files
from opslib.runner.catalog import find_notebook
from opslib.runner.history import PastRun

__all__ = ["publish_run"]

LAST = (MANIFEST, ENVELOPE)


def publish_run(
    run: PastRun, target: str, *, mode: str, retain_days: int, kms_key: str, write: bool
) -> str:
    """Publish a run, or say what that would do; return where the list of its objects is, or ''.

    Raises:
        ParameterError: the target is no bucket with a prefix, or it is not fit.
        OpsError: AWS refuses, or what is there is something else.
    """
    place = parse_bucket_target(target)
    if place is None:
        raise ParameterError(
            "a run is published to a bucket", where=target, remedy="Write it as s3://bucket/prefix."
        )
    parameters = find_notebook(run.manifest.notebook).parameters.parse(run.manifest.parameters)
    until = run.manifest.started_at + timedelta(days=retain_days)
    if until <= datetime.now(UTC):
        raise ParameterError(
            f"{retain_days} days after the run are over: {until:%Y-%m-%d}",
            where="--retain-days",
            remedy="Name more days.",
        )
    publication = Publication(
        Connection(parameters, Ledger()),
        place,
        Retention(mode=LockMode(mode), until=until),
        kms_key,
    )
    publication.check()
    files = sorted(run_files(run), key=_order)
    if not write:
        output.tell(f"would write {publication.plan(files)}; nothing was written: add --write")
        return ""
    written = publication.write(files)
    output.tell(f"published {publication.plan(files)}")
    return written


def _order(file: tuple[str, Path]) -> tuple[bool, str]:
    """Put what makes a run one after all that it lists."""
    return file[1].name in LAST, file[0]
