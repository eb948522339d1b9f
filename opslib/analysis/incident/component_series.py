"""A table of component metrics as arrays: one row an interval, one column a component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.errors import TableError
from opslib.tables.component_metrics import ComponentMetric, MetricStatistic

__all__ = ["ComponentSeries", "FloatArray", "component_series", "interval_seconds"]

FloatArray = npt.NDArray[np.float64]

PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSeries:
    """What was measured, of shape (intervals, components); NaN where nothing was.

    Args:
        starts: start of each interval, seconds since 1970 UTC, ascending.
        requests: how many requests the component answered.
        cost: what one of its requests cost on average: seconds by latency, by failure the share
            that failed (0 to 1).
    """

    starts: FloatArray
    requests: FloatArray
    cost: dict[ComponentMetric, FloatArray]


def component_series(table: pd.DataFrame, components: Sequence[str]) -> ComponentSeries:
    """Lay the mean latency, the failed share and the requests of ``components`` out in arrays.

    Negative and infinite values count as not measured; other statistics are left aside, since
    only means and sums can be added along a call graph.

    Args:
        table: columns of `opslib.tables.component_metrics.COMPONENT_METRICS`.
        components: names of the columns of the arrays, in their order.

    Raises:
        TableError: two values for the same component, metric and interval.
    """
    table = table[table["Statistic"].isin([str(statistic) for statistic in MetricStatistic])]
    starts, rows = np.unique(_epoch_seconds(table["Timestamp"]), return_inverse=True)
    columns = pd.Index(components).get_indexer(pd.Index(table["Component"]))
    values = table["Value"].to_numpy(dtype=float, na_value=np.nan)

    def laid_out(metric: ComponentMetric, statistic: MetricStatistic) -> FloatArray:
        wanted = (table["Metric"] == metric) & (table["Statistic"] == statistic)
        chosen = wanted.to_numpy(dtype=bool) & (columns >= 0)
        _refuse_repeats(rows[chosen] * len(components) + columns[chosen], metric)
        filled = np.full((len(starts), len(components)), np.nan)
        filled[rows[chosen], columns[chosen]] = values[chosen]
        return np.where(np.isfinite(filled) & (filled >= 0), filled, np.nan)

    available = laid_out(ComponentMetric.AVAILABILITY, MetricStatistic.AVERAGE)
    return ComponentSeries(
        starts=starts,
        requests=laid_out(ComponentMetric.REQUESTS, MetricStatistic.SUM),
        cost={
            ComponentMetric.LATENCY: laid_out(ComponentMetric.LATENCY, MetricStatistic.AVERAGE),
            ComponentMetric.AVAILABILITY: 1 - np.minimum(available, PERCENT) / PERCENT,
        },
    )


def interval_seconds(starts: FloatArray) -> float | None:
    """Return the usual distance between ``starts``, in seconds; None with fewer than two."""
    return float(np.median(np.diff(starts))) if len(starts) > 1 else None


def _epoch_seconds(times: pd.Series) -> FloatArray:
    since = pd.to_datetime(times, utc=True) - pd.Timestamp(0, tz="UTC")
    return np.asarray(since.dt.total_seconds(), dtype=np.float64)


def _refuse_repeats(cells: npt.NDArray[np.int64], metric: ComponentMetric) -> None:
    if np.bincount(cells).max(initial=0) > 1:
        raise TableError(
            f"two values of {metric} for one component and interval", where="component metrics"
        )
