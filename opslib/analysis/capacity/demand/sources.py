"""Which requests each resource serves, and by which figure its use is told."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opslib.analysis.capacity.recorded import Recorded, is_percent
from opslib.tables.capacity import CapacityService, CapacityTables, ChangeKind, UsageRole

__all__ = [
    "FULL_PERCENT",
    "LEAST_UNITS",
    "SCALED",
    "DemandSource",
    "find_fronts",
    "find_sources",
    "workload_of",
]

Workload = tuple[str, str, str]
Counted = tuple[str, float]
LEAST_UNITS = 0.99
"""Whoever has a utilisation runs one unit at least: a lower count is no count."""
FULL_PERCENT = 95.0
"""Of what is busier than this it is not told how much more was asked of it."""

RUN_UNITS = {
    CapacityService.ECS: "tasks",
    CapacityService.EKS: "pods",
    CapacityService.ASG: "instances",
    CapacityService.EC2: "instances of its type",
    CapacityService.RDS: "instances of its class",
}
"""Services that are utilised by per cent, and what a unit of them is called."""
SCALED = {CapacityService.ECS, CapacityService.EKS, CapacityService.ASG}
"""Services that run as many units as somebody wants; of the others a resource is one unit."""
COUNTED = {
    CapacityService.AURORA,
    CapacityService.RDS,
    CapacityService.DYNAMODB,
    CapacityService.LAMBDA,
    CapacityService.CACHE,
}
"""Services whose use is counted in units itself."""
ASKED = {
    CapacityService.ECS,
    CapacityService.EKS,
    CapacityService.AURORA,
    CapacityService.RDS,
    CapacityService.DYNAMODB,
    CapacityService.LAMBDA,
}
"""Services that are told of also where nothing of their requests is recorded."""
HOARDED = {ChangeKind.STORAGE, ChangeKind.NETWORK}
"""What is used up rather than used by each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandSource:
    """The series that tell what requests cost a resource.

    Args:
        resource, name, service: as in `CAPACITY_RESOURCES`.
        unit: what is wanted more of as requests grow.
        demand: series whose sum are the requests; () where there is none.
        use: series of the use; '' where there is none.
        units: series of how many units ran; '' where it is one.
        is_percent: use is in per cent of the units that ran.
        full: use from which more may be wanted than is used, in the unit of the use.
        why_not: what is missing; '' where nothing is.
    """

    resource: str
    name: str
    service: str
    unit: str
    demand: tuple[str, ...]
    use: str = ""
    units: str = ""
    is_percent: bool = False
    full: float = FULL_PERCENT
    why_not: str = ""


def find_sources(tables: CapacityTables, recorded: Recorded) -> Iterator[DemandSource]:
    """Yield the sources of each resource that serves requests, its own or those of its workload."""
    counted = _counted(tables)
    fronts = find_fronts(tables, recorded)
    for row in tables.resources.to_dict("records"):
        service = str(row["Service"])
        demand = recorded.requests_of(str(row["Resource"])) or fronts.get(workload_of(row), ())
        uses = [
            *_percents(row, demand, recorded, counted.get(str(row["Resource"]), {})),
            *_counts(row, demand, counted.get(str(row["Resource"]), {})),
        ]
        if uses and demand:
            yield from uses
        elif service in ASKED:
            missing = "no requests of it or of its workload are recorded"
            yield _source(
                row,
                (),
                "",
                unit=RUN_UNITS.get(CapacityService(service), "units"),
                why_not="its use is not recorded" if demand else missing,
            )


def workload_of(row: Mapping[Any, Any]) -> Workload:
    """Return the workload of a row of `CAPACITY_RESOURCES`, with its account and region."""
    return str(row["Account"]), str(row["Region"]), str(row["Workload"])


def find_fronts(tables: CapacityTables, recorded: Recorded) -> dict[Workload, tuple[str, ...]]:
    """Return the requests of each workload: those of all that serves them, as told first of these.

    Services and instances; load balancers; functions. What stands behind several is told by the
    requests of all of them, whose mix is taken to stay what it was.
    """
    tiers: tuple[dict[Workload, tuple[str, ...]], ...] = ({}, {}, {})
    for row in tables.resources.to_dict("records"):
        is_balancer = row["Service"] == CapacityService.LOAD_BALANCER
        found = tiers[0 if row["Service"] in RUN_UNITS else 1 if is_balancer else 2]
        workload, requests = workload_of(row), recorded.requests_of(str(row["Resource"]))
        if requests:
            found[workload] = (*found.get(workload, ()), *requests)
    return tiers[2] | tiers[1] | tiers[0]


def _counted(tables: CapacityTables) -> dict[str, dict[str, Counted]]:
    """Return series and limit of each use that is counted, by resource and name of the use."""
    found: dict[str, dict[str, Counted]] = {}
    for row in tables.limits.to_dict("records"):
        if not is_percent(str(row["Unit"])) and row["Change"] not in HOARDED:
            uses = found.setdefault(str(row["Resource"]), {})
            uses[str(row["Limit"])] = (str(row["Series"]), float(row["Value"]))
    limited = set(tables.limits["Series"])
    for row in tables.series.to_dict("records"):
        is_use = row["Role"] == UsageRole.USAGE and not is_percent(str(row["Unit"]))
        if is_use and row["Series"] not in limited:
            uses = found.setdefault(str(row["Resource"]), {})
            uses[str(row["Metric"])] = (str(row["Series"]), math.inf)
    return {
        resource: {name: use for name, use in uses.items() if use[0] in tables.usage}
        for resource, uses in found.items()
    }


def _percents(
    row: Mapping[Any, Any],
    demand: tuple[str, ...],
    recorded: Recorded,
    counted: Mapping[str, Counted],
) -> Iterator[DemandSource]:
    resource, service = str(row["Resource"]), str(row["Service"])
    use = recorded.percent_of(resource)
    if service in RUN_UNITS and use is not None:
        unit = RUN_UNITS[CapacityService(service)]
        units = recorded.units_of(resource) or counted.get(unit, ("", 0.0))[0]
        missing = f"how many {unit} ran is not recorded" if service in SCALED and not units else ""
        yield _source(row, demand, use, units=units, unit=unit, why_not=missing)


def _counts(
    row: Mapping[Any, Any], demand: tuple[str, ...], counted: Mapping[str, Counted]
) -> Iterator[DemandSource]:
    if row["Service"] in COUNTED:
        for limit, (series, value) in counted.items():
            source = _source(row, demand, series, unit=limit)
            yield replace(source, is_percent=False, full=value * FULL_PERCENT / 100)


def _source(
    row: Mapping[Any, Any],
    demand: tuple[str, ...],
    use: str,
    *,
    units: str = "",
    unit: str = "units",
    why_not: str = "",
) -> DemandSource:
    return DemandSource(
        resource=str(row["Resource"]),
        name=str(row["Name"]),
        service=str(row["Service"]),
        unit=unit,
        demand=demand,
        use=use,
        units=units,
        is_percent=True,
        why_not=why_not,
    )
