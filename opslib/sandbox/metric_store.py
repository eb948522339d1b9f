"""The shop's metrics as CloudWatch keeps them, made when they are first asked for.

Minutes are kept for 15 days, five minutes for 63, hours for what is older. A finer period than is
kept returns nothing.

Source: Amazon CloudWatch User Guide, "Metrics retention".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import IncidentPlan, window_of
from opslib.sandbox.metric_values import (
    PEAK_A_MINUTE,
    Values,
    daily_load,
    effect_at,
    make_grid,
    make_values,
)
from opslib.sandbox.shop_metrics import ShopMetric, list_metrics
from opslib.sandbox.shop_traffic import Fault, follow_requests

__all__ = [
    "DECIMALS",
    "Series",
    "by_period",
    "gap_of",
    "kept_from",
    "read_series",
    "requests_between",
]

MINUTE, FIVE, HOUR, DAY = 60, 300, 3600, 86_400
HISTORY_DAYS, MADE_OF_FIVES_DAYS, FIVE_DAYS, FINE_DAYS = 455, 90, 63, 15
GAP = timedelta(hours=1)
DECIMALS = 6
"""The last digits of exponents and logarithms differ between processors, and samples must not."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values at moments, oldest first.

    Args:
        starts: beginning of each period, seconds since 1970.
        values: of each.
    """

    starts: Values
    values: Values

    @classmethod
    def nothing(cls) -> Series:
        """Return no values."""
        return cls(np.empty(0), np.empty(0))


def kept_from(epoch: datetime, period: int) -> datetime:
    """Return since when values of a period of so many seconds are kept."""
    fine = FINE_DAYS if period < FIVE else FIVE_DAYS
    return epoch - timedelta(days=fine if period < HOUR else HISTORY_DAYS)


def read_series(
    plan: IncidentPlan,
    account: str,
    metric: ShopMetric,
    statistic: str,
    period: int,
    span: tuple[datetime, datetime],
) -> Series:
    """Return the values of a metric in a half-open span, by period, as far as they are kept.

    Args:
        plan: the shop's days.
        account: production or staging.
        metric: of the shop.
        statistic: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95.
        period: seconds, a multiple of 60.
        span: beginning and end.
    """
    begin = max(span[0], kept_from(plan.epoch, period)).timestamp() // period * period
    end = min(span[1], plan.epoch).timestamp()
    made = _minutes if period < FIVE else _fives if period < HOUR else _hours
    whole = made(plan, account, metric, statistic)
    first, last = np.searchsorted(whole.starts, [begin, end])
    told = by_period(whole.starts[first:last], whole.values[first:last], statistic, period)
    return Series(told.starts, np.round(told.values, DECIMALS))


def by_period(starts: Values, values: Values, statistic: str, period: int) -> Series:
    """Return a series by longer periods.

    Args:
        starts: beginnings of the periods that there are, seconds since 1970, oldest first.
        values: of each.
        statistic: that they are of.
        period: seconds, a multiple of theirs.
    """
    if not len(starts):
        return Series(starts, values)
    periods = starts // period * period
    firsts = np.flatnonzero(np.diff(periods, prepend=-np.inf))
    if statistic in {"Sum", "SampleCount"}:
        made = np.add.reduceat(values, firsts)
    elif statistic in {"Minimum", "Maximum"}:
        made = (np.minimum if statistic == "Minimum" else np.maximum).reduceat(values, firsts)
    else:
        made = np.add.reduceat(values, firsts) / np.diff(firsts, append=len(values))
    return Series(periods[firsts], made)


@lru_cache(maxsize=128)
def _minutes(plan: IncidentPlan, account: str, metric: ShopMetric, statistic: str) -> Series:
    """Return all values of minutes."""
    last = plan.epoch.timestamp() // MINUTE * MINUTE
    grid = make_grid(plan, account, _fine_from(plan), last, MINUTE)
    values = make_values(plan, account, metric, statistic, grid)
    begin, end = gap_of(plan, account, metric)
    return _held(grid.starts, np.where(_within(grid.starts, begin, end), np.nan, values))


@lru_cache(maxsize=128)
def _fives(plan: IncidentPlan, account: str, metric: ShopMetric, statistic: str) -> Series:
    """Return all values of five minutes, the newer ones made of the minutes."""
    fine = _minutes(plan, account, metric, statistic)
    first = _fives_from(plan)
    grid = make_grid(plan, account, first, _fine_from(plan), FIVE)
    old = _held(grid.starts, make_values(plan, account, metric, statistic, grid))
    new = by_period(fine.starts, fine.values, statistic, FIVE)
    return Series(
        np.concatenate([old.starts, new.starts]), np.concatenate([old.values, new.values])
    )


@lru_cache(maxsize=128)
def _hours(plan: IncidentPlan, account: str, metric: ShopMetric, statistic: str) -> Series:
    """Return hours of which nothing finer was made, and the five minutes that came after."""
    newer = _fives(plan, account, metric, statistic)
    begin = _fine_from(plan) - (HISTORY_DAYS - FINE_DAYS) * DAY
    grid = make_grid(plan, account, begin // HOUR * HOUR, _fives_from(plan), HOUR)
    old = _held(grid.starts, make_values(plan, account, metric, statistic, grid))
    return Series(
        np.concatenate([old.starts, newer.starts]), np.concatenate([old.values, newer.values])
    )


def _fives_from(plan: IncidentPlan) -> float:
    return _fine_from(plan) - (MADE_OF_FIVES_DAYS - FINE_DAYS) * DAY


def _fine_from(plan: IncidentPlan) -> float:
    return plan.epoch.timestamp() // FIVE * FIVE - FINE_DAYS * DAY


def _within(starts: Values, begin: float, end: float) -> npt.NDArray[np.bool_]:
    return (starts >= begin) & (starts < end)


def _held(starts: Values, values: Values) -> Series:
    held = ~np.isnan(values)
    if held.all():
        return Series(starts, values)
    return Series(starts[held], values[held])


def gap_of(plan: IncidentPlan, account: str, metric: ShopMetric) -> tuple[float, float]:
    """Return when a metric reports nothing, seconds since 1970; an empty span for most."""
    struck = plan.incident.component if plan.incident else ""
    candidates = [
        one
        for one in list_metrics()
        if one.says_zero and one.component not in {"web", "reports", struck}
    ]
    if account != PRODUCTION or metric is not candidates[plan.seed % len(candidates)]:
        return 0.0, 0.0
    opens, _ = window_of(plan.epoch)
    begin = (opens + timedelta(hours=1 + plan.seed % 11)).timestamp()
    return begin, begin + GAP.total_seconds()


def requests_between(
    plan: IncidentPlan, component: str, begin: datetime, end: datetime
) -> tuple[float, float]:
    """Return the requests to a component of production, and the share that the incident met."""
    starts = np.arange(begin.timestamp(), end.timestamp(), MINUTE)
    if not len(starts):
        return 0.0, 0.0
    usual = follow_requests(Fault())[component]
    asked = PEAK_A_MINUTE * daily_load(starts) * usual.per_request
    hit = effect_at(plan, PRODUCTION, starts)
    return float(asked.sum()), float((asked * hit).sum() / asked.sum())
