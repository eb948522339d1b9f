"""The rules of the plans that select a resource, and when the last backup of it was due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from opslib.analysis.dr.points import given
from opslib.analysis.dr.schedule import Schedule, parse_schedule
from opslib.analysis.dr.targets import BackupTargets, last_due

__all__ = ["PlanRule", "due_before", "due_by", "list_rules"]

ONE_MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRule:
    """One rule of a plan.

    Args:
        plan, rule: names.
        expression: its schedule as AWS tells it, with ``timezone``.
        schedule: the same, read; None where it is not understood.
        start_window: how long after its time AWS may begin; zero where it was not told.
    """

    plan: str
    rule: str
    expression: str
    timezone: str
    schedule: Schedule | None
    start_window: timedelta


def list_rules(rules: pd.DataFrame, plans: Collection[str]) -> tuple[PlanRule, ...]:
    """Return the rules of some plans, in order of plan and rule.

    Args:
        rules: columns of `opslib.tables.backups.BACKUP_RULES`, of one account and region.
        plans: ids of the plans.
    """
    listed = [_rule(row) for row in rules.to_dict("records") if row["PlanId"] in plans]
    return tuple(sorted(listed, key=lambda rule: (rule.plan, rule.rule)))


def _rule(row: dict[Any, Any]) -> PlanRule:
    return PlanRule(
        plan=row["PlanName"],
        rule=row["RuleName"],
        expression=row["Schedule"],
        timezone=row["ScheduleTimezone"],
        schedule=parse_schedule(row["Schedule"], row["ScheduleTimezone"]),
        start_window=timedelta(minutes=given(row["StartWindowMinutes"]) or 0),
    )


def due_by(
    rules: Sequence[PlanRule],
    targets: BackupTargets,
    as_of: datetime,
    after: timedelta = timedelta(0),
) -> datetime | None:
    """Return the last scheduled start of which something is due at ``as_of``.

    Args:
        rules: of the plans that select the resource; none for the daily schedule of the targets.
        targets: the schedule and the start window that hold where no rule tells another.
        as_of: the report's moment.
        after: how much longer than the start window it may take.

    Returns:
        None where the rules tell no start that has passed.
    """
    if not rules:
        return last_due(targets, as_of, targets.start_window + after)
    starts = [
        rule.schedule.last_start(as_of - max(rule.start_window, targets.start_window) - after)
        for rule in rules
        if rule.schedule is not None
    ]
    return max((start for start in starts if start is not None), default=None)


def due_before(rules: Sequence[PlanRule], due: datetime) -> datetime | None:
    """Return the scheduled start before the one at ``due``."""
    if not rules:
        return due - ONE_DAY
    starts = [rule.schedule.last_start(due - ONE_MINUTE) for rule in rules if rule.schedule]
    return max((start for start in starts if start is not None), default=None)
