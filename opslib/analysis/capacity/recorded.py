"""Which recorded series tell what of a resource: its requests, its use, its units."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opslib.tables.capacity import CapacityTables, UsageRole
from opslib.tables.regular_series import RegularSeries

__all__ = ["Aligned", "Recorded", "align", "align_groups", "is_percent", "summed"]

PERCENTS = {"percent", "%"}
REQUEST_WORDS = ("request", "invocation")
CPU_CREDITS = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """Several series over the same periods.

    Args:
        start: beginning of the first period.
        step_seconds: length of a period.
        columns: one array a series, NaN where it has no datapoint.
    """

    start: datetime
    step_seconds: int
    columns: tuple[NDArray[np.float64], ...]


class Recorded:
    """The series of an estate, by the resource that they tell of."""

    def __init__(self, tables: CapacityTables) -> None:
        self._usage = tables.usage
        self._by_resource: dict[str, list[Mapping[Hashable, Any]]] = {}
        for row in tables.series.to_dict("records"):
            self._by_resource.setdefault(str(row["Resource"]), []).append(row)

    def series_of(self, resource: str, *roles: UsageRole) -> list[Mapping[Hashable, Any]]:
        """Return the rows of a resource's series that have values."""
        return [
            row
            for row in self._by_resource.get(resource, [])
            if row["Role"] in roles and row["Series"] in self._usage
        ]

    def requests_of(self, resource: str) -> tuple[str, ...]:
        """Return the series whose sum are the requests that a resource takes; () for none.

        A demand is a rate. One that counts requests goes before another; of several target groups
        each counts its own.
        """
        rates = [row for row in self.series_of(resource, UsageRole.DEMAND) if row["IsRate"]]
        named = [row for row in rates if _says(row, REQUEST_WORDS)]
        chosen = named or (rates if len(rates) == 1 else [])
        return tuple(str(row["Series"]) for row in chosen)

    def percent_of(self, resource: str, word: str = "cpu") -> str | None:
        """Return the series of a resource's utilisation whose metric holds ``word``."""
        found = [
            row
            for row in self.series_of(resource, UsageRole.USAGE)
            if is_percent(row["Unit"]) and _says(row, (word,)) and not _says(row, (CPU_CREDITS,))
        ]
        averages = [row for row in found if row["Statistic"] == "Average"]
        chosen = averages or found
        return str(chosen[0]["Series"]) if chosen else None

    def units_of(self, resource: str, word: str = "") -> str | None:
        """Return the series of how many units a resource ran, of a metric that holds ``word``."""
        found = self.series_of(resource, UsageRole.UNITS)
        chosen = [row for row in found if _says(row, (word,))]
        return str(chosen[0]["Series"]) if chosen else None

    def throttles_of(self, resource: str, word: str) -> str | None:
        """Return the series of a resource's throttles whose metric holds ``word``."""
        found = self.series_of(resource, UsageRole.THROTTLES)
        chosen = [row for row in found if _says(row, (word,))]
        return str(chosen[0]["Series"]) if chosen else None


def is_percent(unit: str) -> bool:
    """Say whether a unit is per cent, however it is written."""
    return unit.strip().lower() in PERCENTS


def _says(row: Mapping[Hashable, Any], words: Sequence[str]) -> bool:
    return any(word in str(row["Metric"]).lower() for word in words)


def align(series: Sequence[RegularSeries]) -> Aligned | None:
    """Return series over all periods that any of them covers; None where their steps differ."""
    steps = {one.step_seconds for one in series}
    if len(steps) != 1:
        return None
    step = steps.pop()
    start = min(one.start for one in series)
    length = max(_periods(one.end - start, step) for one in series)
    columns = []
    for one in series:
        column = np.full(length, np.nan)
        first = _periods(one.start - start, step)
        column[first : first + len(one.values)] = one.values
        columns.append(column)
    return Aligned(start=start, step_seconds=step, columns=tuple(columns))


def _periods(span: timedelta, step: int) -> int:
    return round(span.total_seconds() / step)


def align_groups(groups: Sequence[Sequence[RegularSeries | None]]) -> Aligned | None:
    """Return one column a group of series, which are summed; None where one is missing."""
    known = [one for group in groups for one in group if one is not None]
    if len(known) != sum(len(group) for group in groups):
        return None
    together = align(known)
    if together is None:
        return None
    columns = summed(together.columns, [len(group) for group in groups])
    return replace(together, columns=columns)


def summed(
    columns: Sequence[NDArray[np.float64]], sizes: Sequence[int]
) -> tuple[NDArray[np.float64], ...]:
    """Return the sums of consecutive columns, so many each; NaN where all of them are."""
    sums, first = [], 0
    for size in sizes:
        rows = np.stack(columns[first : first + size])
        is_known = np.isfinite(rows)
        total = np.where(is_known, rows, 0.0).sum(axis=0)
        sums.append(np.where(is_known.any(axis=0), total, np.nan))
        first += size
    return tuple(sums)
