"""Exact sums over the small cost tables, by day and by period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.money import EXACT, ZERO
from opslib.timewindow import TimeWindow

__all__ = ["Sums", "daily_totals", "sum_by", "sum_by_period", "sum_of", "within"]

Group = tuple[str, ...]
Sums = dict[Group, Decimal]


def within(costs: pd.DataFrame, window: TimeWindow) -> pd.DataFrame:
    """Return the rows of ``costs`` whose day lies in ``window``."""
    return costs[costs["ChargePeriodStart"].isin(window.days)]


def sum_of(costs: pd.DataFrame, column: str) -> Decimal:
    """Return the exact sum of a column of decimals, taking None as nothing."""
    result = ZERO
    for amount in costs[column]:
        if amount is not None:
            result = EXACT.add(result, amount)
    return result


def sum_by(costs: pd.DataFrame, keys: Sequence[str], column: str) -> dict[tuple[Any, ...], Decimal]:
    """Return the exact sum of ``column`` for every combination of ``keys``."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for *names, amount in zip(*(costs[key] for key in keys), costs[column], strict=True):
        if amount is not None:
            group = tuple(names)
            sums[group] = EXACT.add(sums.get(group, ZERO), amount)
    return sums


def sum_by_period(
    costs: pd.DataFrame, periods: Sequence[TimeWindow], keys: Sequence[str], column: str
) -> list[Sums]:
    """Return the exact sums of ``column`` by ``keys``, one dictionary for each of ``periods``.

    Args:
        costs: one row per day and group.
        periods: windows of whole days that do not overlap.
        keys: columns that name a group.
        column: a column of decimals; a group is absent where it has no value at all.
    """
    place = {day: index for index, period in enumerate(periods) for day in period.days}
    sums: list[Sums] = [{} for _ in periods]
    days = costs["ChargePeriodStart"]
    for day, *names, amount in zip(days, *(costs[key] for key in keys), costs[column], strict=True):
        index = place.get(day)
        if index is not None and amount is not None:
            group = tuple(names)
            sums[index][group] = EXACT.add(sums[index].get(group, ZERO), amount)
    return sums


def daily_totals(costs: pd.DataFrame, days: Iterable[date], column: str) -> dict[date, Decimal]:
    """Return the total of each of ``days``, zero where a day has no row."""
    found = {key[0]: amount for key, amount in sum_by(costs, ["ChargePeriodStart"], column).items()}
    return {day: found.get(day, ZERO) for day in days}
