"""The load of each part of the estate: what is usual, and what a plan makes of it.

Odd ones, in every scenario: ``wishlist`` is three weeks old, ``profile`` was moved here in part
four months ago, ``ledger-api`` was silent for two days, ``importer`` comes in bursts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from opslib.sandbox.capacity_estate import (
    CPU_IDLE,
    SERVICES,
    FunctionSpec,
    ServiceSpec,
    TableSpec,
)
from opslib.sandbox.capacity_growth import FLAT, Growth, GrowthKind, Values
from opslib.sandbox.capacity_instances import (
    Instance,
)
from opslib.sandbox.capacity_load import FIVE, Load
from opslib.sandbox.capacity_plan import CapacityPlan, WallKind

__all__ = [
    "ACU_RANGE",
    "CONCURRENT",
    "USUAL",
    "VCPUS",
    "WALL_NOISE",
    "function_load",
    "instance_cpu_load",
    "instance_memory_load",
    "load_of",
    "read_load",
    "request_load",
    "requests_a_task",
    "target_of",
    "tasks_of",
    "usual_load",
    "walled",
]

WALL_NOISE = 0.012
SLOW, COMPOUND_SLOW = Growth(GrowthKind.LINEAR, 0.0003), Growth(GrowthKind.COMPOUND, 0.0003)
FRAIL_TARGET = 65.0
ACU_RANGE = (2.0, 64.0)
CONCURRENT = "Concurrent executions"
VCPUS = "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
"""Names of quotas."""
ODD: dict[str, dict[str, object]] = {
    "storefront": {"growth": SLOW},
    "basket": {"growth": COMPOUND_SLOW},
    "profile": {"shift": (118.0, 0.55)},
    "ledger-api": {"gap_days": (26.3, 24.1), "weekend": 0.45},
    "wishlist": {"young_days": 20.0},
}
USUAL: dict[WallKind, dict[str, Load]] = {
    WallKind.ECS_TASKS: {
        spec.name: replace(
            Load(
                key=f"requests {spec.name}",
                level=spec.peak * spec.requests_a_task,
                noise=0.025,
                spikes=0.2,
            ),
            **ODD.get(spec.name, {}),  # type: ignore[arg-type]
        )
        for spec in SERVICES
        if spec.has_balancer
    },
    WallKind.AURORA_ACU: {"orders": Load(key="acu orders", level=22, daily=0.65, growth=SLOW)},
    WallKind.RDS_STORAGE: {
        "ledger": Load(
            key="storage ledger", level=62, daily=0, weekend=1, noise=0.002, growth=SLOW
        ),
        "catalog": Load(key="storage catalog", level=48, daily=0, weekend=1, noise=0.001),
    },
    WallKind.RDS_CONNECTIONS: {
        "ledger": Load(key="connections ledger", level=210, daily=0.5, spikes=0.15),
        "catalog": Load(key="connections catalog", level=95, daily=0.4),
    },
    WallKind.DYNAMODB_READ: {
        "carts": Load(key="read carts", level=900, daily=0.7, noise=0.03, spikes=0.2, growth=SLOW),
        "inventory": Load(key="read inventory", level=1400, daily=0.5, noise=0.03),
    },
    WallKind.LAMBDA_CONCURRENCY: {
        CONCURRENT: Load(key="concurrency", level=240, daily=0.6, noise=0.03, spikes=0.25)
    },
    WallKind.EC2_VCPU: {
        VCPUS: Load(key="vcpu", level=168, daily=0.3, weekend=0.9, noise=0.01, growth=SLOW)
    },
    WallKind.CACHE_MEMORY: {
        "cart": Load(key="memory cart", level=46, daily=0.15, weekend=0.95, noise=0.01)
    },
}
"""By kind of wall, what can run into one; levels in the unit of the limit, requests a second for
services."""


def usual_load(kind: WallKind, resource: str) -> Load:
    """Return the load that a resource has while nothing is wrong."""
    return USUAL[kind][resource]


def walled(load: Load, growth: Growth, level: float) -> Load:
    """Return a load that grows into a limit: its level and growth, and nothing that is odd."""
    return replace(
        Load(key=load.key, level=level, daily=load.daily, weekend=load.weekend),
        noise=min(load.noise, WALL_NOISE),
        growth=growth,
    )


def load_of(plan: CapacityPlan, kind: WallKind, resource: str) -> Load:
    """Return the load of a resource in a plan."""
    wall, usual = plan.wall(kind, resource), usual_load(kind, resource)
    return usual if wall is None else walled(usual, wall.growth, wall.level)


def request_load(plan: CapacityPlan, spec: ServiceSpec) -> Load:
    """Return the requests a second to a service."""
    load = load_of(plan, WallKind.ECS_TASKS, spec.name)
    if spec.name == plan.frail:
        return replace(load, spikes=0.0, growth=FLAT)
    return replace(load, crowds=plan.crowds) if spec.name == plan.crowded else load


def target_of(plan: CapacityPlan, spec: ServiceSpec) -> float:
    """Return the CPU utilisation that a service is scaled to, in percent."""
    return FRAIL_TARGET if spec.name == plan.frail else spec.target


def requests_a_task(plan: CapacityPlan, spec: ServiceSpec) -> float:
    """Return how many requests a second one task carries at the target."""
    a_percent = spec.requests_a_task / (spec.target - CPU_IDLE)
    return a_percent * (target_of(plan, spec) - CPU_IDLE)


def tasks_of(spec: ServiceSpec, requests: Values, carried: float, step: int) -> Values:
    """Return the tasks that target tracking runs: as many as the last quarter of an hour asked.

    Args:
        spec: of the service.
        requests: a second, by period; NaN where nothing was reported.
        carried: requests a second that a task carries at the target.
        step: seconds of a period.
    """
    seen = requests
    if step == FIVE:
        late = [np.concatenate([requests[:1].repeat(n), requests[:-n]]) for n in (1, 2, 3)]
        seen = np.fmax(np.fmax(late[0], late[1]), late[2])
        seen = np.where(np.isnan(seen), requests, seen)
    return np.where(
        np.isnan(requests), np.nan, np.clip(np.ceil(seen / carried), spec.least, spec.most)
    )


def read_load(plan: CapacityPlan, spec: TableSpec) -> Load:
    """Return the read capacity units a second that a table uses."""
    return load_of(plan, WallKind.DYNAMODB_READ, spec.name)


def function_load(plan: CapacityPlan, spec: FunctionSpec) -> Load:
    """Return the executions at once of a function: its share of the account's."""
    load = load_of(plan, WallKind.LAMBDA_CONCURRENCY, CONCURRENT)
    return replace(load, level=load.level * spec.share)


def instance_cpu_load(plan: CapacityPlan, instance: Instance) -> Load:
    """Return the CPU utilisation of an instance, in percent."""
    key = f"cpu {instance.id}"
    if instance.id == plan.oversized:
        return Load(key=key, level=6.5, daily=0.4, noise=0.06)
    if instance.id == plan.undersized:
        return Load(key=key, level=90.0, daily=0.25, weekend=0.95, noise=0.012)
    return Load(key=key, level=40.0 if instance.group else 54.0, daily=0.5, noise=0.03)


def instance_memory_load(plan: CapacityPlan, instance: Instance) -> Load:
    """Return the share of an instance's memory that is used, in percent."""
    key = f"memory {instance.id}"
    level = {plan.oversized: 15.0, plan.undersized: 87.0}.get(instance.id, 60.0)
    return Load(key=key, level=level, daily=0.08, weekend=1.0, noise=0.006)
