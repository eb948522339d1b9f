"""Whether a database can be wound back to a moment, how far back, and how close to now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from opslib.analysis.dr.points import age, moment
from opslib.analysis.dr.problem import Doubt, Problem
from opslib.analysis.dr.subjects import Subject
from opslib.analysis.dr.targets import BackupTargets
from opslib.findings import Severity

__all__ = ["WITH_PITR", "check_pitr"]

WITH_PITR = ("Aurora", "DocumentDB", "DynamoDB", "Neptune", "RDS")


def check_pitr(
    subject: Subject, targets: BackupTargets, as_of: datetime
) -> Iterator[Problem | Doubt]:
    """Look at point-in-time recovery: on, reaching far enough back, and up to now."""
    if subject.type not in WITH_PITR:
        return
    if subject.pitr is None:
        yield Doubt("whether point-in-time recovery is on was not read")
    elif not subject.pitr:
        yield _switched_off(subject, as_of)
    else:
        yield from _check_window(subject, targets, as_of)


def _switched_off(subject: Subject, as_of: datetime) -> Problem:
    lost = "what is written between backups"
    if subject.points:
        lost = f"the last {age(subject.points[0].created, as_of)}"
    return Problem(
        kind="pitr_off",
        severity=Severity.HIGH,
        reason=f"has point-in-time recovery off: {lost} could not be brought back",
        action="Switch point-in-time recovery (automated backups) on.",
        evidence=("data_stores",),
    )


def _check_window(
    subject: Subject, targets: BackupTargets, as_of: datetime
) -> Iterator[Problem | Doubt]:
    """Hold the window that is set, not the one reached: a new resource has none of it yet."""
    if subject.pitr_days is None:
        yield Doubt("how far back its point-in-time recovery is to reach was not told")
    elif subject.pitr_days < targets.pitr_days:
        yield Problem(
            kind="short_pitr_window",
            severity=Severity.MEDIUM,
            reason=f"can be wound back {subject.pitr_days:g} days, not {targets.pitr_days:g}",
            action="Raise its backup retention period (DynamoDB: RecoveryPeriodInDays).",
            evidence=("data_stores",),
        )
    latest = subject.pitr_latest
    if latest is not None and as_of - latest > targets.pitr_lag:
        yield Problem(
            kind="pitr_behind",
            severity=Severity.MEDIUM,
            reason=f"can be wound back to {moment(latest)} at the latest, {age(latest, as_of)} ago",
            action="Find why its log is not kept since: stopped, out of storage, or read-only.",
            evidence=("data_stores",),
            since=latest,
        )
