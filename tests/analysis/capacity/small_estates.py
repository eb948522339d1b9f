"""Estates whose use is known to the last value."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

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

START = datetime(2026, 1, 5, tzinfo=UTC)
STEP = 300
DAY, WEEK = 288, 2016
TYPES = (
    ("m7g.large", 2, 8),
    ("m7g.xlarge", 4, 16),
    ("m7g.2xlarge", 8, 32),
    ("m7g.4xlarge", 16, 64),
    ("m7g.8xlarge", 32, 128),
    ("m7g.metal", 64, 256),
    ("r6g.medium", 1, 8),
    ("r6g.large", 2, 16),
    ("r6g.xlarge", 4, 32),
    ("t3.small", 2, 2),
    ("t3.medium", 2, 4),
    ("t3.large", 2, 8),
)


def parameters(**changes: Any) -> CapacityParameters:
    return CapacityParameters.model_validate(
        {"as_of": START + timedelta(weeks=9), "environment": "test", "accounts": [], **changes}
    )


def flat(value: float, weeks: float = 3) -> NDArray[np.float64]:
    return np.full(round(weeks * WEEK), float(value))


def series(values: ArrayLike, start: datetime = START, step: int = STEP) -> RegularSeries:
    return RegularSeries(start=start, step_seconds=step, values=np.asarray(values, dtype=float))


@dataclass
class Estate:
    """Rows of the tables, as they are added."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    usage: dict[str, UsageHistory] = field(default_factory=dict)

    def resource(
        self,
        service: str,
        name: str,
        zones: tuple[str, ...] = (),
        region: str = "us-east-1",
        **settings: Any,
    ) -> str:
        self._add(
            "resources",
            Resource=name,
            Service=service,
            Name=name,
            Workload=name,
            Account="one",
            Region=region,
            Zones=json.dumps(zones),
            Settings=json.dumps(settings),
        )
        return name

    def database(self, service: str, name: str, size: str) -> str:
        told: dict[str, Any] = {"class": size}
        return self.resource(service, name, **told)

    def measure(
        self,
        resource: str,
        metric: str,
        values: ArrayLike | None,
        *,
        role: str = "usage",
        statistic: str = "Average",
        start: datetime = START,
    ) -> str:
        identity = f"{resource}#{metric}"
        self._add(
            "series",
            Series=identity,
            Resource=resource,
            Role=role,
            Metric=metric,
            Namespace="Test",
            Dimensions="{}",
            Statistic=statistic,
            Scale=1.0,
            Offset=0.0,
            Unit="",
            IsRate=False,
        )
        if values is not None:
            self.usage[identity] = UsageHistory(fine=series(values, start), coarse=None)
        return identity

    def limit(
        self,
        resource: str,
        name: str,
        values: ArrayLike | None,
        *,
        value: float = 100.0,
        statistic: str = "Average",
        metric: str = "",
    ) -> None:
        identity = self.measure(resource, metric or name, values, statistic=statistic)
        self._add(
            "limits",
            Resource=resource,
            Limit=name,
            Series=identity,
            Value=value,
            Unit="percent" if value == 100 else "",
            Change="instance_class",
            Source="a test",
        )

    def scale(
        self, resource: str, dimension: str, most: float, metric: str = "", target: float = 60.0
    ) -> None:
        self._add(
            "targets",
            Resource=resource,
            Dimension=dimension,
            Min=1.0,
            Max=most,
            Metric=metric,
            Target=target,
            ScaleOutCooldownSeconds=None,
            ScaleInCooldownSeconds=None,
        )

    def quota(self, region: str, code: str, value: float, values: ArrayLike | None) -> None:
        identity = f"{region} {code}"
        if values is not None:
            self.usage[identity] = UsageHistory(fine=None, coarse=series(values, step=3600))
        self._add(
            "quotas",
            Account="one",
            Region=region,
            ServiceCode="ec2",
            QuotaCode=code,
            Name=f"quota {code}",
            Value=value,
            Unit="",
            IsAdjustable=True,
            Series=identity,
            Uncovered="",
        )

    def cost(self, resource: str, meter: str, amount: float) -> None:
        self._add("costs", Resource=resource, SkuMeter=meter, MonthlyCost=amount)

    def price(self, region: str, meter: str, price: float) -> None:
        self._add("prices", Region=region, SkuMeter=meter, Price=price, Unit="Hrs")

    def _add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def tables(self) -> CapacityTables:
        types = [
            {"InstanceType": name, "Vcpus": float(vcpus), "MemoryGib": float(gib)}
            for name, vcpus, gib in TYPES
        ]
        return CapacityTables(
            resources=self._frame("resources", CAPACITY_RESOURCES),
            limits=self._frame("limits", CAPACITY_LIMITS),
            series=self._frame("series", USAGE_SERIES),
            targets=self._frame("targets", SCALING_TARGETS),
            quotas=self._frame("quotas", QUOTAS),
            types=INSTANCE_TYPES.validate(pd.DataFrame(types)),
            costs=self._frame("costs", RESOURCE_COSTS),
            prices=self._frame("prices", UNIT_PRICES),
            currency="USD",
            activities=pd.DataFrame(columns=list(EVENTS.columns)),
            usage=self.usage,
        )

    def _frame(self, table: str, schema: Any) -> pd.DataFrame:
        return pd.DataFrame(self.rows.get(table, []), columns=list(schema.columns))


def at(place: int) -> datetime:
    return START + timedelta(seconds=STEP * place)
