"""The findings on walls: what is reached, what will be, and what somebody must begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast
from opslib.analysis.capacity.walls.time_to_limit import TimeToLimit
from opslib.analysis.capacity.walls.wording import (
    interval_words,
    lead_words,
    placed_words,
    share_words,
    surprise_words,
)
from opslib.findings import Finding, Severity
from opslib.wording import count
from opslib.wording import day as write_day

__all__ = ["find_walls"]

SOON = timedelta(days=30)
ACTIONS = {
    "scaling_setting": "Raise the maximum",
    "provisioned_capacity": "Provision more",
    "storage": "Allocate more storage, or let it grow by itself",
    "instance_class": "Take a larger size, or more of them",
    "quota_increase": "Ask AWS for a higher quota",
    "resharding": "Spread the keys over more partitions",
    "network": "Add address ranges",
}


def find_walls(limits: Iterable[LimitForecast], today: date) -> tuple[Finding, ...]:
    """Return a finding for every limit that is reached, or may be, what to begin first before.

    A limit is a wall where half of the paths reach it, a possible one where one in ten does.

    Args:
        limits: as forecast.
        today: of the report.
    """
    first = sorted(limits, key=lambda limit: (limit.act_by or date.min, limit.order))
    return tuple(
        finding
        for limit in first
        if limit.full is not None
        for finding in _find(limit, limit.full, today)
    )


def _find(limit: LimitForecast, full: TimeToLimit, today: date) -> Iterator[Finding]:
    if full.p50 is not None:
        kind, severity = "capacity.wall", _severity(limit, full, today)
        when = "is reached on most days already"
        if full.p50 > 0:
            when = f"is reached in {count(full.p50, 'day')} in the median"
    elif full.p10 is not None:
        kind, severity = "capacity.wall_possible", Severity.LOW
        when = f"may be reached within {limit.horizon_days} days (chance {full.chance:.0%})"
    else:
        return
    said = placed_words(limit)
    interval = "" if full.p50 == 0 else f" ({interval_words(limit, full)})"
    yield Finding(
        kind=kind,
        subject={"Resource": limit.name, "Limit": limit.limit},
        severity=severity,
        sentence=f"{said[0].upper()}{said[1:]} {when}{interval}; the week's peak was "
        f"{share_words(limit)}{_surprise(limit)}.",
        action=_action(limit, today),
        evidence=("limits", "forecasts"),
    )


def _surprise(limit: LimitForecast) -> str:
    words = surprise_words(limit.forecast.backtest) if limit.forecast else ""
    return f"; {words}" if words else ""


def _severity(limit: LimitForecast, full: TimeToLimit, today: date) -> Severity:
    """Return how soon somebody must act: too late already, within a month, or later."""
    if full.p50 == 0 or limit.act_by is None or limit.act_by < today:
        return Severity.CRITICAL
    return Severity.HIGH if limit.act_by <= today + SOON else Severity.MEDIUM


def _action(limit: LimitForecast, today: date) -> str:
    what = ACTIONS[limit.change]
    takes = f"that takes {lead_words(limit)}"
    if limit.act_by is None:
        return f"{what}; {takes}."
    if limit.act_by < today:
        late = count((today - limit.act_by).days, "day")
        return f"{what} now: {takes}, and should have begun {late} ago."
    return f"{what}: begin by {write_day(limit.act_by)}, since {takes}."
