"""Which setting to change for planned traffic, by its kind, and to what.

Method: the upper end of the need's interval, rounded up to what can be set, is what the maximum has
to be; the middle is what the minimum has to be where the traffic comes faster than scaling follows.
What has no maximum that can be set (the class of a database) is told as the smallest of its family
that carries the need.
Sources: the Aurora user guide, Aurora Serverless v2 capacity (steps of half an ACU, 256 at most);
the RDS user guide, DB instance storage (gp2: three IOPS a GiB) and RDS Proxy.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opslib.analysis.capacity.sizes.sizes import family_sizes, find_size
from opslib.estimate import Estimate
from opslib.tables.capacity import CapacityService, CapacityTables, ChangeKind
from opslib.wording import printable

__all__ = ["Shortfall", "find_remedy"]

ACU_STEP, MOST_ACU = 0.5, 256.0
GP2_IOPS_A_GIB = 3
ACUS = "rds:cluster:acu"
SCALED_BY = {
    ACUS: "the maximum capacity of its Serverless v2 scaling, in ACU,",
    "autoscaling:group": "the group's maximum size",
    "eks:hpa": "maxReplicas of its HorizontalPodAutoscaler",
    "eks:nodegroup": "the node group's maximum size",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What a resource needs more of than it surely may have.

    Args:
        resource, service: as in `CAPACITY_RESOURCES`.
        unit: what is needed.
        needed: units.
        maximum: units that it may have now; None where that is not known.
    """

    resource: str
    service: str
    unit: str
    needed: Estimate
    maximum: float | None


Row = Mapping[Any, Any]


def find_remedy(short: Shortfall, tables: CapacityTables) -> str:
    """Return the setting to change, with its number and the present one.

    Args:
        short: what is needed.
        tables: what was read, for the settings in force.
    """
    by_unit: dict[str, Callable[[Shortfall, CapacityTables], str]] = {
        "ACU": _acus,
        "connections": _connections,
        "IOPS": _operations,
        "concurrency": _concurrency,
        "read capacity": _table_capacity,
        "write capacity": _table_capacity,
    }
    chosen = by_unit.get(short.unit)
    if chosen is not None:
        return chosen(short, tables)
    if short.service in {CapacityService.EC2, CapacityService.RDS} and short.maximum == 1:
        return _another_type(short, tables)
    return _units(short, tables)


def _units(short: Shortfall, tables: CapacityTables) -> str:
    row = _target(tables, short.resource)
    most, unit = _number(_ceiling(short)), printable(short.unit)
    if row is not None:
        return _scaled(row, short)
    if short.maximum is None:
        return f"run {most} {unit}, or scale it up to that"
    return f"make room for {most} {unit}{_now(short)}"


def _scaled(row: Row, short: Shortfall, step: float = 1.0) -> str:
    """Return the maximum to set, and the minimum for traffic that comes at once."""
    dimension = str(row["Dimension"])
    what = SCALED_BY.get(dimension, f"the maximum of its scaling target ({printable(dimension)})")
    told = f"set {what} to {_number(_ceiling(short, step))} ({_number(float(row['Max']))} now)"
    least = math.ceil(float(short.needed.mid) / step) * step
    if least <= float(row["Min"]):
        return told
    return (
        f"{told}; its minimum to {_number(least)} before ({_number(float(row['Min']))} now) "
        "if the traffic comes at once"
    )


def _acus(short: Shortfall, tables: CapacityTables) -> str:
    if _ceiling(short, ACU_STEP) > MOST_ACU:
        return (
            f"spread reads over more instances: one has {_number(MOST_ACU)} ACU at most, and "
            f"{_number(_ceiling(short, ACU_STEP))} are needed"
        )
    row = _target(tables, short.resource, ACUS)
    most = _number(_ceiling(short, ACU_STEP))
    if row is None:
        return f"set {SCALED_BY[ACUS]} to {most}{_now(short)}"
    return _scaled(row, short, ACU_STEP)


