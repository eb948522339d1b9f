"""The same day of the months before and after, as charges come that are booked by the month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

__all__ = ["same_days_of_months"]

NEAR = (-1, 0, 1)
LONGEST_MONTH = 31


def same_days_of_months(days: Sequence[date]) -> list[list[int]]:
    """Return for each day the indices of the days around its date in the neighbouring months.

    A date that a month lacks is its last day. A booking may move by a day.

    Args:
        days: consecutive, in order.
    """
    place = {day: number for number, day in enumerate(days)}
    found = []
    for day in days:
        dates = [_in_month(day, step) + timedelta(days=by) for step in (-1, 1) for by in NEAR]
        found.append([place[other] for other in dates if other in place])
    return found


@lru_cache(maxsize=4096)
def _in_month(day: date, step: int) -> date:
    """Return the same date one month before or after; all series of a bill ask for the same."""
    if step < 0:
        month = day.replace(day=1) - timedelta(days=1)
    else:
        month = (day.replace(day=1) + timedelta(days=LONGEST_MONTH + 1)).replace(day=1)
    last = (month.replace(day=1) + timedelta(days=LONGEST_MONTH + 1)).replace(day=1)
    return month.replace(day=min(day.day, (last - timedelta(days=1)).day))
