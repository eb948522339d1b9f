"""Metrics of databases, tables and the cache."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from opslib.sandbox.capacity_estate import (
    CACHE,
    CACHE_NODES,
    SERVERLESS,
    STORAGE_GIB,
    TABLES,
    TableSpec,
)
from opslib.sandbox.capacity_growth import Values
from opslib.sandbox.capacity_load import Grid, Load, make_load
from opslib.sandbox.capacity_loads import ACU_RANGE, load_of, read_load
from opslib.sandbox.capacity_metric import (
    CapacityMetric,
    Dimensions,
    Recipe,
    constant,
    counted,
    follows,
    gauge,
)
from opslib.sandbox.capacity_plan import CapacityPlan, WallKind
from opslib.sandbox.estate import PRODUCTION, STAGING

__all__ = ["TABLE_TARGET", "list_store_metrics", "provisioned_recipes"]

RDS, DYNAMODB, ELASTICACHE = "AWS/RDS", "AWS/DynamoDB", "AWS/ElastiCache"
GIB = 2.0**30
INDEX_SHARE = 0.01
TABLE_TARGET = 70.0
"""Share of the provisioned capacity that scaling keeps in use, in percent."""


def list_store_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the metrics of everything that holds data."""
    yield from _aurora_metrics(plan)
    for name in ("ledger", "catalog"):
        used = follows(plan, load_of(plan, WallKind.RDS_STORAGE, name))
        connections = follows(plan, load_of(plan, WallKind.RDS_CONNECTIONS, name))
        yield from _instance_metrics(plan, name, PRODUCTION, used, connections)
    few = follows(plan, Load(key="connections staging", level=12.0, daily=0.5))
    yield from _instance_metrics(plan, "ledger-staging", STAGING, constant(22.0), few)
    for spec in TABLES:
        yield from _table_metrics(plan, spec)
    little = Load(key="staging table", level=20.0, daily=0.5, noise=0.05)
    for name in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"):
        named = (("TableName", "sessions-staging"),)
        yield counted(DYNAMODB, name, named, follows(plan, little), each=0.5, account=STAGING)
    yield from _cache_metrics(plan)


def _aurora_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    load = load_of(plan, WallKind.AURORA_ACU, "orders")
    acu = partial(_capacity, plan, load)
    cpu = Load(key=f"cpu {SERVERLESS}", level=8.0, daily=0.2, noise=0.05)

    def utilisation(grid: Grid) -> Values:
        return np.asarray(acu(grid) * 100 / ACU_RANGE[1], dtype=float)

    def busy(grid: Grid) -> Values:
        return np.asarray(18 + 0.2 * utilisation(grid) + make_load(cpu, plan.seed, grid))

    instance: Dimensions = (("DBInstanceIdentifier", SERVERLESS),)
    for named in ((("DBClusterIdentifier", "orders"),), instance):
        yield gauge(RDS, "ServerlessDatabaseCapacity", named, "Count", acu)
        yield gauge(RDS, "ACUUtilization", named, "Percent", utilisation)
    yield gauge(RDS, "CPUUtilization", instance, "Percent", busy, spread=0.1)
    yield from _provisioned_metrics(plan)
    connected = Load(key=f"connections {SERVERLESS}", level=70.0, daily=0.7, noise=0.03)
    yield gauge(RDS, "DatabaseConnections", instance, "Count", follows(plan, connected))
    held = Load(key="volume orders", level=310 * GIB, daily=0.0, weekend=1.0, noise=0.0005)
    named = (("DBClusterIdentifier", "orders"),)
    yield gauge(RDS, "VolumeBytesUsed", named, "Bytes", follows(plan, held))


def _provisioned_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the metrics of the cluster's writer, which does not scale."""
    named = (("DBInstanceIdentifier", "orders-1"),)
    cpu = Load(key="cpu orders-1", level=41.0, daily=0.6, noise=0.03)
    connected = Load(key="connections orders-1", level=50.0, daily=0.6, noise=0.03)
    yield gauge(RDS, "CPUUtilization", named, "Percent", follows(plan, cpu), spread=0.1)
    yield gauge(RDS, "DatabaseConnections", named, "Count", follows(plan, connected))


def _capacity(plan: CapacityPlan, load: Load, grid: Grid) -> Values:
    return np.clip(make_load(load, plan.seed, grid), *ACU_RANGE)


