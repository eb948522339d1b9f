"""ElastiCache: replication groups, clusters that belong to none, and what is asked of their nodes.

Source: Amazon ElastiCache API Reference, DescribeCacheClusters and ListTagsForResource; Amazon
ElastiCache User Guide, metrics for Valkey and Redis OSS (commands by type, derived from the
engine's commandstats) and for Memcached (CmdGet, CmdSet, CmdTouch), of each cluster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from opslib.aws.capacity.caches import MEMCACHED, NAMESPACE
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row, tags_of
from opslib.tables.savings import SAVINGS_RESOURCES

__all__ = ["list_caches", "measure_caches"]

CACHE, NODE = "cache", "cache_node"
COMMANDS = {
    MEMCACHED: ("CmdGet", "CmdSet", "CmdTouch"),
    "": ("GetTypeCmds", "SetTypeCmds", "EvalBasedCmds", "PubSubBasedCmds", "StreamBasedCmds"),
}
"""Metrics of commands by engine; Valkey and Redis OSS have the same."""


def list_caches(place: Place) -> Fetched:
    """Return every cache and every node of a place; rows of `SAVINGS_RESOURCES`.

    A cache is a replication group, or a cluster that belongs to none; a node is a cluster.
    """
    details = Details()
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in place.items("elasticache", "DescribeCacheClusters", "CacheClusters"):
        groups[_cache_of(one)].append(one)
    rows = [row for arn, nodes in groups.items() for row in _rows(place, arn, nodes, details)]
    return details.fetched(rows, SAVINGS_RESOURCES)


def _cache_of(node: Mapping[str, Any]) -> str:
    """Return the ARN of the cache that a node is of."""
    arn: str = node["ARN"]
    group = node.get("ReplicationGroupId")
    return f"{arn.rsplit(':', 2)[0]}:replicationgroup:{group}" if group else arn


def _rows(
    place: Place, arn: str, nodes: Sequence[Mapping[str, Any]], details: Details
) -> Iterator[dict[str, Any]]:
    first = nodes[0]
    made = [one["CacheClusterCreateTime"] for one in nodes if "CacheClusterCreateTime" in one]
    ask = partial(place.call, "elasticache", "ListTagsForResource", ResourceName=arn)
    yield resource_row(
        place,
        CACHE,
        arn,
        name=first.get("ReplicationGroupId") or first["CacheClusterId"],
        created=min(made, default=None),
        tags=tags_of((details.ask(ask) or {}).get("TagList")),
        settings={
            "engine": first.get("Engine", ""),
            "node_type": first.get("CacheNodeType"),
            "nodes": sorted(one["ARN"] for one in nodes),
        },
    )
    for one in nodes:
        told = {"engine": one.get("Engine", ""), "node_type": one.get("CacheNodeType")}
        created = one.get("CacheClusterCreateTime")
        name = one["CacheClusterId"]
        yield resource_row(place, NODE, one["ARN"], name=name, created=created, settings=told)


def measure_caches(row: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return the commands of a node, and its connections; a cache is measured by its nodes."""
    if row["Kind"] != NODE:
        return ()
    engine = row["Settings"]["engine"]
    asked = [(name, "Sum") for name in COMMANDS.get(engine, COMMANDS[""])]
    if engine != MEMCACHED:
        asked.append(("CurrConnections", "Maximum"))
    return tuple(
        Measure(
            resource=row["ResourceId"],
            measure=name,
            namespace=NAMESPACE,
            metric=name,
            statistic=statistic,
            dimensions={"CacheClusterId": row["Name"]},
        )
        for name, statistic in asked
    )
