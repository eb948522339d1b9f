"""Aurora clusters, and Multi-AZ clusters of RDS, with the instances that they hold.

Source: Amazon RDS API Reference, DescribeDBClusters. The bill names a cluster's storage by the
cluster's resource id, such as ``cluster-ABC``; `opslib.aws.savings.databases` lists the instances.
"""

from __future__ import annotations

from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.databases import ENGINES_OF_OTHERS
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_clusters"]


def list_clusters(place: Place) -> list[dict[str, Any]]:
    """Return every cluster of a place; rows of `SAVINGS_RESOURCES`."""
    listed = place.items("rds", "DescribeDBClusters", "DBClusters")
    return [_row(place, one) for one in listed if one["Engine"] not in ENGINES_OF_OTHERS]


def _row(place: Place, one: dict[str, Any]) -> dict[str, Any]:
    arn, resource = one["DBClusterArn"], one.get("DbClusterResourceId")
    members = [member["DBInstanceIdentifier"] for member in one.get("DBClusterMembers", [])]
    return resource_row(
        place,
        "database_cluster",
        arn,
        name=one["DBClusterIdentifier"],
        created=one.get("ClusterCreateTime"),
        tags=tags_of(one.get("TagList")),
        settings={
            "engine": one["Engine"],
            "state": one.get("Status"),
            "billed_as": f"{arn.rpartition(':')[0]}:{resource}" if resource else None,
            "members": sorted(members),
        },
    )
