"""Whether the plans of a resource run often enough for the RPO."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from opslib.analysis.dr.problem import Doubt, Problem
from opslib.analysis.dr.schedule import HORIZON, longest_gap
from opslib.analysis.dr.subjects import Subject
from opslib.analysis.dr.targets import BackupTargets
from opslib.findings import Severity
from opslib.wording import count, join, printable

__all__ = ["check_schedule"]

ONE_HOUR, TWO_DAYS = timedelta(hours=1), timedelta(days=2)


def check_schedule(
    subject: Subject, targets: BackupTargets, as_of: datetime
) -> Iterator[Problem | Doubt]:
    """Hold the longest time between two runs of its plans against the RPO.

    Where point-in-time recovery is on, it holds the RPO; it ends with the resource, so that a
    schedule that does not is still told.
    """
    if not subject.rules:
        return
    schedules = [rule.schedule for rule in subject.rules if rule.schedule is not None]
    gap = longest_gap(schedules, as_of)
    if gap <= targets.rpo:
        return
    unread = [rule for rule in subject.rules if rule.schedule is None]
    if unread:
        named = join([f"{printable(rule.rule)} ({printable(rule.expression)})" for rule in unread])
        yield Doubt(f"the schedule of rule {named} is not understood")
        return
    held = "; only point-in-time recovery, which ends with it, holds that" if subject.pitr else ""
    yield Problem(
        kind="infrequent_schedule",
        severity=Severity.LOW if subject.pitr else Severity.HIGH,
        reason=f"is backed up by {_plans(subject)} {_often(gap)}, against an RPO of "
        f"{targets.rpo_hours:g} hours{held}",
        action="Let the plan run at least once in the RPO, or agree on another RPO.",
        evidence=("backup_rules", "backup_selections"),
    )


def _plans(subject: Subject) -> str:
    names = dict.fromkeys(printable(rule.plan) for rule in subject.rules)
    what = "plan" if len(names) == 1 else "plans"
    return f"{what} {join(list(names))}"


def _often(gap: timedelta) -> str:
    if gap >= HORIZON:
        return f"never again within {count(HORIZON.days, 'day')}"
    span = (
        f"{gap / ONE_HOUR:g} hours" if gap < TWO_DAYS else f"{gap.total_seconds() / 86400:.3g} days"
    )
    return f"only every {span}"
