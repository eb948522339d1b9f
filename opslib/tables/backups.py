"""What holds data and what is backed up of it: the small tables of the recovery report.

Every moment is UTC; null is what AWS did not tell. Source of names: AWS Backup API Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = [
    "BACKUP_JOBS",
    "BACKUP_RULES",
    "BACKUP_SELECTIONS",
    "BACKUP_VAULTS",
    "COPY_JOBS",
    "DATA_STORES",
    "RECOVERY_POINTS",
    "BackupTables",
]

DATA_STORES = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "ResourceArn": column(str),
        "ResourceType": column(str),
        "ResourceName": column(str),
        "Engine": column(str),
        "Tags": column(str),
        "IsEncrypted": column(bool, nullable=True),
        "IsPitrOn": column(bool, nullable=True),
        "PitrDays": column(float, nullable=True),
        "PitrEarliest": column(datetime, nullable=True),
        "PitrLatest": column(datetime, nullable=True),
        "Versioning": column(str),
        "ReplicasOn": column(str),
        "ReplicaOf": column(str),
    },
    unique=["Account", "ResourceArn"],
)
"""One row a resource that holds data.

ResourceType is AWS Backup's: Aurora, RDS, DocumentDB, Neptune, DynamoDB, EFS or S3. Engine is of
databases, '' elsewhere. Tags is JSON text of key to value, '' where it was not read. IsPitrOn tells
whether the resource can be restored to a moment by its own service, from PitrEarliest to
PitrLatest, and PitrDays how far back that is set to reach; null where the service has no such
thing or it was not read. Versioning (Enabled, Suspended or Disabled) and ReplicasOn (JSON text of
the bucket ARNs that every new object is replicated to) are of S3; '' elsewhere and where it was not
read. ReplicaOf names what a read replica reads from, by identifier or ARN, '' for none.
"""

BACKUP_VAULTS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "VaultName": column(str),
        "VaultArn": column(str),
        "EncryptionKeyArn": column(str),
        "IsLocked": column(bool),
        "LockedForGoodAt": column(datetime, nullable=True),
        "MinRetentionDays": column(float, nullable=True),
        "MaxRetentionDays": column(float, nullable=True),
        "RecoveryPoints": column(float, nullable=True),
    },
    unique=["Account", "VaultArn"],
)
"""One row a vault; RecoveryPoints as AWS counts them.

IsLocked by Vault Lock; LockedForGoodAt is when nobody can lift that any more, null where an
administrator always can.
"""

BACKUP_RULES = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "PlanId": column(str),
        "PlanName": column(str),
        "RuleName": column(str),
        "VaultName": column(str),
        "Schedule": column(str),
        "ScheduleTimezone": column(str),
        "StartWindowMinutes": column(float, nullable=True),
        "RetentionDays": column(float, nullable=True),
        "CopyVaultArns": column(str),
    },
    unique=["Account", "Region", "PlanId", "RuleName"],
)
"""One row a rule of a plan.

Schedule is AWS's cron expression in ScheduleTimezone. RetentionDays is null for kept for ever.
CopyVaultArns is JSON text of the vaults that copies go to.
"""

BACKUP_SELECTIONS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "PlanId": column(str),
        "PlanName": column(str),
        "SelectionName": column(str),
        "Selection": column(str),
    }
)
"""One row an assignment of resources to a plan.

Selection is JSON text of AWS's BackupSelection: Resources, NotResources, ListOfTags, Conditions.
"""

RECOVERY_POINTS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "VaultName": column(str),
        "RecoveryPointArn": column(str),
        "ResourceArn": column(str),
        "ResourceType": column(str),
        "Status": column(str),
        "CreatedAt": column(datetime),
        "CompletedAt": column(datetime, nullable=True),
        "DeleteAt": column(datetime, nullable=True),
        "RetentionDays": column(float, nullable=True),
        "SizeBytes": column(float, nullable=True),
        "IsEncrypted": column(bool, nullable=True),
        "PlanId": column(str),
        "SourceVaultArn": column(str),
        "ScanFindings": column(str),
    },
    unique=["Account", "Region", "VaultName", "RecoveryPointArn"],
)
"""One row a recovery point, in the account and region of its vault.

RetentionDays is null for kept for ever; DeleteAt is when AWS Backup will delete it. PlanId is ''
for one made on demand. SourceVaultArn is the vault that it was copied from, '' where there is none.
ScanFindings is what a malware scan found, comma-separated.
"""

BACKUP_JOBS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "JobId": column(str),
        "ResourceArn": column(str),
        "ResourceType": column(str),
        "VaultName": column(str),
        "State": column(str),
        "Message": column(str),
        "CreatedAt": column(datetime),
        "CompletedAt": column(datetime, nullable=True),
        "RecoveryPointArn": column(str),
    },
    unique=["Account", "Region", "JobId"],
)
"""One row a backup job; State as AWS names it, RecoveryPointArn '' where it made none."""

COPY_JOBS = pa.DataFrameSchema(
    {
        "Account": column(str),
        "Region": column(str),
        "JobId": column(str),
        "ResourceArn": column(str),
        "ResourceType": column(str),
        "SourceRecoveryPointArn": column(str),
        "DestinationVaultArn": column(str),
        "DestinationRecoveryPointArn": column(str),
        "State": column(str),
        "Message": column(str),
        "CreatedAt": column(datetime),
        "CompletedAt": column(datetime, nullable=True),
    },
    unique=["Account", "Region", "JobId"],
)
"""One row a copy job, in the region that it copies from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupTables:
    """Everything that the posture of backups is judged by.

    Args:
        stores: columns of `DATA_STORES`.
        vaults: columns of `BACKUP_VAULTS`.
        rules: columns of `BACKUP_RULES`.
        selections: columns of `BACKUP_SELECTIONS`.
        points: columns of `RECOVERY_POINTS`.
        backup_jobs: columns of `BACKUP_JOBS`.
        copy_jobs: columns of `COPY_JOBS`.
    """

    stores: pd.DataFrame
    vaults: pd.DataFrame
    rules: pd.DataFrame
    selections: pd.DataFrame
    points: pd.DataFrame
    backup_jobs: pd.DataFrame
    copy_jobs: pd.DataFrame
