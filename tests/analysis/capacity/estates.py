"""Small estates made by hand, for tests of what is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opslib.parameters.capacity import CapacityParameters
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
from opslib.tables.regular_series import RegularSeries
from opslib.tables.timeline import EVENTS

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
ZONES = '["a", "b", "c"]'
TODAY = datetime(2026, 3, 2, tzinfo=UTC)


def parameters(**chosen: Any) -> CapacityParameters:
    """Return parameters as of the sandbox's epoch."""
    return CapacityParameters.parse({"as_of": AS_OF, **chosen})


def fine(values: NDArray[np.float64], end: datetime = TODAY) -> RegularSeries:
    """Return values of five minutes that end at ``end``."""
    start = end - timedelta(minutes=5 * len(values))
    return RegularSeries(start=start, step_seconds=300, values=values)


def hourly(values: NDArray[np.float64], end: datetime) -> RegularSeries:
    """Return values of hours that end at ``end``."""
    start = end - timedelta(hours=len(values))
    return RegularSeries(start=start, step_seconds=3600, values=values)


def by_day(peaks: Sequence[float] | NDArray[np.float64]) -> UsageHistory:
    """Return a history of five minutes whose daily peaks are ``peaks``, the last yesterday's."""
    return UsageHistory(fine=fine(np.repeat(np.asarray(peaks, dtype=float), 288)), coarse=None)


def growing(days: int, first: float, each_day: float, noise: float, seed: int) -> UsageHistory:
    """Return peaks that grow by a line, with noise."""
    chance = np.random.default_rng(seed)
    line = first + each_day * np.arange(days)
    return by_day(np.maximum(line + noise * chance.standard_normal(days), 0.0))


def estate(
    usage: Mapping[str, UsageHistory | None],
    *,
    limit: float = 100.0,
    change: str = "scaling_setting",
    service: str = "ecs",
    settings: Mapping[str, Any] | None = None,
) -> CapacityTables:
    """Return resources of one limit each, by name; None: nothing was measured."""
    told = json.dumps(settings or {})
    resources = [(n, service, n, n, "shop", "us-east-1", ZONES, told) for n in usage]
    limits = [(n, "CPU", n, limit, "percent", change, "by hand") for n in usage]
    return CapacityTables(
        resources=pd.DataFrame(resources, columns=list(CAPACITY_RESOURCES.columns)),
        limits=pd.DataFrame(limits, columns=list(CAPACITY_LIMITS.columns)),
        series=pd.DataFrame(columns=list(USAGE_SERIES.columns)),
        targets=pd.DataFrame(columns=list(SCALING_TARGETS.columns)),
        quotas=pd.DataFrame(columns=list(QUOTAS.columns)),
        types=pd.DataFrame(columns=list(INSTANCE_TYPES.columns)),
        costs=pd.DataFrame(columns=list(RESOURCE_COSTS.columns)),
        prices=pd.DataFrame(columns=list(UNIT_PRICES.columns)),
        currency="USD",
        activities=pd.DataFrame(columns=list(EVENTS.columns)),
        usage={name: history for name, history in usage.items() if history is not None},
    )
