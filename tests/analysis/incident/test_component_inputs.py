"""Availability by errors and requests, as the ranking of components takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from opslib.analysis.incident.component_inputs import component_metrics
from opslib.analysis.incident.series import Series
from opslib.parameters.incident_metrics import IncidentMetric, MetricRole

MINUTES = pd.date_range(datetime(2026, 3, 1, 8, tzinfo=UTC), periods=4, freq="min")


def metric(name: str, role: MetricRole) -> IncidentMetric:
    return IncidentMetric(
        name=name,
        component="web",
        role=role,
        unit="count",
        statistic="Sum",
        namespace="AWS/ApplicationELB",
        metric=name,
        dimensions={},
    )


METRICS = (metric("failed", MetricRole.ERRORS), metric("all", MetricRole.REQUESTS))


def series(name: str, values: dict[int, float]) -> Series:
    points = pd.Series(
        list(values.values()), index=MINUTES[list(values)], dtype=float, name="Value"
    )
    return Series(name=name, component="web", period=timedelta(minutes=1), points=points)


def availability(failed: dict[int, float]) -> list[float]:
    told = {"failed": series("failed", failed), "all": series("all", dict.fromkeys(range(4), 50))}
    frame = component_metrics(METRICS, told)
    return frame.loc[frame["Metric"] == "availability", "Value"].tolist()


def test_a_period_without_a_count_of_errors_has_none_of_them() -> None:
    assert availability({1: 5}) == [100, 90, 100, 100]


def test_errors_that_never_reported_do_not_say_that_all_went_well() -> None:
    assert availability({}) == []
