"""Rows of `DATA_STORES`, each from what its service tells; None or '' is what it did not tell."""

from __future__ import annotations

from typing import Any

from opslib.aws.places import Place, redacted_json, utc

__all__ = ["bucket_row", "cluster_row", "file_system_row", "instance_row", "table_row"]

BACKED_UP_AS = {"docdb": "DocumentDB", "neptune": "Neptune"}
"""AWS Backup's ResourceType of clusters that RDS describes and that are none of its own."""
READS_FROM = ("ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier")
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}

Answer = dict[str, Any]


def cluster_row(place: Place, cluster: Answer) -> Answer:
    """Return the row of an answer's DBCluster."""
    engine = cluster.get("Engine", "")
    usual = "Aurora" if engine.startswith("aurora") else "RDS"
    return {
        **_row(place, cluster["DBClusterArn"], cluster["DBClusterIdentifier"]),
        **_database(cluster),
        "ResourceType": BACKED_UP_AS.get(engine, usual),
        "ReplicaOf": cluster.get("ReplicationSourceIdentifier") or "",
        "PitrEarliest": utc(cluster.get("EarliestRestorableTime")),
        "PitrLatest": utc(cluster.get("LatestRestorableTime")),
    }


def instance_row(place: Place, instance: Answer, window: Answer) -> Answer:
    """Return the row of an answer's DBInstance, with the RestoreWindow of its automated backup."""
    latest = instance.get("LatestRestorableTime") or window.get("LatestTime")
    return {
        **_row(place, instance["DBInstanceArn"], instance["DBInstanceIdentifier"]),
        **_database(instance),
        "ResourceType": "RDS",
        "ReplicaOf": next((instance[name] for name in READS_FROM if instance.get(name)), ""),
        "PitrEarliest": utc(window.get("EarliestTime")),
        "PitrLatest": utc(latest),
    }


def _database(described: Answer) -> Answer:
    days = described.get("BackupRetentionPeriod")
    return {
        "Engine": described.get("Engine", ""),
        "Tags": _tags(described.get("TagList", [])),
        "IsEncrypted": described.get("StorageEncrypted"),
        "IsPitrOn": None if days is None else days > 0,
        "PitrDays": None if days is None else float(days),
    }


def table_row(
    place: Place, name: str, arn: str, described: Answer | None, tags: list[Answer] | None
) -> Answer:
    """Return the row of a DynamoDB table.

    Args:
        place: where it is.
        name: its name.
        arn: its ARN.
        described: its ContinuousBackupsDescription; None where it was refused.
        tags: its tags; None where they were refused.
    """
    recovery = (described or {}).get("PointInTimeRecoveryDescription", {})
    status, days = (
        recovery.get(name) for name in ("PointInTimeRecoveryStatus", "RecoveryPeriodInDays")
    )
    return {
        **_row(place, arn, name),
        "ResourceType": "DynamoDB",
        "Tags": _tags(tags),
        "IsEncrypted": True,  # DynamoDB encrypts every table at rest
        "IsPitrOn": None if status is None else status == "ENABLED",
        "PitrDays": None if days is None else float(days),
        "PitrEarliest": utc(recovery.get("EarliestRestorableDateTime")),
        "PitrLatest": utc(recovery.get("LatestRestorableDateTime")),
    }


def file_system_row(place: Place, system: Answer) -> Answer:
    """Return the row of an answer's FileSystem."""
    return {
        **_row(place, system["FileSystemArn"], system.get("Name") or system["FileSystemId"]),
        "ResourceType": "EFS",
        "Tags": _tags(system.get("Tags", [])),
        "IsEncrypted": system.get("Encrypted"),
    }


def bucket_row(
    place: Place,
    name: str,
    versioning: Answer | None,
    replication: Answer | None,
    tags: Answer | None,
) -> Answer:
    """Return the row of a bucket by three answers about it, each None where it was refused."""
    partition = next(
        (p for start, p in PARTITIONS.items() if place.region.startswith(start)), "aws"
    )
    return {
        **_row(place, f"arn:{partition}:s3:::{name}", name),
        "ResourceType": "S3",
        "Tags": _tags(None if tags is None else tags.get("TagSet", [])),
        "IsEncrypted": True,  # S3 encrypts every new object since January 2023
        "Versioning": "" if versioning is None else versioning.get("Status", "Disabled"),
        "ReplicasOn": "" if replication is None else redacted_json(_replicas(replication)),
    }


def _replicas(replication: Answer) -> list[str]:
    """Return the buckets that every new object goes to: rules with a filter leave some out."""
    rules = replication.get("ReplicationConfiguration", {}).get("Rules", [])
    return sorted({rule["Destination"]["Bucket"] for rule in rules if _is_whole(rule)})


def _is_whole(rule: Answer) -> bool:
    limits = {**rule.get("Filter", {}), "before filters": rule.get("Prefix", "")}
    return rule.get("Status") == "Enabled" and not any(limits.values())


def _row(place: Place, arn: str, name: str) -> Answer:
    return {
        "Account": place.label,
        "Region": place.region,
        "ResourceArn": arn,
        "ResourceName": name,
        "Engine": "",
        "IsEncrypted": None,
        "IsPitrOn": None,
        "PitrDays": None,
        "PitrEarliest": None,
        "PitrLatest": None,
        "Versioning": "",
        "ReplicasOn": "",
        "ReplicaOf": "",
    }


def _tags(tags: list[Answer] | None) -> str:
    return "" if tags is None else redacted_json({tag["Key"]: tag["Value"] for tag in tags})
