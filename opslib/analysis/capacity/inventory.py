"""The resources of an estate and what was measured of their limits, looked up by name."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opslib.tables.capacity import CapacityService, CapacityTables, UsageRole
from opslib.tables.regular_series import RegularSeries

__all__ = ["Inventory", "LimitUse", "Measured", "ResourceDetails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDetails:
    """A row of `CAPACITY_RESOURCES`, its JSON read.

    Args:
        resource: its ARN or identity.
        service: kind of resource.
        name, workload, account, region: as in the table.
        zones: one entry a unit where these are known, else one a zone.
        settings: what Describe calls tell.
    """

    resource: str
    service: str
    name: str
    workload: str
    account: str
    region: str
    zones: tuple[str, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A series that was asked for, and its values every five minutes; None where it has none."""

    series: str
    metric: str
    statistic: str
    history: RegularSeries | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LimitUse:
    """A limit and what was measured of it.

    Args:
        limit: its name.
        value: the limit, above zero.
        unit: of ``value`` and of what was measured.
        measured: None where nothing measures it.
    """

    limit: str
    value: float
    unit: str
    measured: Measured | None

    @property
    def history(self) -> RegularSeries | None:
        """Return the values every five minutes, in the unit of the limit."""
        return self.measured.history if self.measured else None

    def percent(self) -> NDArray[np.float64] | None:
        """Return the values as a share of the limit, 0 to 100 and beyond; None without any."""
        return None if self.history is None else self.history.values / self.value * 100


@dataclass(frozen=True)
class Inventory:
    """Lookups in the tables of an estate; each is made once."""

    tables: CapacityTables

    @cached_property
    def resources(self) -> tuple[ResourceDetails, ...]:
        """Return every resource, in the order of the table."""
        return tuple(
            ResourceDetails(
                resource=row["Resource"],
                service=row["Service"],
                name=row["Name"],
                workload=row["Workload"],
                account=row["Account"],
                region=row["Region"],
                zones=tuple(json.loads(row["Zones"])),
                settings=json.loads(row["Settings"]),
            )
            for row in self.tables.resources.to_dict("records")
        )

    def of(self, *services: CapacityService) -> tuple[ResourceDetails, ...]:
        """Return the resources of some services."""
        return tuple(one for one in self.resources if one.service in services)

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        return {str(row["Series"]): _named(row) for row in self.tables.series.to_dict("records")}

    @cached_property
    def _limits(self) -> Mapping[str, Mapping[str, LimitUse]]:
        found: dict[str, dict[str, LimitUse]] = {}
        for row in self.tables.limits.to_dict("records"):
            found.setdefault(row["Resource"], {})[row["Limit"]] = LimitUse(
                limit=row["Limit"],
                value=row["Value"],
                unit=row["Unit"],
                measured=self._measured(row["Series"]),
            )
        return found

    @cached_property
    def _roles(self) -> Mapping[tuple[str, str], tuple[Measured, ...]]:
        found: dict[tuple[str, str], list[Measured]] = {}
        for series, row in self._rows.items():
            measured = self._measured(series)
            if measured is not None:
                found.setdefault((row["Resource"], row["Role"]), []).append(measured)
        return {key: tuple(some) for key, some in found.items()}

    def _measured(self, series: str) -> Measured | None:
        row = self._rows.get(series)
        if row is None:
            return None
        usage = self.tables.usage.get(series)
        return Measured(
            series=series,
            metric=row["Metric"],
            statistic=row["Statistic"],
            history=usage.fine if usage else None,
        )

    def limits(self, resource: str) -> Mapping[str, LimitUse]:
        """Return the limits of a resource by name."""
        return self._limits.get(resource, {})

    def limit(self, resource: str, name: str) -> LimitUse | None:
        """Return the limit called ``name``, whatever its case; None where there is none."""
        for own, use in self.limits(resource).items():
            if own.casefold() == name.casefold():
                return use
        return None

    def series(self, resource: str, role: UsageRole) -> tuple[Measured, ...]:
        """Return the series of a resource that tell its ``role``."""
        return self._roles.get((resource, role), ())

    @cached_property
    def scaled_by(self) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
        """Return the rows of `SCALING_TARGETS` of each resource."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.tables.targets.to_dict("records"):
            found.setdefault(row["Resource"], []).append(_named(row))
        return {resource: tuple(rows) for resource, rows in found.items()}


def _named(row: Mapping[Hashable, Any]) -> Mapping[str, Any]:
    return {str(name): value for name, value in row.items()}
