"""The current month: what it has cost so far and what it will come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.cost.daily import sum_by
from opslib.analysis.cost.forecast import Forecast, forecast_sum
from opslib.analysis.cost.periods import Periods
from opslib.estimate import Estimate
from opslib.money import ZERO, total
from opslib.tables.costs import Bill

__all__ = ["MonthOutlook", "all_costs", "forecast_month"]

DailyCosts = dict[date, Decimal]
NO_COSTS = "none of the costs it needs could be read"
TOO_SHORT = "fewer than ten earlier days to test a forecast from"


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
        return self.settled + self.monthly_charges


def all_costs(bill: Bill) -> pd.DataFrame:
    """Return the breakdown that tells charge kinds apart, or the meters where it was not read."""
    return bill.meters if bill.regions.empty else bill.regions


def forecast_month(
    costs: pd.DataFrame, periods: Periods, column: str, confidence: float
) -> MonthOutlook:
    """Forecast the current month from daily costs.

    Args:
        costs: rows per day and group; groups charged on fewer than half of the days since they
            first were count as monthly charges.
        periods: the report's days.
        column: BilledCost or EffectiveCost.
        confidence: of the interval.
    """
    settled = [day for day in periods.settled_days if day < periods.month_end]
    regular, monthly = _split_regular(costs, settled, column)
    spent = total(
        amount
        for series in (regular, monthly)
        for day, amount in series.items()
        if periods.month <= day <= settled[-1]
    )
    unsettled = total(
        amount
        for key, amount in sum_by(costs, ["ChargePeriodStart"], column).items()
        if key[0] in set(periods.unsettled) and key[0] >= periods.month
    )
    forecast = _forecast_rest(regular, settled, periods, confidence)
    expected = _monthly_to_come(monthly, periods, settled)
    return MonthOutlook(
        settled=spent,
        unsettled=unsettled,
        monthly_charges=expected,
        forecast=forecast,
        total=_shifted(forecast.estimate, spent + expected) if forecast else None,
        because="" if forecast else NO_COSTS if costs.empty else TOO_SHORT,
    )


def _split_regular(
    costs: pd.DataFrame, settled: Sequence[date], column: str
) -> tuple[DailyCosts, DailyCosts]:
    """Return the daily costs of groups charged most days, and of those charged now and then."""
    names = [name for name in costs.columns if name not in _NOT_GROUPS]
    groups: dict[tuple[Any, ...], DailyCosts] = defaultdict(dict)
    known = set(settled)
    for (day, *group), amount in sum_by(costs, ["ChargePeriodStart", *names], column).items():
        if day in known:
            groups[tuple(group)][day] = amount
    regular: DailyCosts = {}
    monthly: DailyCosts = {}
    for series in groups.values():
        since_first = sum(day >= min(series) for day in settled)
        into = regular if len(series) * 2 >= since_first else monthly
        for day, amount in series.items():
            into[day] = into.get(day, ZERO) + amount
    return regular, monthly


_NOT_GROUPS = {"ChargePeriodStart", "PricingQuantity", "BilledCost", "EffectiveCost"}


def _forecast_rest(
    regular: DailyCosts, settled: Sequence[date], periods: Periods, confidence: float
) -> Forecast | None:
    if not regular:
        return None
    history = [day for day in settled if day >= min(regular)]
    last = settled[-1]
    horizon = (periods.month_end - last).days - 1
    skip = max(0, (periods.month - last).days - 1)
    costs = [regular.get(day, ZERO) for day in history]
    return forecast_sum(costs, horizon, skip=skip, confidence=confidence)


def _monthly_to_come(monthly: DailyCosts, periods: Periods, settled: Sequence[date]) -> Decimal:
    """Return last month's occasional charges less those already charged this month."""
    last = (periods.month - timedelta(days=1)).replace(day=1)
    if settled[0] > last:
        return ZERO
    before = total(amount for day, amount in monthly.items() if last <= day < periods.month)
    already = total(amount for day, amount in monthly.items() if day >= periods.month)
    rest = before - already
    return rest if (rest > 0) == (before > 0) else ZERO


def _shifted(estimate: Estimate, by: Decimal) -> Estimate:
    return Estimate(
        low=estimate.low + by,
        mid=estimate.mid + by,
        high=estimate.high + by,
        confidence=estimate.confidence,
    )
