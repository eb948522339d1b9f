"""The metrics of the account, as CloudWatch keeps them: the same every day but for spells.

Source: Amazon CloudWatch User Guide, "Metrics retention": minutes for 15 days, five for
63, hours for 455.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from opslib.sandbox.metric_store import Series, by_period
from opslib.sandbox.metric_values import Values
from opslib.sandbox.savings.planted import LabMetric, LabPlan

__all__ = ["find_lab_metric", "lab_metrics", "read_lab_series"]

HOUR, DAY = 3600, 86_400
KEPT = ((60, 15), (300, 63), (HOUR, 455))
"""Seconds of a period, and days that it is kept."""
NOON = 12


def lab_metrics(plan: LabPlan, region: str) -> Iterator[LabMetric]:
    """Yield every metric of a region."""
    for planted in plan.resources:
        if planted.region == region:
            yield from planted.metrics


def find_lab_metric(
    plan: LabPlan, region: str, namespace: str, name: str, dimensions: frozenset[tuple[str, str]]
) -> tuple[LabMetric, datetime] | None:
    """Return the metric of exactly these dimensions, and since when it is told; None for none."""
    for planted in plan.resources:
        for metric in planted.metrics if planted.region == region else ():
            told = (metric.namespace, metric.name, frozenset(metric.dimensions))
            if told == (namespace, name, dimensions):
                return metric, planted.created
    return None


def read_lab_series(
    metric: LabMetric,
    since: datetime,
    epoch: datetime,
    statistic: str,
    period: int,
    span: tuple[datetime, datetime],
) -> Series:
    """Return the values of a metric in a half-open span; nothing finer than a minute.

    Args:
        metric: of the account.
        since: its resource exists.
        epoch: the moment that the account lives in.
        statistic: CloudWatch's.
        period: seconds.
        span: beginning and end.
    """
    told = [one for one in KEPT if one[0] <= period]
    if not told:
        return Series.nothing()
    step, days = told[-1]
    kept = max(span[0], since, epoch - timedelta(days=days)).timestamp()
    begin = -(-kept // step) * step
    starts = np.arange(begin, min(span[1], epoch).timestamp(), step)
    return by_period(starts, _values(metric, starts, epoch, statistic, step), statistic, period)


def _values(
    metric: LabMetric, starts: Values, epoch: datetime, statistic: str, step: int
) -> Values:
    """Return a value for each step, of which a sum has its part of the hour's."""
    values = np.full(len(starts), metric.hourly)
    if metric.spell is not None:
        back = epoch.timestamp() // DAY - starts // DAY
        values[(back <= metric.spell.first) & (back >= metric.spell.last)] = metric.spell.value
    if metric.noon is not None:
        values[starts % DAY // HOUR == NOON] = metric.noon
    return values * (step / HOUR) if statistic == "Sum" else values
