"""RDS instances, those of Aurora among them. Source: Amazon RDS API Reference, DescribeDBInstances.

The bill names an instance by its ARN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_databases", "measure_database"]

NAMESPACE = "AWS/RDS"
ENGINES_OF_OTHERS = {"docdb", "neptune"}
"""The API of RDS lists these too; their metrics are of other services."""
MEASURES = (
    ("connections", "DatabaseConnections", "Maximum"),
    ("cpu_peak", "CPUUtilization", "p99.5"),
    ("cpu_mean", "CPUUtilization", "Average"),
    ("memory_free", "FreeableMemory", "Minimum"),
)
"""What it is called here, CloudWatch's name, and the statistic of a day."""


def list_databases(place: Place) -> list[dict[str, Any]]:
    """Return every RDS instance of a place; rows of `SAVINGS_RESOURCES`."""
    return [
        _row(place, told)
        for told in place.items("rds", "DescribeDBInstances", "DBInstances")
        if told["Engine"] not in ENGINES_OF_OTHERS
    ]


def _row(place: Place, told: Mapping[str, Any]) -> dict[str, Any]:
    return resource_row(
        place,
        "database",
        told["DBInstanceArn"],
        name=told["DBInstanceIdentifier"],
        created=told.get("InstanceCreateTime"),
        tags=tags_of(told.get("TagList")),
        settings={
            "class": told["DBInstanceClass"],
            "cluster": told.get("DBClusterIdentifier"),
            "engine": told["Engine"],
            "gib": told.get("AllocatedStorage"),
            "identifier": told["DBInstanceIdentifier"],
            "source": told.get("ReadReplicaSourceDBInstanceIdentifier"),
            "replicas": told.get("ReadReplicaDBInstanceIdentifiers") or None,
            "is_multi_az": bool(told.get("MultiAZ")),
            "state": told.get("DBInstanceStatus"),
            "storage": told.get("StorageType"),
        },
    )


def measure_database(row: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what CloudWatch is asked of a database."""
    return tuple(
        Measure(
            resource=row["ResourceId"],
            measure=measure,
            namespace=NAMESPACE,
            metric=metric,
            statistic=statistic,
            dimensions={"DBInstanceIdentifier": row["Settings"]["identifier"]},
        )
        for measure, metric, statistic in MEASURES
    )
