"""The Valkey cache: a replication group of a primary and a replica; and those of the trials.

Source: Amazon ElastiCache API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import CACHE, CACHE_NODES, ZONES
from opslib.sandbox.estate import LAB
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import has_platform
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import REGION

__all__ = ["describe_cache_clusters", "describe_replication_groups", "list_tags_for_resource"]

NODE_TYPE = "cache.r7g.2xlarge"
MADE_BEFORE = timedelta(days=390)
MOST_A_PAGE = 100


@op("elasticache", "DescribeReplicationGroups")
def describe_replication_groups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticache:DescribeReplicationGroups."""
    members = [
        {
            "CacheClusterId": node,
            "CacheNodeId": "0001",
            "PreferredAvailabilityZone": zone,
            "CurrentRole": "replica" if place else "primary",
        }
        for place, (node, zone) in enumerate(zip(CACHE_NODES, ZONES, strict=False))
    ]
    group = {
        "ReplicationGroupId": CACHE,
        "Description": "what is in the carts",
        "Status": "available",
        "MemberClusters": list(CACHE_NODES),
        "NodeGroups": [{"NodeGroupId": "0001", "Status": "available", "NodeGroupMembers": members}],
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "ClusterEnabled": False,
        "CacheNodeType": NODE_TYPE,
        "ARN": f"arn:aws:elasticache:{REGION}:{caller.account}:replicationgroup:{CACHE}",
        "Engine": "valkey",
    }
    return _page("ReplicationGroups", [group] if has_platform(caller) else [], asked, caller)


@op("elasticache", "DescribeCacheClusters")
def describe_cache_clusters(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticache:DescribeCacheClusters: one a node."""
    nodes = [
        {
            "CacheClusterId": node,
            "CacheNodeType": NODE_TYPE,
            "Engine": "valkey",
            "EngineVersion": "8.0.1",
            "CacheClusterStatus": "available",
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": zone,
            "CacheClusterCreateTime": caller.scenario.epoch - MADE_BEFORE,
            "ReplicationGroupId": CACHE,
            "ARN": f"arn:aws:elasticache:{REGION}:{caller.account}:cluster:{node}",
        }
        for node, zone in zip(CACHE_NODES, ZONES, strict=False)
    ]
    return _page(
        "CacheClusters", nodes if caller.account != LAB else _trials(caller), asked, caller
    )


def _trials(caller: Caller) -> list[dict[str, Any]]:
    """Return the nodes of the account for trials."""
    return [
        {
            "CacheClusterId": node.details["name"],
            "CacheNodeType": node.details["type"],
            "Engine": "valkey",
            "EngineVersion": "8.0.1",
            "CacheClusterStatus": "available",
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": f"{node.region}a",
            "CacheClusterCreateTime": node.created,
            "ReplicationGroupId": node.details["group"],
            "ARN": node.id,
        }
        for node in caller.scenario.lab.resources
        if (node.kind, node.region) == ("cache_node", caller.region)
    ]


@op("elasticache", "ListTagsForResource")
def list_tags_for_resource(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticache:ListTagsForResource; the shop's cache has none."""
    held = caller.scenario.lab.resources if caller.account == LAB else ()
    tags = next((one.tags for one in held if one.id == asked["ResourceName"]), {})
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _page(
    name: str, items: list[dict[str, Any]], asked: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    held = items if has_platform(caller) or caller.account == LAB else []
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, marker = take_page(held, asked.get("Marker"), size)
    return {name: page} | ({"Marker": marker} if marker else {})