def _instance_metrics(
    plan: CapacityPlan, name: str, account: str, used: Recipe, connections: Recipe
) -> Iterator[CapacityMetric]:
    named = (("DBInstanceIdentifier", name),)
    at = partial(gauge, RDS, account=account)
    cpu = Load(key=f"cpu {name}", level=44.0, daily=0.55, noise=0.03)
    memory = Load(key=f"memory {name}", level=5.5 * GIB, daily=0.1, noise=0.01)
    operations = Load(key=f"iops {name}", level=190.0, daily=0.6, noise=0.04, spikes=0.2)
    yield at("CPUUtilization", named, "Percent", follows(plan, cpu), spread=0.12)
    yield at("DatabaseConnections", named, "Count", connections)
    yield at("FreeStorageSpace", named, "Bytes", lambda grid: (STORAGE_GIB - used(grid)) * GIB)
    yield at("FreeableMemory", named, "Bytes", follows(plan, memory))
    for metric, share in (("ReadIOPS", 0.4), ("WriteIOPS", 0.6)):
        yield at(metric, named, "Count/Second", follows(plan, operations, share), spread=0.1)


def _table_metrics(plan: CapacityPlan, spec: TableSpec) -> Iterator[CapacityMetric]:
    named = (("TableName", spec.name),)
    write = _writes(plan, spec)
    yield counted(DYNAMODB, "ConsumedWriteCapacityUnits", named, write, each=1.0)
    if not spec.most_read:
        return
    read = follows(plan, read_load(plan, spec))
    yield counted(DYNAMODB, "ConsumedReadCapacityUnits", named, read, each=0.5)
    for side, given in zip(("Read", "Write"), provisioned_recipes(plan, spec), strict=True):
        yield gauge(DYNAMODB, f"Provisioned{side}CapacityUnits", named, "Count", given)
        yield counted(DYNAMODB, f"{side}ThrottleEvents", named, _never)
    if spec.index:
        yield from _index_metrics(spec.index, named, (read, write), provisioned_recipes(plan, spec))


def _index_metrics(
    index: str, table: Dimensions, used: tuple[Recipe, Recipe], given: tuple[Recipe, Recipe]
) -> Iterator[CapacityMetric]:
    """Yield the metrics of an index that little of what its table gets concerns."""
    named = (*table, ("GlobalSecondaryIndexName", index))
    for side, whole, provisioned in zip(("Read", "Write"), used, given, strict=True):
        name = f"Consumed{side}CapacityUnits"
        yield counted(DYNAMODB, name, named, partial(_part, whole), each=0.5)
        yield gauge(DYNAMODB, f"Provisioned{side}CapacityUnits", named, "Count", provisioned)


def _part(whole: Recipe, grid: Grid) -> Values:
    return np.asarray(whole(grid) * INDEX_SHARE, dtype=float)


def _writes(plan: CapacityPlan, spec: TableSpec) -> Recipe:
    load = Load(key=f"write {spec.name}", level=spec.write, daily=0.6, noise=0.04, spikes=0.2)
    return follows(plan, load)


def provisioned_recipes(plan: CapacityPlan, spec: TableSpec) -> tuple[Recipe, Recipe]:
    """Return the recipes of the read and write capacity that scaling provisions for a table."""
    read = partial(_provisioned, follows(plan, read_load(plan, spec)), float(spec.most_read))
    return read, partial(_provisioned, _writes(plan, spec), float(spec.most_write))


def _provisioned(used: Recipe, most: float, grid: Grid) -> Values:
    return np.minimum(np.ceil(used(grid) * 100 / TABLE_TARGET), most)


def _never(grid: Grid) -> Values:
    """Return nothing: DynamoDB does not report that nothing was throttled."""
    return np.full(len(grid.starts), np.nan)


def _cache_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    memory = follows(plan, load_of(plan, WallKind.CACHE_MEMORY, CACHE))
    for node in CACHE_NODES:
        named = (("CacheClusterId", node),)
        engine = Load(key=f"engine {node}", level=27.0, daily=0.6, noise=0.03)
        connected = Load(key=f"connected {node}", level=340.0, daily=0.3)
        name = "DatabaseMemoryUsagePercentage"
        yield gauge(ELASTICACHE, name, named, "Percent", memory)
        cpu = follows(plan, engine)
        yield gauge(ELASTICACHE, "EngineCPUUtilization", named, "Percent", cpu, spread=0.1)
        yield gauge(ELASTICACHE, "CurrConnections", named, "Count", follows(plan, connected))
        yield gauge(ELASTICACHE, "Evictions", named, "Count", constant(0.0))
