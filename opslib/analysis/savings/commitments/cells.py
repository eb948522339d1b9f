"""Usage by hour and meter as arrays: of the hours that are told, less what is saved elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from opslib.analysis.savings.charges import MONTH_DAYS
from opslib.analysis.savings.commitments.usage import Floats, Places, sums
from opslib.analysis.savings.counting import Counted
from opslib.money import ZERO
from opslib.tables.savings_hours import BILLIONTH, BacktestTables

__all__ = ["MONTH_HOURS", "Cells", "Meter", "Span", "make_cells", "told_span"]

MONTH_HOURS = 24 * MONTH_DAYS
HOUR = timedelta(hours=1)
KEYS = ["SubAccountId", "RegionId", "ServiceName", "SkuMeter", "Operation"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Meter:
    """What is used: account, region, service, usage type and AWS's operation."""

    account: str
    region: str
    service: str
    name: str
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The hours that a commitment is tried on.

    Args:
        first, end: half-open.
        lacking: hours of the window without any charge.
        whole: whether these are all hours that were asked for, none of them lacking.
    """

    first: datetime
    end: datetime
    lacking: int
    whole: bool

    @property
    def hours(self) -> int:
        """Return how many there are."""
        return int((self.end - self.first) / HOUR)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """On-demand usage, one cell an hour and meter, in no order.

    Args:
        meters: what is used.
        hours: number of hours.
        hour, meter: place of each cell's hour, and of its meter in ``meters``.
        quantity: in the pricing unit.
        cost: of the currency, as paid now.
        covered: by meter, what commitments that are held paid for in these hours.
    """

    meters: tuple[Meter, ...]
    hours: int
    hour: Places
    meter: Places
    quantity: Floats
    cost: Floats
    covered: Mapping[Meter, float]

    @property
    def paid(self) -> Floats:
        """Return what each meter costs on demand."""
        return sums(self.meter, self.cost, len(self.meters))


def told_span(tables: BacktestTables) -> Span | None:
    """Return the hours to try on: the window, or its last whole months where hours lack.

    An hour without usage is no gap where anything else is charged in it. A month has 30 days.
    None where not even the last month is told, a promised file is missing, or nothing was asked
    for: what is missing may lie in any hour.
    """
    if tables.first is None or tables.end is None or tables.missing or tables.hours.empty:
        return None
    due = int((tables.end - tables.first) / HOUR)
    told = np.zeros(due, dtype=bool)
    told[_places(tables.hours["Hour"], tables.first)] = True
    lacking = int((~told).sum())
    if not lacking:
        return Span(first=tables.first, end=tables.end, lacking=0, whole=True)
    unbroken = due - 1 - int(np.flatnonzero(~told)[-1])
    hours = unbroken // MONTH_HOURS * MONTH_HOURS
    if not hours:
        return None
    return Span(first=tables.end - hours * HOUR, end=tables.end, lacking=lacking, whole=False)


def make_cells(tables: BacktestTables, span: Span, counted: Iterable[Counted]) -> Cells:
    """Return the usage of ``span`` that nothing covers yet and no recommendation takes away.

    What recommendations save of a meter in an account is taken from each of its hours by its share,
    so that nothing is saved twice.

    Args:
        tables: what was read.
        span: the hours.
        counted: what is recommended beside, with what counts of it.
    """
    place = _places(tables.usage["Hour"], span.first)
    usage = tables.usage[(place >= 0) & (place < span.hours)]
    meters, number = _meters(usage)
    held = usage["IsCovered"].to_numpy(bool)
    cost = usage["Cost"].to_numpy(np.int64) / BILLIONTH
    covered = sums(number[held], cost[held], len(meters))
    left = _left(meters, sums(number[~held], cost[~held], len(meters)), span, counted)
    share = left[number[~held]]
    return Cells(
        meters=meters,
        hours=span.hours,
        hour=_places(usage["Hour"], span.first)[~held],
        meter=number[~held],
        quantity=usage["Quantity"].to_numpy(np.int64)[~held] / BILLIONTH * share,
        cost=cost[~held] * share,
        covered={meter: float(covered[at]) for at, meter in enumerate(meters) if covered[at] > 0},
    )


def _places(hours: pd.Series, first: datetime) -> Places:
    since = pd.to_datetime(hours, utc=True) - pd.Timestamp(first)
    return np.asarray(since.to_numpy() // np.timedelta64(1, "h"), dtype=np.int64)


def _meters(usage: pd.DataFrame) -> tuple[tuple[Meter, ...], Places]:
    """Return the meters in order, and of each row its meter's place."""
    grouped = usage.groupby(KEYS, sort=True)
    meters = tuple(
        Meter(account=account, region=region, service=service, name=name, operation=operation)
        for account, region, service, name, operation in map(tuple, grouped.size().index)
    )
    return meters, np.asarray(grouped.ngroup(), dtype=np.int64)


def _saved_by_meter(counted: Iterable[Counted]) -> dict[tuple[str, str], Decimal]:
    """Return what is saved a month by account and usage type; each line of the bill once.

    Args:
        counted: in the order in which lines were taken.
    """
    saved: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    taken: set[tuple[str, str, str]] = set()
    for one in counted:
        for line in one.recommendation.lines:
            if line.key not in taken:
                taken.add(line.key)
                saved[line.account, line.meter] += line.saving
    return dict(saved)


def _left(
    meters: tuple[Meter, ...], cost: Floats, span: Span, counted: Iterable[Counted]
) -> Floats:
    """Return the share of each meter's on-demand cost that no recommendation takes away."""
    saved = _saved_by_meter(counted)
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for meter, amount in zip(meters, cost, strict=True):
        paid[meter.account, meter.name] += float(amount) * MONTH_HOURS / span.hours
    shares = [
        1 - min(1.0, float(saved.get(key, ZERO)) / paid[key]) if paid[key] else 1.0
        for key in ((meter.account, meter.name) for meter in meters)
    ]
    return np.array(shares, dtype=np.float64)
