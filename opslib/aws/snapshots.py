"""Snapshots that RDS keeps itself, as recovery points to choose from.

Source: Amazon RDS API Reference, DescribeDBClusterSnapshots and DescribeDBSnapshots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.errors import NotFound
from opslib.tables.backups import RECOVERY_POINTS

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["is_snapshot", "read_snapshot"]


def is_snapshot(arn: str) -> bool:
    """Say whether an ARN is of a snapshot that RDS, and not AWS Backup, keeps."""
    return ":rds:" in arn and "snapshot:" in arn and ":awsbackup:" not in arn


def read_snapshot(reads: Reads, account: Account | None, arn: str) -> pd.DataFrame:
    """Read one snapshot; columns of `RECOVERY_POINTS`, empty where it could not be read."""
    name, region = account.label if account else "", reads.parameters.region
    request = ReadRequest(
        table="snapshot",
        asked=arn,
        schema=RECOVERY_POINTS,
        account=name,
        region=region,
        arguments={"snapshot": arn},
    )

    def fetch() -> Fetched:
        client = reads.connection.client("rds", account=account)
        with aws_faults(f"{name} rds:DescribeDBSnapshots {arn}".strip()):
            found = _describe(client, arn)
        if not found:
            raise NotFound("there is no such snapshot", where=arn)
        row = {**_row(found[0], arn), "Account": name, "Region": region}
        return Fetched(frame=pd.DataFrame([row], columns=list(RECOVERY_POINTS.columns)))

    return reads.read(request, fetch).frame


def _describe(client: Any, arn: str) -> list[dict[str, Any]]:
    """Ask for a snapshot by name, as AWS lists what an account owns; return the one of the ARN."""
    name = arn.partition("snapshot:")[2]
    if ":cluster-snapshot:" in arn:
        answer = client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)
        return [one for one in answer["DBClusterSnapshots"] if one["DBClusterSnapshotArn"] == arn]
    answer = client.describe_db_snapshots(DBSnapshotIdentifier=name)
    return [one for one in answer["DBSnapshots"] if one["DBSnapshotArn"] == arn]


def _row(snapshot: dict[str, Any], arn: str) -> dict[str, Any]:
    cluster = snapshot.get("DBClusterIdentifier", "")
    kind = f"cluster:{cluster}" if cluster else f"db:{snapshot.get('DBInstanceIdentifier', '')}"
    gib = snapshot.get("AllocatedStorage")
    available = snapshot.get("Status") == "available"
    return {
        "VaultName": "",
        "RecoveryPointArn": arn,
        "ResourceArn": f"{':'.join(arn.split(':')[:5])}:{kind}",
        "ResourceType": "Aurora" if cluster else "RDS",
        "Status": "COMPLETED" if available else str(snapshot.get("Status", "")).upper(),
        "CreatedAt": snapshot["SnapshotCreateTime"],
        "CompletedAt": None,
        "DeleteAt": None,
        "RetentionDays": None,
        "SizeBytes": None if gib is None else float(gib) * 2**30,
        "IsEncrypted": snapshot.get("StorageEncrypted", snapshot.get("Encrypted")),
        "PlanId": "",
        "SourceVaultArn": "",
        "ScanFindings": "",
    }
