"""What is measured and limited of each resource.

What AWS tells of a resource is read and recorded; its limits and series follow from that alone, so
that a replay comes to the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from opslib.aws.capacity.rows import Resource
from opslib.tables.capacity import CAPACITY_LIMITS, USAGE_SERIES, ChangeKind, UsageRole
from opslib.tables.schema import check_table

__all__ = ["Measures", "MetricQuery", "UsageSeries", "metric"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """A metric of CloudWatch with one statistic."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str

    @property
    def name(self) -> str:
        """Return its identity within an account and region."""
        told = ",".join(f"{name}={value}" for name, value in sorted(self.dimensions.items()))
        return f"{self.namespace} {self.metric} {self.statistic} {{{told}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSeries:
    """One row of `USAGE_SERIES`, with what CloudWatch is asked for it: the sum of its queries."""

    series: str
    resource: Resource
    role: UsageRole
    metric: str
    unit: str
    queries: tuple[MetricQuery, ...]
    scale: float
    offset: float
    is_rate: bool


@dataclass(slots=True)
class Measures:
    """The limits and series of an estate, as they are found.

    Args:
        series: by identity.
        limits: by resource and name.
        unknown: limits whose value nothing told, each with why.
    """

    series: dict[str, UsageSeries] = field(default_factory=dict)
    limits: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    unknown: list[tuple[Resource, str, str]] = field(default_factory=list)

    def usage(
        self,
        resource: Resource,
        name: str,
        unit: str,
        *queries: MetricQuery,
        role: UsageRole = UsageRole.USAGE,
        scale: float = 1.0,
        offset: float = 0.0,
        is_rate: bool = False,
    ) -> str:
        """Add the series that people call ``name``; return its identity."""
        identity = f"{resource.identity}#{name}"
        self.series[identity] = UsageSeries(
            series=identity,
            resource=resource,
            role=role,
            metric=name,
            unit=unit,
            queries=queries,
            scale=scale,
            offset=offset,
            is_rate=is_rate,
        )
        return identity

    def limit(
        self,
        resource: Resource,
        name: str,
        value: float | None,
        unit: str,
        change: ChangeKind,
        source: str,
        series: str = "",
    ) -> None:
        """Add a limit; one without a value, or of nothing, is noted as unknown.

        Args:
            resource: whose it is.
            name: such as CPU.
            value: in ``unit``.
            unit: that of the series.
            change: what moves it.
            source: where it is known from, or why it is not.
            series: what is held against it; empty where nothing measures it.
        """
        if value is None or not value > 0:
            self.unknown.append((resource, name, source))
            return
        row = (resource.identity, name, series, float(value), unit, change.value, source)
        self.limits[resource.identity, name] = row

    def limits_frame(self) -> pd.DataFrame:
        """Return the limits; columns of `CAPACITY_LIMITS`."""
        frame = pd.DataFrame(list(self.limits.values()), columns=list(CAPACITY_LIMITS.columns))
        return check_table(frame, CAPACITY_LIMITS, "capacity limits")

    def series_frame(self) -> pd.DataFrame:
        """Return the series; columns of `USAGE_SERIES`."""
        rows = [_series_row(one) for one in self.series.values()]
        frame = pd.DataFrame(rows, columns=list(USAGE_SERIES.columns))
        return check_table(frame, USAGE_SERIES, "usage series")

    def keep(self, resources: Iterable[str]) -> None:
        """Leave out what is of other resources than those named."""
        kept = set(resources)
        self.series = {k: one for k, one in self.series.items() if one.resource.identity in kept}
        self.limits = {key: one for key, one in self.limits.items() if key[0] in kept}
        self.unknown = [one for one in self.unknown if one[0].identity in kept]


def _series_row(one: UsageSeries) -> tuple[Any, ...]:
    first = one.queries[0]
    return (
        one.series,
        one.resource.identity,
        one.role.value,
        one.metric,
        first.namespace,
        json.dumps(dict(first.dimensions), sort_keys=True),
        first.statistic,
        float(one.scale),
        float(one.offset),
        one.unit,
        one.is_rate,
    )


def metric(namespace: str, name: str, statistic: str, /, **dimensions: str) -> MetricQuery:
    """Return a query; dimensions by name."""
    return MetricQuery(namespace=namespace, metric=name, dimensions=dimensions, statistic=statistic)
