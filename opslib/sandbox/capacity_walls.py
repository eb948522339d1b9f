"""Walls: usage is brought to the level at which it reaches its limit on a given day.

The load is made as it will be beyond the epoch, noise and all, and brought to the level at which
the highest of it so far meets the limit on that day; when it does is then read off what was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from opslib.sandbox.capacity_estate import CACHE, SERVICES
from opslib.sandbox.capacity_growth import DAY, Growth, Values
from opslib.sandbox.capacity_load import FINE_DAYS, FIVE, fine_grid, make_load
from opslib.sandbox.capacity_loads import (
    ACU_RANGE,
    CONCURRENT,
    VCPUS,
    tasks_of,
    usual_load,
    walled,
)
from opslib.sandbox.capacity_plan import Wall, WallKind

__all__ = ["LIMITS", "Limit", "build_wall", "max_connections"]

BEYOND_DAYS = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a resource.

    Args:
        name: as reports call it.
        value: in the unit of the usage.
    """

    name: str
    value: float


LIMITS: dict[WallKind, dict[str, Limit]] = {
    WallKind.ECS_TASKS: {
        spec.name: Limit("tasks", float(spec.most)) for spec in SERVICES if spec.has_balancer
    },
    WallKind.AURORA_ACU: {"orders": Limit("ACU", ACU_RANGE[1])},
    WallKind.RDS_STORAGE: {"ledger": Limit("storage", 200.0), "catalog": Limit("storage", 200.0)},
    WallKind.RDS_CONNECTIONS: {
        "ledger": Limit("connections", 800.0),
        "catalog": Limit("connections", 600.0),
    },
    WallKind.DYNAMODB_READ: {
        "carts": Limit("read capacity", 4000.0),
        "inventory": Limit("read capacity", 6000.0),
    },
    WallKind.LAMBDA_CONCURRENCY: {CONCURRENT: Limit(CONCURRENT, 1000.0)},
    WallKind.EC2_VCPU: {VCPUS: Limit(VCPUS, 640.0)},
    WallKind.CACHE_MEMORY: {CACHE: Limit("memory", 100.0)},
}
"""By kind and resource."""


def max_connections(database: str) -> float:
    """Return the connections that an RDS instance takes."""
    return LIMITS[WallKind.RDS_CONNECTIONS][database].value


def build_wall(
    kind: WallKind, resource: str, growth: Growth, day: int, seed: int, epoch: datetime
) -> Wall:
    """Return the wall that a resource runs into on a day, or earlier where a peak is higher.

    Args:
        kind: of the limit.
        resource: that has it.
        growth: of its usage.
        day: days from the epoch.
        seed: of the plan.
        epoch: the moment that the account lives in.
    """
    limit, usual = LIMITS[kind][resource], usual_load(kind, resource)
    grid = fine_grid(epoch.timestamp(), day + BEYOND_DAYS)
    bare = make_load(walled(usual, growth, 1.0), seed, grid)
    until = (FINE_DAYS + day) * DAY // FIVE
    most = float(bare[:until].max())
    level = _asked_at_limit(kind, resource, limit) / most * (1 + 1e-9)
    usage = _usage(kind, resource, make_load(walled(usual, growth, level), seed, grid))
    first = int(np.flatnonzero(usage >= limit.value)[0])
    at = datetime.fromtimestamp(float(grid.starts[first]), UTC)
    return Wall(kind=kind, resource=resource, limit=limit.name, growth=growth, level=level, at=at)


def _asked_at_limit(kind: WallKind, resource: str, limit: Limit) -> float:
    """Return the load at which usage is at its limit."""
    if kind is not WallKind.ECS_TASKS:
        return limit.value
    spec = next(each for each in SERVICES if each.name == resource)
    # Beyond what all tasks but the last one carry, the last one is started.
    return spec.requests_a_task * (limit.value - 1)


def _usage(kind: WallKind, resource: str, load: Values) -> Values:
    if kind is not WallKind.ECS_TASKS:
        return load
    spec = next(each for each in SERVICES if each.name == resource)
    return tasks_of(spec, load, spec.requests_a_task, FIVE)
