"""Silence of metrics: what was told of every day, and what is not known.

A metric that AWS reports only where it is not zero says nothing by its silence, unless another one
of the same resource, which AWS always reports, was told of the same days.
"""

from __future__ import annotations

from datetime import date, timedelta

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging

__all__ = ["is_told_daily", "use_total"]


def use_total(judging: Judging, thing: Thing, *measures: str) -> float:
    """Return the sum of measures over the days of metrics; a day without a datapoint adds none."""
    return sum(sum(judging.estate.use_of(thing, measure).values()) for measure in measures)


def is_told_daily(judging: Judging, thing: Thing, *measures: str) -> bool:
    """Say whether every day of metrics has a datapoint of one of the measures."""
    told: set[date] = set()
    for measure in measures:
        told |= judging.estate.use_of(thing, measure).keys()
    return all(day in told for day in _days(judging))


def _days(judging: Judging) -> list[date]:
    """Return the whole UTC days before ``as_of``."""
    today = judging.as_of.date()
    return [today - timedelta(days=back) for back in range(1, judging.parameters.use_days + 1)]
