"""The current month: what it has cost so far and what it will come to.

Groups that are charged most days are forecast, their sum from the level that each is at. Of those
that are charged now and then, such as tax and support, what the month before cost and this one has
not is still to come, where the group was charged in the month before that too: what came once only
is not expected again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost.daily import sum_by
from opslib.analysis.cost.forecast import Forecast, forecast_sum
from opslib.analysis.cost.periods import Periods
from opslib.estimate import Estimate
from opslib.money import EXACT, ZERO, total
from opslib.wording import count

__all__ = ["MonthOutlook", "forecast_month"]

DailyCosts = dict[date, Decimal]
NO_COSTS = "none of the costs it needs could be read"
TOO_SHORT = "fewer than ten earlier days to test a forecast from"
FEWEST_CHARGES = 2
MOST_OCCASIONS = 5
"""Days of a month on which a group is charged at most, if it is charged now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOutlook:
    """What the current month will come to.

    Args:
        settled: cost of its settled days.
        unsettled: cost so far of its unsettled days, which the forecast covers again.
        monthly_charges: charges that come once a month and are still to come, taken from the
            month before.
        forecast: of the days after the last settled one; None where history is too short.
        total: the whole month with its interval; None where there is no forecast.
        because: why there is no forecast.
    """

    settled: Decimal
    unsettled: Decimal
    monthly_charges: Decimal
    forecast: Forecast | None
    total: Estimate | None
    because: str = ""

    @property
    def known(self) -> Decimal:
        """Return what the forecast is added to."""
        return EXACT.add(self.settled, self.monthly_charges)


def forecast_month(
    costs: pd.DataFrame,
    periods: Periods,
    column: str,
    confidence: float,
    missing: Collection[date],
) -> MonthOutlook:
    """Forecast the current month from daily costs.

    Args:
        costs: rows per day and group.
        periods: the report's days.
        column: BilledCost or EffectiveCost.
        confidence: of the interval.
        missing: days that the bill has no charge of: days up to the last of them are no history,
            and a month that lacks some has no forecast.
    """
    settled = [day for day in periods.settled_days if day < periods.month_end]
    regular, occasional = _split_regular(costs, settled, column)
    spent = total(
        amount
        for series in (*regular, *occasional)
        for day, amount in series.items()
        if periods.month <= day <= settled[-1]
    )
    unsettled = total(
        amount
        for key, amount in sum_by(costs, ["ChargePeriodStart"], column).items()
        if key[0] in set(periods.unsettled) and key[0] >= periods.month
    )
    lacking = sum(day >= periods.month for day in missing)
    forecast = None if lacking else _forecast_rest(regular, settled, periods, confidence, missing)
    expected = total(_to_come(series, periods, settled[0]) for series in occasional)
    known = EXACT.add(spent, expected)
    return MonthOutlook(
        settled=spent,
        unsettled=unsettled,
        monthly_charges=expected,
        forecast=forecast,
        total=_shifted(forecast.estimate, known) if forecast else None,
        because="" if forecast else _why_none(costs, lacking),
    )


def _why_none(costs: pd.DataFrame, lacking: int) -> str:
    if lacking:
        return f"{count(lacking, 'day')} of the month not in the bill"
    return NO_COSTS if costs.empty else TOO_SHORT


def _split_regular(
    costs: pd.DataFrame, settled: Sequence[date], column: str
) -> tuple[list[DailyCosts], list[DailyCosts]]:
    """Return the daily costs of each group charged most days, and of each now and then."""
    names = [name for name in costs.columns if name not in _NOT_GROUPS]
    groups: dict[tuple[Any, ...], DailyCosts] = defaultdict(dict)
    known = set(settled)
    for (day, *group), amount in sum_by(costs, ["ChargePeriodStart", *names], column).items():
        if day in known and amount:
            groups[tuple(group)][day] = amount
    regular = [series for series in groups.values() if _is_regular(series, settled)]
    occasional = [series for series in groups.values() if not _is_regular(series, settled)]
    return regular, occasional


_NOT_GROUPS = {"ChargePeriodStart", "PricingQuantity", "BilledCost", "EffectiveCost"}


def _is_regular(series: DailyCosts, settled: Sequence[date]) -> bool:
    if len(series) < FEWEST_CHARGES:
        return False
    since_first = sum(day >= min(series) for day in settled)
    a_month = Counter(day.replace(day=1) for day in series)
    return len(series) * 2 >= since_first or max(a_month.values()) > MOST_OCCASIONS


def _forecast_rest(
    regular: Sequence[DailyCosts],
    settled: Sequence[date],
    periods: Periods,
    confidence: float,
    missing: Collection[date],
) -> Forecast | None:
    if not regular:
        return None
    whole_since = max([min(map(min, regular)), *(day + timedelta(days=1) for day in missing)])
    history = [day for day in settled if day >= whole_since]
    last = settled[-1]
    horizon = (periods.month_end - last).days - 1
    skip = max(0, (periods.month - last).days - 1)
    costs = [[series.get(day, ZERO) for day in history] for series in regular]
    return forecast_sum(costs, horizon, skip=skip, confidence=confidence)


def _to_come(series: DailyCosts, periods: Periods, first: date) -> Decimal:
    """Return what a group that is charged every month was charged last month and not yet in this.

    Args:
        series: the group's daily costs.
        periods: the report's days.
        first: first day of the history.
    """
    last = _month_before(periods.month)
    if first > last:
        return ZERO
    before = _between(series, last, periods.month)
    earlier = _month_before(last)
    if first <= earlier and not _between(series, earlier, last):
        return ZERO
    already = total(amount for day, amount in series.items() if day >= periods.month)
    rest = EXACT.subtract(before, already)
    return rest if (rest > 0) == (before > 0) else ZERO


def _between(series: DailyCosts, start: date, end: date) -> Decimal:
    return total(amount for day, amount in series.items() if start <= day < end)


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _shifted(estimate: Estimate, by: Decimal) -> Estimate:
    return Estimate(
        low=EXACT.add(estimate.low, by),
        mid=EXACT.add(estimate.mid, by),
        high=EXACT.add(estimate.high, by),
        confidence=estimate.confidence,
    )
