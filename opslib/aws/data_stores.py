"""What holds data: databases, tables, file systems and buckets, and how each protects itself.

Source: API references of Amazon RDS (DescribeDBClusters, DescribeDBInstances,
DescribeDBInstanceAutomatedBackups), DynamoDB (DescribeContinuousBackups), EFS
(DescribeFileSystems) and S3 (ListBuckets, GetBucketVersioning, GetBucketReplication).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from opslib.aws.details import Details
from opslib.aws.places import Place, join_parts, read_places
from opslib.aws.reads import Fetched, Reads
from opslib.aws.store_rows import (
    bucket_row,
    cluster_row,
    file_system_row,
    instance_row,
    table_row,
)
from opslib.tables.backups import DATA_STORES

__all__ = ["read_data_stores"]


def read_data_stores(reads: Reads) -> pd.DataFrame:
    """Read what holds data in every account and region; columns of `DATA_STORES`.

    Each kind is a read of its own, so that one refused leaves the others. A detail that is
    refused (tags, point-in-time recovery, replication) is unknown in its row, and a gap.
    """
    parts = [
        read_places(reads, "data stores", asked, DATA_STORES, fetch, _kind(asked))
        for asked, fetch in (
            ("database clusters", _fetch_clusters),
            ("database instances", _fetch_instances),
            ("DynamoDB tables", _fetch_tables),
            ("EFS file systems", _fetch_file_systems),
            ("S3 buckets", _fetch_buckets),
        )
    ]
    return join_parts(parts, DATA_STORES)


def _kind(asked: str) -> Callable[[Place], dict[str, Any]]:
    return lambda _: {"kind": asked}


def _fetch_clusters(place: Place) -> list[dict[str, Any]]:
    clusters = place.items("rds", "DescribeDBClusters", "DBClusters")
    return [cluster_row(place, cluster) for cluster in clusters]


def _fetch_instances(place: Place) -> Fetched:
    details = Details()
    instances = list(place.items("rds", "DescribeDBInstances", "DBInstances"))
    kept = details.ask(
        lambda: list(
            place.items("rds", "DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackups")
        )
    )
    windows = {
        backup.get("DBInstanceArn"): backup.get("RestoreWindow", {}) for backup in kept or []
    }
    return details.fetched(
        [
            instance_row(place, instance, windows.get(instance["DBInstanceArn"], {}))
            for instance in instances
            if not instance.get("DBClusterIdentifier")
        ],
        DATA_STORES,
    )


def _fetch_tables(place: Place) -> Fetched:
    details = Details()
    names = place.items("dynamodb", "ListTables", "TableNames")
    rows = [row for name in names for row in _table(place, name, details)]
    return details.fetched(rows, DATA_STORES)


def _table(place: Place, name: str, details: Details) -> list[dict[str, Any]]:
    """Return the row of a table; none where it was deleted since it was listed."""
    gone = "ResourceNotFoundException"
    described = place.call("dynamodb", "DescribeTable", absent=gone, TableName=name)
    if not described:
        return []
    arn = described["Table"]["TableArn"]
    backups = details.ask(
        lambda: place.call("dynamodb", "DescribeContinuousBackups", TableName=name)
    )
    tags = details.ask(
        lambda: list(place.items("dynamodb", "ListTagsOfResource", "Tags", ResourceArn=arn))
    )
    recovery = (backups or {}).get("ContinuousBackupsDescription")
    return [table_row(place, name, arn, recovery, tags)]


def _fetch_file_systems(place: Place) -> list[dict[str, Any]]:
    systems = place.items("efs", "DescribeFileSystems", "FileSystems")
    return [file_system_row(place, system) for system in systems]


def _fetch_buckets(place: Place) -> Fetched:
    details = Details()
    buckets = place.items("s3", "ListBuckets", "Buckets", BucketRegion=place.region)
    rows = [_bucket(place, bucket["Name"], details) for bucket in buckets]
    return details.fetched(rows, DATA_STORES)


def _bucket(place: Place, name: str, details: Details) -> dict[str, Any]:
    versioning = details.ask(lambda: place.call("s3", "GetBucketVersioning", Bucket=name))
    replication = details.ask(
        lambda: place.call(
            "s3",
            "GetBucketReplication",
            absent="ReplicationConfigurationNotFoundError",
            Bucket=name,
        )
    )
    tags = details.ask(
        lambda: place.call("s3", "GetBucketTagging", absent="NoSuchTagSet", Bucket=name)
    )
    return bucket_row(place, name, versioning, replication, tags)
