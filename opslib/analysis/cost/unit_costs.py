"""What a unit cost in each period, why that changed, and whether the change is a usual one.

A period's unit cost is the ratio of its sums, not the mean of its days' ratios: a quiet day weighs
as little as it serves. It is compared only where every day's money and count are known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import log
from statistics import median

from opslib.analysis.cost.periods import Periods
from opslib.analysis.cost.unit_days import UnitDay, measure_days
from opslib.analysis.cost.unit_periods import (
    UnitChange,
    UnitPeriod,
    explain_change,
    measure_period,
)
from opslib.analysis.cost.unit_statistics import (
    compare_ratio,
    estimate_elasticity,
    estimate_growth,
)
from opslib.analysis.cost.usual import usual_size
from opslib.coverage import Coverage, gaps
from opslib.estimate import Estimate
from opslib.money import ZERO
from opslib.parameters.cost import CostParameters
from opslib.parameters.unit_cost import UnitCost
from opslib.tables.cost_tables import CostTables
from opslib.tables.unit_counts import counts_of
from opslib.timewindow import TimeWindow
from opslib.wording import day, join

__all__ = ["NEAREST", "UnitCostTrend", "measure_unit_costs"]

NEAREST = 12
"""Earlier periods that this one is held against: of weeks, a quarter."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCostTrend:
    """What a unit costs.

    Args:
        unit: what money is divided by.
        days: every settled day, in order.
        periods: this period, and those before it, nearest first.
        change: against the period before; None where either is not whole.
        against: share by which this period lies above the earlier ones, with interval.
        growth: share a period over all whole ones, with interval.
        elasticity: per cent of cost for a per cent of the count from day to day, with interval.
        earlier_periods: how many earlier periods it is held against.
        is_unusual: whether it rose beyond the usual, and did so in this period.
        because: why it is not told, or not all of it; empty where nothing is missing.
    """

    unit: UnitCost
    days: tuple[UnitDay, ...]
    periods: tuple[UnitPeriod, ...]
    change: UnitChange | None
    against: Estimate | None
    growth: Estimate | None
    elasticity: Estimate | None
    earlier_periods: int
    is_unusual: bool
    because: tuple[str, ...]

    @property
    def current(self) -> UnitPeriod:
        """Return this period."""
        return self.periods[0]


def measure_unit_costs(
    parameters: CostParameters,
    periods: Periods,
    tables: CostTables,
    missing: Collection[date],
    coverage: Sequence[Coverage],
) -> tuple[UnitCostTrend, ...]:
    """Return what each unit of the parameters cost, those that nothing was asked of left out.

    Args:
        parameters: units, cost basis, confidence.
        periods: the report's days.
        tables: bill and counts.
        missing: settled days that the bill lacks.
        coverage: of the reads; a unit of which one has a gap is compared with nothing.
    """
    trends = []
    for unit in parameters.units:
        unseen = gaps(coverage, counts_of(unit.name))
        is_counted = bool((tables.units["Unit"] == unit.name).any())
        if is_counted or unseen or parameters.unit_costs:
            days = measure_days(
                unit, tables.bill, tables.units, periods, missing, parameters.cost_basis.column
            )
            trends.append(_trend(unit, days, periods, unseen, parameters.confidence))
    return tuple(trends)


def _trend(
    unit: UnitCost,
    days: tuple[UnitDay, ...],
    periods: Periods,
    unseen: Sequence[Coverage],
    confidence: float,
) -> UnitCostTrend:
    by_day = {day.day: day for day in days}
    windows = (periods.current, *periods.earlier)
    measured = tuple(measure_period(window, by_day, unit.per) for window in windows)
    logs = {place: _log(one) for place, one in enumerate(measured) if _is_told(one)}
    if unseen or 0 not in logs:
        logs = {}
    earlier = [place for place in logs if place][:NEAREST]
    return UnitCostTrend(
        unit=unit,
        days=days,
        periods=measured,
        change=explain_change(measured[1], measured[0], unit.per)
        if {0, 1} <= logs.keys()
        else None,
        against=compare_ratio(
            _pair(measured[0]), [_pair(measured[place]) for place in earlier], confidence
        )
        if earlier
        else None,
        growth=estimate_growth({-place: value for place, value in logs.items()}, confidence),
        elasticity=estimate_elasticity(
            [_daily_pairs(measured[place].window, by_day) for place in logs], confidence
        ),
        earlier_periods=len(earlier),
        is_unusual=_is_unusual(logs, earlier),
        because=(*_refusals(unseen), *_lacking(days, measured)),
    )


def _is_told(period: UnitPeriod) -> bool:
    """Say whether a period can be compared; credits beyond its charges leave no price."""
    return period.is_whole and period.cost > 0


def _log(period: UnitPeriod) -> float:
    return log(period.cost) - log(period.count)


def _pair(period: UnitPeriod) -> tuple[float, float]:
    return float(period.cost), float(period.count)


def _daily_pairs(window: TimeWindow, by_day: Mapping[date, UnitDay]) -> list[tuple[float, float]]:
    pairs = [(by_day[day].cost or ZERO, by_day[day].count or ZERO) for day in window.days]
    return [(float(cost), float(counted)) for cost, counted in pairs if cost > 0 and counted > 0]


def _is_unusual(logs: Mapping[int, float], earlier: Sequence[int]) -> bool:
    """Say whether this period lies above the earlier ones by more than they lie apart.

    At least half of the rise must have come with this period: a step is told once, and what creeps
    is growth. A return from a low period is no rise above their median.
    """
    if 1 not in logs:
        return False
    level = median(logs[place] for place in earlier)
    limit = float(usual_size([Decimal(repr(logs[place] - level)) for place in earlier]))
    rise = logs[0] - level
    return 0 < limit < rise <= 2 * (logs[0] - logs[1])


def _refusals(unseen: Sequence[Coverage]) -> tuple[str, ...]:
    told = []
    for line in unseen:
        place = ", ".join(part for part in (line.account, line.region) if part)
        detail = f", {line.detail}" if line.detail else ""
        told.append(f"{line.table}{f' in {place}' if place else ''}: {line.status.value}{detail}")
    return tuple(told)


def _lacking(days: Sequence[UnitDay], measured: Sequence[UnitPeriod]) -> tuple[str, ...]:
    """Return what keeps this period from being compared with the one before."""
    if all(day.cost is None for day in days):
        return ("the bill has no charge of what is divided",)
    if all(day.count is None for day in days):
        return ("not a single day was counted",)
    lacking = []
    for period, name in zip(measured[:2], ("this period", "the period before"), strict=True):
        held = set(period.window.days)
        costs = [day.day for day in days if day.day in held and day.cost is None]
        counts = [day.day for day in days if day.day in held and day.count is None]
        if costs:
            lacking.append(f"{name}: no charge of it on {_named(costs)}")
        if counts:
            lacking.append(f"{name}: too few hours were counted on {_named(counts)}")
        if not costs and not counts and not _is_told(period):
            lacking.append(f"{name}: nothing was counted, or nothing charged")
    return tuple(lacking)


def _named(found: Sequence[date]) -> str:
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{join([day(d) for d in found[:MOST_NAMED]])}{more}"
