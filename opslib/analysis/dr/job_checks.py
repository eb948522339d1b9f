"""Backup and copy jobs that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from opslib.analysis.dr.jobs import JobLine
from opslib.analysis.dr.points import moment
from opslib.analysis.dr.problem import Doubt, Problem
from opslib.analysis.dr.subjects import Subject
from opslib.analysis.dr.targets import BackupTargets
from opslib.findings import Severity
from opslib.wording import count, printable

__all__ = ["check_jobs", "failed_jobs_problem"]

FAILED = {"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}


def check_jobs(
    subject: Subject, targets: BackupTargets, as_of: datetime
) -> Iterator[Problem | Doubt]:
    """Look for failed jobs of one resource among those of the last days."""
    parts = (
        ("backup", subject.backup_jobs, subject.blind_to_jobs),
        ("copy", subject.copy_jobs, subject.blind_to_copy_jobs),
    )
    for what, jobs, blind in parts:
        problem = failed_jobs_problem(what, jobs, targets, as_of)
        if problem is not None:
            yield problem
        elif blind:
            yield Doubt(f"its {what} jobs could not be read")


def failed_jobs_problem(
    what: str, jobs: Sequence[JobLine], targets: BackupTargets, as_of: datetime
) -> Problem | None:
    """Return the problem that failed jobs of one resource are; None where none failed.

    Args:
        what: ``backup`` or ``copy``.
        jobs: the resource's jobs, newest first.
        targets: how far back to look.
        as_of: the report's moment.
    """
    since = as_of - timedelta(days=targets.job_days)
    recent = [job for job in jobs if since < job.created <= as_of]
    failed = [job for job in recent if job.state in FAILED]
    if not failed:
        return None
    last, number = failed[0], count(len(failed), f"{what} job")
    good = max((job.created for job in recent if job.state == "COMPLETED"), default=None)
    mended = good is not None and good > last.created
    said = f' ("{printable(last.message)}")' if last.message else ""
    after = f"one of {moment(good)} went well" if mended and good else "none went well since"
    return Problem(
        kind=f"failed_{what}_job",
        severity=Severity.MEDIUM if mended else Severity.HIGH,
        reason=f"had {number} fail in {targets.job_days:g} days, the last on "
        f"{moment(last.created)}{said}; {after}",
        action=f"Read the message of the {what} job, mend its cause, and run it again.",
        evidence=(f"{what}_jobs",),
        since=failed[-1].created,
    )
