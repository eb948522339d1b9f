"""Metrics of the ECS services of the estate and of the load balancers before them.

CPU follows the requests that each running task gets; running tasks follow target tracking.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from opslib.sandbox.capacity_estate import (
    ALB,
    CAPACITY_CLUSTER,
    CPU_IDLE,
    NLB,
    SERVICES,
    ServiceSpec,
    target_group_of,
)
from opslib.sandbox.capacity_growth import Values
from opslib.sandbox.capacity_load import Grid, Load, make_load
from opslib.sandbox.capacity_loads import request_load, requests_a_task, target_of, tasks_of
from opslib.sandbox.capacity_metric import (
    CapacityMetric,
    Dimensions,
    Recipe,
    constant,
    counted,
    follows,
    gauge,
)
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.estate import PRODUCTION, STAGING
from opslib.sandbox.shop import ALB as SHOP_ALB
from opslib.sandbox.shop import BATCH_CLUSTER, BATCH_SERVICE, SHOP_ACCOUNTS

__all__ = ["list_service_metrics", "running_tasks", "vcpus_in_use"]

WORKERS, REQUESTS_A_UNIT = 3.0, 25.0
BURSTS = 62.0
"""CPU utilisation that no burst of the batch services exceeds by much."""
ELB, NETWORK, ECS, INSIGHTS = (
    "AWS/ApplicationELB",
    "AWS/NetworkELB",
    "AWS/ECS",
    "ECS/ContainerInsights",
)
SLOWER_FROM = 60.0
"""CPU utilisation from which responses take longer."""


def list_service_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the metrics of every service, and of both load balancers."""
    for spec in SERVICES:
        yield from _task_metrics(plan, spec)
        if spec.has_balancer:
            yield from _target_metrics(plan, spec)
    yield from _balancer_metrics(plan)
    for account in (PRODUCTION, STAGING):
        yield from _batch_metrics(plan, account)


def _batch_metrics(plan: CapacityPlan, account: str) -> Iterator[CapacityMetric]:
    """Yield the metrics of the shop's batch service, whose tasks are told by their samples."""
    named = (("ClusterName", BATCH_CLUSTER), ("ServiceName", BATCH_SERVICE))
    cpu = Load(key=f"batch {account}", level=BURSTS, is_erratic=True)
    memory = Load(key=f"batch memory {account}", level=58.0, daily=0.1, noise=0.01)
    tasks = constant(WORKERS)
    for name, recipe in (
        ("CPUUtilization", follows(plan, cpu, 1.0, 2.0)),
        ("MemoryUtilization", follows(plan, memory)),
    ):
        yield gauge(ECS, name, named, "Percent", recipe, samples=tasks, account=account)


def running_tasks(plan: CapacityPlan, spec: ServiceSpec, grid: Grid) -> Values:
    """Return the tasks of a service in each period; NaN where nothing was reported."""
    if not spec.has_balancer:
        return np.full(len(grid.starts), WORKERS)
    requests = make_load(request_load(plan, spec), plan.seed, grid)
    return tasks_of(spec, requests, requests_a_task(plan, spec), grid.step)


def vcpus_in_use(plan: CapacityPlan) -> Recipe:
    """Return the recipe of the virtual CPUs of all tasks."""

    def make(grid: Grid) -> Values:
        used = [running_tasks(plan, spec, grid) * spec.cpu / 1024 for spec in SERVICES]
        return np.asarray(np.nansum(used, axis=0), dtype=float)

    return make


def _cpu(plan: CapacityPlan, spec: ServiceSpec) -> Recipe:
    if not spec.has_balancer:
        return follows(plan, Load(key=f"cpu {spec.name}", level=BURSTS, is_erratic=True), 1.0, 2.0)
    a_request = (target_of(plan, spec) - CPU_IDLE) / requests_a_task(plan, spec)

    def make(grid: Grid) -> Values:
        requests = make_load(request_load(plan, spec), plan.seed, grid)
        each = requests / running_tasks(plan, spec, grid)
        return np.minimum(CPU_IDLE + a_request * each, 100.0)

    return make


def _task_metrics(plan: CapacityPlan, spec: ServiceSpec) -> Iterator[CapacityMetric]:
    named = (("ClusterName", CAPACITY_CLUSTER), ("ServiceName", spec.name))
    memory = Load(
        key=f"memory {spec.name}",
        level=spec.memory,
        daily=0.12,
        weekend=0.97,
        noise=0.008,
        young_days=20.0 if spec.name == "wishlist" else 0.0,
    )
    tasks = partial(running_tasks, plan, spec)
    for name, recipe, spread in (
        ("CPUUtilization", _cpu(plan, spec), 0.18),
        ("MemoryUtilization", follows(plan, memory), 0.03),
    ):
        yield gauge(ECS, name, named, "Percent", recipe, spread=spread, samples=tasks)
    for name in ("RunningTaskCount", "DesiredTaskCount"):
        yield gauge(INSIGHTS, name, named, "Count", tasks)


def _target_metrics(plan: CapacityPlan, spec: ServiceSpec) -> Iterator[CapacityMetric]:
    behind = (("LoadBalancer", ALB), ("TargetGroup", target_group_of(spec.name)))
    load, cpu = request_load(plan, spec), _cpu(plan, spec)

    def latency(grid: Grid) -> Values:
        return np.asarray(0.045 * (1 + np.maximum(cpu(grid) - SLOWER_FROM, 0) / 20), dtype=float)

    yield counted(ELB, "RequestCount", behind, follows(plan, load))
    yield gauge(ELB, "TargetResponseTime", behind, "Seconds", latency, spread=2.2)
    yield gauge(
        ELB, "HealthyHostCount", behind, "Count", lambda grid: running_tasks(plan, spec, grid)
    )

    def each(grid: Grid) -> Values:
        return make_load(load, plan.seed, grid) / running_tasks(plan, spec, grid)

    yield counted(ELB, "RequestCountPerTarget", behind[1:], each)


def _balancer_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    named: Dimensions = (("LoadBalancer", ALB),)
    loads = [request_load(plan, spec) for spec in SERVICES if spec.has_balancer]

    def requests(grid: Grid) -> Values:
        return np.asarray(
            np.nansum([make_load(load, plan.seed, grid) for load in loads], axis=0), dtype=float
        )

    yield counted(ELB, "RequestCount", named, requests)
    yield gauge(ELB, "TargetResponseTime", named, "Seconds", constant(0.046), spread=2.2)
    yield gauge(ELB, "ConsumedLCUs", named, "Count", lambda grid: requests(grid) / REQUESTS_A_UNIT)
    for account in SHOP_ACCOUNTS:
        units = follows(plan, Load(key=f"units {account}", level=3.0, daily=0.5, noise=0.03))
        shop = (("LoadBalancer", SHOP_ALB),)
        yield gauge(ELB, "ConsumedLCUs", shop, "Count", units, account=account)
    flows = Load(key="flows", level=5200.0, daily=0.4, noise=0.03)
    ingest = (("LoadBalancer", NLB),)
    yield gauge(NETWORK, "ActiveFlowCount", ingest, "Count", follows(plan, flows))
    yield counted(NETWORK, "NewFlowCount", ingest, follows(plan, flows, 0.04))
    yield counted(NETWORK, "ProcessedBytes", ingest, follows(plan, flows, 900.0), unit="Bytes")
    yield gauge(NETWORK, "ConsumedLCUs", ingest, "Count", follows(plan, flows, 1 / 800))