def _connections(short: Shortfall, tables: CapacityTables) -> str:
    most = _number(_ceiling(short))
    if short.service == CapacityService.CACHE:
        return f"pool connections, or add nodes: {most} are needed{_now(short)}"
    settings = _settings(tables, short.resource)
    what = "a larger class"
    if short.service == CapacityService.AURORA and settings.get("max"):
        what = "a higher maximum of ACU"
    return (
        f"pool connections (RDS Proxy, or in the application), or give it max_connections of "
        f"{most}{_now(short)} by {what} or its parameter group"
    )


def _operations(short: Shortfall, tables: CapacityTables) -> str:
    most = _ceiling(short)
    if _settings(tables, short.resource).get("storage_type") == "gp2":
        gib = math.ceil(most / GP2_IOPS_A_GIB)
        return f"move it to gp3 with {_number(most)} IOPS{_now(short)}, or allocate {gib:,} GiB"
    return f"provision {_number(most)} IOPS{_now(short)}"


def _concurrency(short: Shortfall, tables: CapacityTables) -> str:
    most = _number(_ceiling(short))
    if _change(tables, short) == ChangeKind.SCALING_SETTING:
        return f"set its reserved concurrency to {most}{_now(short)}"
    if short.maximum is None:
        return f"see that the account's quota of concurrent executions has {most} left for it"
    return f"ask AWS for a quota of {most} concurrent executions{_now(short)}"


def _table_capacity(short: Shortfall, tables: CapacityTables) -> str:
    side = short.unit.partition(" ")[0]
    row = _target(tables, short.resource, f"{side.capitalize()}CapacityUnits")
    if row is not None:
        return _scaled(row, short)
    most, change = _number(_ceiling(short)), _change(tables, short)
    if change == ChangeKind.QUOTA_INCREASE:
        return f"ask AWS for a table's quota of {most} {side} units a second{_now(short)}"
    if change == ChangeKind.SCALING_SETTING:
        return f"set its maximum on-demand {side} throughput to {most}{_now(short)}"
    return f"provision {most} {side} capacity units{_now(short)}"


def _another_type(short: Shortfall, tables: CapacityTables) -> str:
    """Return the smallest size of the family that carries the need, by its vCPUs."""
    settings, times = _settings(tables, short.resource), float(short.needed.high)
    name = str(settings.get("class") or settings.get("instance_type") or "")
    present = find_size(tables.types, name)
    is_database = short.service == CapacityService.RDS
    beside = "serve reads from a replica" if is_database else "run more of them behind a balancer"
    wanted = f"{times:.3g} times its vCPUs"
    if present is None:
        return f"take a type with {wanted}, or {beside}"
    larger = [one for one in family_sizes(tables.types, name) if one.vcpus >= times * present.vcpus]
    if not larger:
        return f"take another family than that of {printable(name)} for {wanted}, or {beside}"
    return f"change {printable(name)} to {larger[0].name} ({wanted} are needed), or {beside}"


def _target(tables: CapacityTables, resource: str, dimension: str = "") -> Row | None:
    """Return the first scaling target of a resource whose dimension ends like ``dimension``."""
    scaled = tables.targets[tables.targets["Resource"] == resource]
    rows = [row for row in scaled.to_dict("records") if row["Dimension"].endswith(dimension)]
    return rows[0] if rows else None


def _settings(tables: CapacityTables, resource: str) -> dict[str, Any]:
    rows = tables.resources[tables.resources["Resource"] == resource]
    return {} if rows.empty else dict(json.loads(rows["Settings"].iloc[0]))


def _change(tables: CapacityTables, short: Shortfall) -> str:
    limits = tables.limits
    rows = limits[(limits["Resource"] == short.resource) & (limits["Limit"] == short.unit)]
    return "" if rows.empty else str(rows["Change"].iloc[0])


def _ceiling(short: Shortfall, step: float = 1.0) -> float:
    return math.ceil(float(short.needed.high) / step) * step


def _now(short: Shortfall) -> str:
    return "" if short.maximum is None else f" ({_number(short.maximum)} now)"


def _number(value: float) -> str:
    return f"{value:,.10g}"
