"""The checks of one resource's backups: each finds problems, or says what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from opslib.analysis.dr.job_checks import check_jobs
from opslib.analysis.dr.pitr_checks import WITH_PITR, check_pitr
from opslib.analysis.dr.plan_rules import due_before, due_by
from opslib.analysis.dr.points import age, moment
from opslib.analysis.dr.problem import Doubt, Problem
from opslib.analysis.dr.schedule_checks import check_schedule
from opslib.analysis.dr.subjects import Subject
from opslib.analysis.dr.targets import BackupTargets, last_due
from opslib.findings import Severity
from opslib.wording import count, join, printable

__all__ = ["check_subject"]

UNFINISHED = {"CREATED", "PENDING", "RUNNING"}

Results = Iterator[Problem | Doubt]


def check_subject(
    subject: Subject, targets: BackupTargets, as_of: datetime
) -> tuple[Problem | Doubt, ...]:
    """Return what is wrong with the backups of one resource, and what cannot be told.

    A bucket whose versions are replicated to another region needs no plan, nor does a replica:
    what it is a replica of is judged where it is.
    """
    kept = [*check_jobs(subject, targets, as_of), *_check_encryption(subject, targets, as_of)]
    if subject.replica_of or subject.is_replicated:
        return tuple(one for one in kept if isinstance(one, Problem))
    found: list[Problem | Doubt] = [
        *check_pitr(subject, targets, as_of),
        *_check_versioning(subject),
    ]
    if not subject.plans and (subject.blind_to_replication or subject.strays):
        return (*found, *kept, Doubt(_unread_replication(subject)))
    unprotected = list(_check_plans(subject, targets, as_of))
    found += [*kept, *unprotected]
    if not any(isinstance(one, Problem) for one in unprotected):
        found += check_schedule(subject, targets, as_of)
        found += _check_freshness(subject, targets, as_of)
        found += _check_retention(subject, targets)
        found += _check_copies(subject, targets, as_of)
    return tuple(dict.fromkeys(found))


def _unread_replication(subject: Subject) -> str:
    strays = join([printable(bucket) for bucket in subject.strays])
    return (
        f"where its replica {strays} is was not read" if strays else "its replication was not read"
    )


def _check_plans(subject: Subject, targets: BackupTargets, as_of: datetime) -> Results:
    if subject.plans:
        return
    if subject.plans is None:
        due = last_due(targets, as_of, targets.start_window)
        fresh = [p for p in subject.points if p.planned and p.created >= due]
        if not fresh:
            yield Doubt("which plans select it was not read")
        return
    severe = not (subject.points or subject.pitr or subject.blind_to_points)
    yield Problem(
        kind="unprotected",
        severity=Severity.CRITICAL if severe else Severity.HIGH,
        reason=f"is in no backup plan, and {_all_it_has(subject, as_of)}",
        action="Assign it to the backup plan, or name it in exempt with the owner's consent.",
        evidence=("data_stores", "backup_selections"),
    )


def _all_it_has(subject: Subject, as_of: datetime) -> str:
    if subject.points:
        newest = subject.points[0]
        return f"its newest recovery point is {age(newest.created, as_of)} old"
    if subject.blind_to_points:
        return "its recovery points could not be read"
    return f"has 0 recovery points{'; only its own PITR is on' if subject.pitr else ''}"


def _check_freshness(subject: Subject, targets: BackupTargets, as_of: datetime) -> Results:
    """Hold the newest recovery point against the schedule, and what is restorable against the RPO.

    The schedule is that of the plans that select it, else the targets'. A backup of the last run
    that still goes on is not late. Point-in-time recovery counts for the RPO and not for the
    schedule: it ends with the resource.
    """
    due = due_by(subject.rules, targets, as_of)
    if due and any(j.state in UNFINISHED and j.created >= due for j in subject.backup_jobs):
        due = due_before(subject.rules, due)
    newest = subject.backed_up_at
    restorable = max((t for t in (newest, subject.pitr_latest) if t is not None), default=None)
    late = newest is None or (due is not None and newest < due)
    lost = restorable is None or as_of - restorable > targets.rpo + targets.start_window
    if not (late or lost):
        return
    doubt = _why_not_sure(subject, late=late)
    if doubt:
        yield Doubt(doubt)
        return
    yield Problem(
        kind="stale_recovery_point",
        severity=Severity.HIGH if lost else Severity.MEDIUM,
        reason=_staleness(newest, due, targets, as_of, late=late, lost=lost)
        if newest
        else f"has {'a backup plan and ' if subject.plans else ''}0 recovery points",
        action="Find why the plan made none since (role, opt-in, service quota), and back it up "
        "on demand today.",
        evidence=("recovery_points", "backup_jobs"),
        since=newest,
    )


def _why_not_sure(subject: Subject, *, late: bool) -> str:
    """Return why a backup may be newer than it seems; '' where none can be."""
    if subject.blind_to_points:
        return "its recovery points could not all be read"
    if late and subject.continued_at is not None and subject.blind_to_jobs:
        return "when its continuous backup was last written was not read"
    untold = subject.pitr is not False and subject.pitr_latest is None
    if not late and untold and subject.type in WITH_PITR:
        return "how far its point-in-time recovery reaches was not read"
    return ""


def _staleness(
    newest: datetime,
    due: datetime | None,
    targets: BackupTargets,
    as_of: datetime,
    *,
    late: bool,
    lost: bool,
) -> str:
    rpo = f"the RPO of {targets.rpo_hours:g} hours is {'not held' if lost else 'still held'}"
    what = f"was last backed up {age(newest, as_of)} ago, {moment(newest)}"
    return f"{what}, and was due on {moment(due)}; {rpo}" if late and due else f"{what}; {rpo}"


def _check_retention(subject: Subject, targets: BackupTargets) -> Results:
    """Hold what the newest recovery point and its newest copy are kept for against the target."""
    judged = [p for p in subject.points if p.planned][:1] or subject.points[:1]
    days = [p.retention_days for p in (*judged, *subject.copies[:1])]
    shortest = min((d for d in days if d is not None), default=None)
    if shortest is None or shortest >= targets.retention_days:
        return
    yield Problem(
        kind="short_retention",
        severity=Severity.MEDIUM,
        reason=f"keeps its recovery points {shortest:g} days, not {targets.retention_days:g}",
        action="Raise DeleteAfterDays in the rule of its plan; older points keep their own.",
        evidence=("recovery_points", "backup_rules"),
    )


def _check_copies(subject: Subject, targets: BackupTargets, as_of: datetime) -> Results:
    """Hold the newest copy against the newest recovery point that had time to be copied."""
    newest = subject.backed_up_at
    if not targets.cross_region_copy or newest is None:
        return
    due = due_by(subject.rules, targets, as_of, timedelta(hours=targets.copy_hours))
    wanted = newest if due is None else min(due, newest)
    if subject.copied_at is not None and subject.copied_at >= wanted:
        return
    if subject.blind_to_copies:
        yield Doubt("its copies in other regions could not all be read")
        return
    here = count(len(subject.points), "recovery point")
    behind = (
        f"was last copied to another region {age(subject.copied_at, as_of)} ago"
        if subject.copied_at
        else f"has 0 copies in another region of {here} in its own"
    )
    yield Problem(
        kind="no_cross_region_copy",
        severity=Severity.HIGH,
        reason=behind,
        action="Add a copy action to the rule of its plan, or mend the one it has.",
        evidence=("recovery_points", "copy_jobs"),
        since=subject.copied_at,
    )


def _check_encryption(subject: Subject, targets: BackupTargets, as_of: datetime) -> Results:
    if not targets.encryption:
        return
    bare = [point for point in subject.kept if point.encrypted is False]
    if bare:
        of = f"{len(bare)} of {count(len(subject.kept), 'recovery point')}"
        yield Problem(
            kind="unencrypted_recovery_point",
            severity=Severity.HIGH,
            reason=f"has {of} without encryption, the newest {age(bare[0].created, as_of)} old",
            action="Encrypt the resource (restore an encrypted copy of it), and let the plain "
            "recovery points expire.",
            evidence=("recovery_points",),
            since=bare[-1].created,
        )
    elif any(point.encrypted is None for point in subject.kept):
        yield Doubt("whether its recovery points are encrypted was not told")
    elif subject.blind_to_points:
        yield Doubt("its recovery points could not all be read")


def _check_versioning(subject: Subject) -> Results:
    if subject.type != "S3" or subject.versioning == "Enabled" or not subject.plans:
        return
    if not subject.versioning:
        yield Doubt("whether it keeps versions was not read")
        return
    yield Problem(
        kind="versioning_off",
        severity=Severity.MEDIUM,
        reason=f"is in a backup plan with versioning {printable(subject.versioning).lower()}, "
        "without which AWS Backup makes 0 recovery points",
        action="Switch versioning on, with a lifecycle rule for old versions.",
        evidence=("data_stores",),
    )
