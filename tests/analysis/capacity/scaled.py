"""Rows of resources that serve requests and scale by themselves, made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from opslib.tables.capacity import (
    CAPACITY_LIMITS,
    CAPACITY_RESOURCES,
    INSTANCE_TYPES,
    QUOTAS,
    RESOURCE_COSTS,
    SCALING_TARGETS,
    UNIT_PRICES,
    USAGE_SERIES,
    CapacityTables,
    UsageHistory,
)
from opslib.tables.timeline import EVENTS
from tests.analysis.capacity.estates import fine


def series_row(resource: str, metric: str, role: str = "usage", **values: Any) -> dict[str, Any]:
    """Return a row of `USAGE_SERIES`; its identity is resource and metric."""
    return {
        "Series": f"{resource}/{metric}",
        "Resource": resource,
        "Role": role,
        "Metric": metric,
        "Namespace": "AWS/Any",
        "Dimensions": "{}",
        "Statistic": "Average",
        "Scale": 1.0,
        "Offset": 0.0,
        "Unit": "percent" if role == "usage" else "count",
        "IsRate": role == "demand",
        **values,
    }


def resource_row(name: str, service: str = "ecs", **values: Any) -> dict[str, Any]:
    """Return a row of `CAPACITY_RESOURCES`, whose ARN is its name."""
    return {
        "Resource": name,
        "Service": service,
        "Name": name,
        "Workload": name,
        "Account": "111122223333",
        "Region": "us-east-1",
        "Zones": "[]",
        "Settings": "{}",
        **values,
    }


def limit_row(
    resource: str, limit: str, series: str, value: float, **values: Any
) -> dict[str, Any]:
    """Return a row of `CAPACITY_LIMITS`."""
    return {
        "Resource": resource,
        "Limit": limit,
        "Series": series,
        "Value": value,
        "Unit": limit,
        "Change": "scaling_setting",
        "Source": "by hand",
        **values,
    }


def target_row(resource: str, low: float, high: float, **values: Any) -> dict[str, Any]:
    """Return a row of `SCALING_TARGETS` of an ECS service that tracks 60% CPU."""
    return {
        "Resource": resource,
        "Dimension": "ecs:service:DesiredCount",
        "Min": low,
        "Max": high,
        "Metric": "ECSServiceAverageCPUUtilization",
        "Target": 60.0,
        "ScaleOutCooldownSeconds": None,
        "ScaleInCooldownSeconds": None,
        **values,
    }


def history(values: Iterable[float]) -> UsageHistory:
    """Return a history of five minutes that ends at `TODAY`."""
    return UsageHistory(fine=fine(np.asarray(list(values), dtype=np.float64)), coarse=None)


def scaled_estate(
    *,
    resources: Iterable[Mapping[str, Any]] = (),
    limits: Iterable[Mapping[str, Any]] = (),
    series: Iterable[Mapping[str, Any]] = (),
    targets: Iterable[Mapping[str, Any]] = (),
    prices: Iterable[Mapping[str, Any]] = (),
    usage: Mapping[str, UsageHistory] | None = None,
) -> CapacityTables:
    """Return the tables of an estate; what is not given is empty."""

    def frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
        return pd.DataFrame(list(rows), columns=list(columns))

    return CapacityTables(
        resources=frame(resources, CAPACITY_RESOURCES.columns),
        limits=frame(limits, CAPACITY_LIMITS.columns),
        series=frame(series, USAGE_SERIES.columns),
        targets=frame(targets, SCALING_TARGETS.columns),
        quotas=frame((), QUOTAS.columns),
        types=frame((), INSTANCE_TYPES.columns),
        costs=frame((), RESOURCE_COSTS.columns),
        prices=frame(prices, UNIT_PRICES.columns),
        currency="USD",
        activities=frame((), EVENTS.columns),
        usage=usage or {},
    )
