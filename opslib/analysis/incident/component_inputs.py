"""Metrics of an incident as the ranking of components takes them.

Method: latency in seconds by Average; requests by Sum; availability is the share of requests that
did not fail, from errors and requests of one component, or as a metric tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from opslib.analysis.incident.series import Series, share_of
from opslib.parameters.incident_metrics import IncidentMetric, MetricRole
from opslib.tables.component_metrics import (
    CALLS,
    COMPONENT_METRICS,
    ComponentMetric,
    MetricStatistic,
)

__all__ = ["calls_between", "component_metrics"]

SECONDS = {"ms": 1000.0}
PERCENT = 100.0


def component_metrics(
    metrics: Iterable[IncidentMetric], series: Mapping[str, Series]
) -> pd.DataFrame:
    """Return columns of `COMPONENT_METRICS`, over all that was read.

    Args:
        metrics: as parameters name them.
        series: by the names of metrics.
    """
    parts = [part for metric in metrics for part in _parts(metric, series)]
    parts += _availability(list(metrics), series)
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=list(COMPONENT_METRICS.columns))
    keys = ["Component", "Metric", "Statistic", "Timestamp"]
    return frame.drop_duplicates(keys).reset_index(drop=True)


def calls_between(counts: pd.DataFrame) -> pd.DataFrame:
    """Return columns of `CALLS` from those of `opslib.tables.service_graph.CALL_COUNTS`."""
    pairs = counts[["Caller", "Callee"]].drop_duplicates()
    return pairs.sort_values(["Caller", "Callee"])[list(CALLS.columns)].reset_index(drop=True)


def _parts(metric: IncidentMetric, series: Mapping[str, Series]) -> list[pd.DataFrame]:
    if metric.name not in series:
        return []
    points = series[metric.name].points
    if metric.role is MetricRole.LATENCY and metric.statistic == MetricStatistic.AVERAGE:
        scaled = points / SECONDS.get(metric.unit, 1.0)
        return [_frame(metric.component, ComponentMetric.LATENCY, MetricStatistic.AVERAGE, scaled)]
    if metric.role is MetricRole.REQUESTS and metric.statistic == MetricStatistic.SUM:
        return [_frame(metric.component, ComponentMetric.REQUESTS, MetricStatistic.SUM, points)]
    if metric.role is MetricRole.AVAILABILITY and metric.statistic == MetricStatistic.AVERAGE:
        told = ComponentMetric.AVAILABILITY
        return [_frame(metric.component, told, MetricStatistic.AVERAGE, points)]
    return []


def _availability(
    metrics: list[IncidentMetric], series: Mapping[str, Series]
) -> list[pd.DataFrame]:
    asked = {m.component: m.name for m in metrics if m.role is MetricRole.REQUESTS}
    parts = []
    for metric in metrics:
        requests = series.get(asked.get(metric.component, ""))
        failed = series.get(metric.name)
        if metric.role is not MetricRole.ERRORS or failed is None or requests is None:
            continue
        if failed.points.empty:  # a metric that never spoke does not say that all went well
            continue
        share = (PERCENT * (1 - share_of(failed, requests))).clip(lower=0.0)
        told = ComponentMetric.AVAILABILITY
        parts.append(_frame(metric.component, told, MetricStatistic.AVERAGE, share))
    return parts


def _frame(
    component: str, metric: ComponentMetric, statistic: MetricStatistic, points: pd.Series
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Component": component,
            "Metric": metric.value,
            "Statistic": statistic.value,
            "Timestamp": list(points.index),
            "Value": points.to_numpy(dtype=float),
        }
    )
