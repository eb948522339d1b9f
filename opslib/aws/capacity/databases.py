"""Capacity of Aurora clusters and RDS instances.

Source: Amazon RDS API Reference, DescribeDBClusters, DescribeDBInstances and DescribeDBParameters;
Amazon Aurora User Guide, CloudWatch metrics; Amazon RDS User Guide, DB instance storage.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.aws.capacity.known import open_details, read_resources
from opslib.aws.capacity.rows import resource_row
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService

__all__ = ["read_clusters", "read_instances"]

CONNECTIONS = "max_connections"
DEFAULT_GROUP = "default."
ENGINES_OF_OTHERS = {"docdb", "neptune"}
"""The API of RDS lists these too; their metrics are of other services."""


def read_clusters(reads: Reads) -> pd.DataFrame:
    """Read the Aurora clusters; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity databases", "Aurora clusters", _fetch_clusters)


def read_instances(reads: Reads) -> pd.DataFrame:
    """Read the RDS instances that no cluster holds; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, "capacity databases", "RDS instances", _fetch_instances)


def _fetch_clusters(place: Place) -> Fetched:
    details = open_details()
    clusters = list(place.items("rds", "DescribeDBClusters", "DBClusters"))
    clusters = [one for one in clusters if one["Engine"] not in ENGINES_OF_OTHERS]
    instances = details.ask(lambda: _instances(place)) if clusters else []
    members: dict[str, list[dict[str, Any]]] = {}
    for instance in instances or []:
        members.setdefault(instance.get("DBClusterIdentifier", ""), []).append(instance)
    groups = _Groups(place, details)
    rows = [
        _cluster_row(place, one, members.get(one["DBClusterIdentifier"], []), groups)
        for one in clusters
    ]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _instances(place: Place) -> list[dict[str, Any]]:
    return list(place.items("rds", "DescribeDBInstances", "DBInstances"))


def _cluster_row(
    place: Place, cluster: dict[str, Any], instances: list[dict[str, Any]], groups: _Groups
) -> dict[str, Any]:
    scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
    told = cluster.get("DBClusterMembers", [])
    writer = next((one["DBInstanceIdentifier"] for one in told if one["IsClusterWriter"]), "")
    classes = {one["DBInstanceIdentifier"]: one["DBInstanceClass"] for one in instances}
    writing = [one for one in instances if one["DBInstanceIdentifier"] == writer]
    group = _group_of(writing[0]) if writing else ""
    return resource_row(
        place,
        CapacityService.AURORA,
        cluster["DBClusterIdentifier"],
        cluster["DBClusterArn"],
        zones=[zone for one in instances if (zone := one.get("AvailabilityZone"))],
        settings={
            "engine": cluster["Engine"],
            "engine_version": cluster.get("EngineVersion"),
            "class": classes.get(writer),
            "classes": sorted(classes.values()),
            "instances": sorted(classes),
            "writer": writer,
            "min": scaling.get("MinCapacity"),
            "max": scaling.get("MaxCapacity"),
            "scaling_id": f"cluster:{cluster['DBClusterIdentifier']}",
            "connections_formula": groups.connections(
                group, cluster.get("DBClusterParameterGroup", "")
            ),
        },
    )


def _fetch_instances(place: Place) -> Fetched:
    details = open_details()
    groups = _Groups(place, details)
    rows = [
        _instance_row(place, one, groups)
        for one in _instances(place)
        if not one.get("DBClusterIdentifier") and one["Engine"] not in ENGINES_OF_OTHERS
    ]
    return details.fetched(rows, CAPACITY_RESOURCES)


def _instance_row(place: Place, instance: dict[str, Any], groups: _Groups) -> dict[str, Any]:
    zones = [instance.get("AvailabilityZone"), instance.get("SecondaryAvailabilityZone")]
    return resource_row(
        place,
        CapacityService.RDS,
        instance["DBInstanceIdentifier"],
        instance["DBInstanceArn"],
        zones=[zone for zone in zones if zone],
        settings={
            "engine": instance["Engine"],
            "engine_version": instance.get("EngineVersion"),
            "class": instance["DBInstanceClass"],
            "is_multi_az": bool(instance.get("MultiAZ")),
            "allocated_gib": instance.get("AllocatedStorage"),
            "max_allocated_gib": instance.get("MaxAllocatedStorage"),
            "storage_type": instance.get("StorageType"),
            "iops": instance.get("Iops"),
            "connections_formula": groups.connections(_group_of(instance)),
        },
    )


def _group_of(instance: dict[str, Any]) -> str:
    groups = instance.get("DBParameterGroups") or [{}]
    return str(groups[0].get("DBParameterGroupName", ""))


class _Groups:
    """Parameter groups of the account's own, each asked once; what defaults hold is known."""

    def __init__(self, place: Place, details: Details) -> None:
        self._place, self._details = place, details
        self._found: dict[tuple[str, str], str] = {}

    def connections(self, group: str, cluster_group: str = "") -> str | None:
        """Return max_connections as the groups write it, that of the instance first."""
        own = self._asked("DBParameter", group)
        return own or self._asked("DBClusterParameter", cluster_group) or None

    def _asked(self, kind: str, group: str) -> str:
        if not group or group.startswith(DEFAULT_GROUP):
            return ""
        key = (kind, group)
        if key not in self._found:
            self._found[key] = self._details.ask(lambda: self._value(kind, group)) or ""
        return self._found[key]

    def _value(self, kind: str, group: str) -> str:
        asked = {f"{kind}GroupName": group, "Source": "user"}
        listed = self._place.items("rds", f"Describe{kind}s", "Parameters", **asked)
        told = [
            one.get("ParameterValue", "") for one in listed if one["ParameterName"] == CONNECTIONS
        ]
        return told[0] if told else ""
