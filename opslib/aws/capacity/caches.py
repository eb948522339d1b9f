"""Capacity of ElastiCache: memory, CPU of the engine, connections and evictions.

Source: Amazon ElastiCache API Reference, DescribeReplicationGroups and DescribeCacheClusters;
Amazon ElastiCache User Guide, metrics for Valkey and Redis OSS (of each node), and 65,000
connections a node. Replicas hold what their primary holds: memory is read of primaries alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, open_details, read_resources
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource, resource_row
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService, ChangeKind, UsageRole

__all__ = ["measure_cache", "read_caches"]

NAMESPACE = "AWS/ElastiCache"
MOST_CONNECTIONS = 65_000
MEMCACHED, REPLICA = "memcached", "replica"


def read_caches(reads: Reads) -> pd.DataFrame:
    """Read replication groups, and clusters that belong to none; `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity caches", "caches", _fetch)


def _fetch(place: Place) -> Fetched:
    details = open_details()
    nodes: dict[str, list[dict[str, Any]]] = {}
    for one in place.items("elasticache", "DescribeCacheClusters", "CacheClusters"):
        nodes.setdefault(one.get("ReplicationGroupId") or one["CacheClusterId"], []).append(one)
    told = details.ask(partial(_groups, place)) if nodes else []
    groups = {one["ReplicationGroupId"]: one for one in told or []}
    rows = [_row(place, name, held, groups.get(name, {})) for name, held in nodes.items()]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _groups(place: Place) -> list[dict[str, Any]]:
    return list(place.items("elasticache", "DescribeReplicationGroups", "ReplicationGroups"))


def _row(
    place: Place, name: str, nodes: list[dict[str, Any]], group: dict[str, Any]
) -> dict[str, Any]:
    first = nodes[0]
    is_single = not first.get("ReplicationGroupId")
    return resource_row(
        place,
        CapacityService.CACHE,
        name,
        group.get("ARN", "") or (first.get("ARN", "") if is_single else ""),
        zones=[zone for one in nodes if (zone := one.get("PreferredAvailabilityZone"))],
        settings={
            "engine": first.get("Engine"),
            "engine_version": first.get("EngineVersion"),
            "node_type": first.get("CacheNodeType"),
            "automatic_failover": group.get("AutomaticFailover"),
            "nodes": _by_role([one["CacheClusterId"] for one in nodes], group),
            "shards": len(group.get("NodeGroups", [])) or 1,
        },
    )


def _by_role(nodes: list[str], group: Mapping[str, Any]) -> list[list[str]]:
    """Return each node with its role, primaries first; the first node where no role is told.

    A group in cluster mode does not tell roles: the first node of each shard stands for it.
    """
    primaries = set()
    for shard in group.get("NodeGroups", []):
        members = shard.get("NodeGroupMembers", [])
        told = [one["CacheClusterId"] for one in members if one.get("CurrentRole") == "primary"]
        primaries.update(told or [one["CacheClusterId"] for one in members[:1]])
    primaries = primaries & set(nodes) or set(sorted(nodes)[:1])
    roles = [[one, "primary" if one in primaries else REPLICA] for one in sorted(nodes)]
    return sorted(roles, key=lambda pair: pair[1] == REPLICA)


def measure_cache(cache: Resource, _: Known, measures: Measures) -> None:
    """Add the limits and series of every node; names tell nodes apart beyond the first."""
    for place, (node, role) in enumerate(cache.settings["nodes"]):
        suffix = f" ({node})" if place else ""
        where = {"CacheClusterId": node}
        if cache.settings.get("engine") == MEMCACHED:
            cpu = metric(NAMESPACE, "CPUUtilization", "Average", **where)
        else:
            cpu = metric(NAMESPACE, "EngineCPUUtilization", "Average", **where)
            if role != REPLICA:
                _measure_memory(cache, measures, where, suffix)
        series = measures.usage(cache, f"CPU{suffix}", "percent", cpu)
        source, change = "100 % of the engine's thread or cores", ChangeKind.INSTANCE_CLASS
        measures.limit(cache, f"CPU{suffix}", 100, "percent", change, source, series)
        name, connected = (
            f"connections{suffix}",
            metric(NAMESPACE, "CurrConnections", "Maximum", **where),
        )
        series = measures.usage(cache, name, "connections", connected)
        source = "connections that a node takes"
        change = ChangeKind.RESHARDING
        measures.limit(cache, name, MOST_CONNECTIONS, "connections", change, source, series)


def _measure_memory(
    cache: Resource, measures: Measures, where: Mapping[str, str], suffix: str
) -> None:
    used = metric(NAMESPACE, "DatabaseMemoryUsagePercentage", "Maximum", **where)
    series = measures.usage(cache, f"memory{suffix}", "percent", used)
    source = "100 % of the memory that the node gives its data (maxmemory)"
    change = ChangeKind.INSTANCE_CLASS
    measures.limit(cache, f"memory{suffix}", 100, "percent", change, source, series)
    evicted = metric(NAMESPACE, "Evictions", "Sum", **where)
    role = UsageRole.THROTTLES
    measures.usage(cache, f"evictions{suffix}", "events/s", evicted, role=role, is_rate=True)
