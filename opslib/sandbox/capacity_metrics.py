"""The metrics of the estate's capacity as CloudWatch keeps them, made when they are asked for.

Five minutes are kept for 63 days, hours for 455; a finer period than is kept returns nothing. The
minutes of the last 15 days are those of their five minutes.

Source: Amazon CloudWatch User Guide, "Metrics retention".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from opslib.sandbox.capacity_compute_metrics import list_compute_metrics
from opslib.sandbox.capacity_growth import Values
from opslib.sandbox.capacity_load import FINE_DAYS, HISTORY_DAYS, fine_grid, old_grid
from opslib.sandbox.capacity_metric import CapacityMetric
from opslib.sandbox.capacity_network_metrics import list_network_metrics
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.capacity_service_metrics import list_service_metrics
from opslib.sandbox.capacity_store_metrics import list_store_metrics
from opslib.sandbox.capacity_usage_metrics import list_usage_metrics
from opslib.sandbox.metric_store import DECIMALS, Series, by_period

__all__ = ["capacity_metrics", "find_capacity_metric", "read_capacity_series"]

MINUTE, FIVE, HOUR = 60, 300, 3600
MINUTE_DAYS = 15
Place = tuple[str, str, str, str, frozenset[tuple[str, str]]]


@lru_cache(maxsize=4)
def _by_place(plan: CapacityPlan) -> dict[Place, CapacityMetric]:
    if plan.is_empty:
        return {}
    metrics = [
        *list_service_metrics(plan),
        *list_compute_metrics(plan),
        *list_store_metrics(plan),
        *list_network_metrics(plan),
        *list_usage_metrics(plan),
    ]
    return {
        (one.account, one.region, one.namespace, one.name, frozenset(one.dimensions)): one
        for one in metrics
    }


def capacity_metrics(plan: CapacityPlan, account: str, region: str) -> tuple[CapacityMetric, ...]:
    """Return every metric of a place."""
    return tuple(
        metric for place, metric in _by_place(plan).items() if place[:2] == (account, region)
    )


def find_capacity_metric(
    plan: CapacityPlan,
    place: tuple[str, str],
    namespace: str,
    name: str,
    dimensions: frozenset[tuple[str, str]],
) -> CapacityMetric | None:
    """Return the metric of exactly these dimensions in an account and region; None for none."""
    return _by_place(plan).get((*place, namespace, name, dimensions))


def read_capacity_series(
    plan: CapacityPlan,
    metric: CapacityMetric,
    statistic: str,
    period: int,
    span: tuple[datetime, datetime],
) -> Series:
    """Return the values of a metric in a half-open span, by period, as far as they are kept.

    Args:
        plan: the estate's capacity.
        metric: of it.
        statistic: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95.
        period: seconds, a multiple of 60.
        span: beginning and end.
    """
    begin = max(span[0], _kept_from(plan.epoch, period)).timestamp() // period * period
    end = min(span[1], plan.epoch).timestamp()
    whole = _whole(plan.epoch.timestamp(), metric, statistic)
    first, last = np.searchsorted(whole.starts, [begin, end])
    starts, values = whole.starts[first:last], whole.values[first:last]
    if period < FIVE:
        starts, values = _minutes(starts, values, statistic)
    if period not in {MINUTE, FIVE}:
        told = by_period(starts, values, statistic, period)
        starts, values = told.starts, told.values
    # So many bytes are that the sixth decimal is beyond what a double holds.
    return Series(starts, np.round(values, 0 if metric.unit == "Bytes" else DECIMALS))


def _kept_from(epoch: datetime, period: int) -> datetime:
    kept = MINUTE_DAYS if period < FIVE else FINE_DAYS if period < HOUR else HISTORY_DAYS
    return epoch - timedelta(days=kept)


@lru_cache(maxsize=256)
def _whole(epoch: float, metric: CapacityMetric, statistic: str) -> Series:
    """Return hours and then five minutes of all that is kept, without what was not reported."""
    grids = (old_grid(epoch), fine_grid(epoch))
    starts = np.concatenate([grid.starts for grid in grids])
    values = np.concatenate([metric.values(grid, statistic) for grid in grids])
    held = ~np.isnan(values)
    return Series(starts[held], values[held])


def _minutes(starts: Values, values: Values, statistic: str) -> tuple[Values, Values]:
    """Return the minutes of five minutes: the same state, a fifth of what was counted."""
    many = FIVE // MINUTE
    finer = np.repeat(starts, many) + np.tile(MINUTE * np.arange(many), len(starts))
    told = np.repeat(values, many)
    return finer, told / many if statistic in {"Sum", "SampleCount"} else told
