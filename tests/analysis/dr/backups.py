"""Small tables of backups, made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.analysis.dr import BackupPosture, BackupTargets, assess_backups
from opslib.coverage import Coverage, CoverageStatus
from opslib.tables.backups import (
    BACKUP_JOBS,
    BACKUP_RULES,
    BACKUP_SELECTIONS,
    BACKUP_VAULTS,
    COPY_JOBS,
    DATA_STORES,
    RECOVERY_POINTS,
    BackupTables,
)
from opslib.tables.schema import check_table

AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
TODAY = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)
HOME, AWAY = "us-east-1", "eu-west-1"
ORDERS = "arn:aws:rds:us-east-1:222222222222:cluster:orders"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TABLES = (
    "data stores",
    "backup vaults",
    "recovery points",
    "backup plans",
    "backup selections",
    "backup jobs",
    "copy jobs",
)

Row = dict[str, Any]


def frame(rows: Sequence[Row], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return rows as readers do, checked."""
    return check_table(pd.DataFrame(rows, columns=list(schema.columns)), schema, "made by hand")


def vault_arn(region: str) -> str:
    return f"arn:aws:backup:{region}:222222222222:backup-vault:main"


def store(**facts: Any) -> Row:
    return {
        "Account": "acme",
        "Region": HOME,
        "ResourceArn": ORDERS,
        "ResourceType": "Aurora",
        "ResourceName": "orders",
        "Engine": "aurora-postgresql",
        "Tags": "{}",
        "IsEncrypted": True,
        "IsPitrOn": True,
        "PitrDays": 7.0,
        "PitrEarliest": AS_OF - 7 * DAY,
        "PitrLatest": AS_OF - timedelta(minutes=5),
        "Versioning": "",
        "ReplicasOn": "",
        "ReplicaOf": "",
        **facts,
    }


def bucket(name: str, **facts: Any) -> Row:
    return store(
        ResourceArn=f"arn:aws:s3:::{name}",
        ResourceType="S3",
        ResourceName=name,
        Engine="",
        IsPitrOn=None,
        PitrDays=None,
        PitrEarliest=None,
        PitrLatest=None,
        **{"Versioning": "Enabled", "ReplicasOn": "[]", **facts},
    )


def vault(region: str = HOME, **facts: Any) -> Row:
    return {
        "Account": "acme",
        "Region": region,
        "VaultName": "main",
        "VaultArn": vault_arn(region),
        "EncryptionKeyArn": "key",
        "IsLocked": True,
        "LockedForGoodAt": AS_OF - 300 * DAY,
        "MinRetentionDays": None,
        "MaxRetentionDays": None,
        "RecoveryPoints": 1.0,
        **facts,
    }


def point(created: datetime = TODAY, **facts: Any) -> Row:
    region = facts.get("Region", HOME)
    return {
        "Account": "acme",
        "Region": region,
        "VaultName": "main",
        "RecoveryPointArn": f"arn:aws:rds:{region}:2:cluster-snapshot:{created:%d-%H%M}",
        "ResourceArn": ORDERS,
        "ResourceType": "Aurora",
        "Status": "COMPLETED",
        "CreatedAt": created,
        "CompletedAt": created + HOUR / 4,
        "DeleteAt": created + 35 * DAY,
        "RetentionDays": 35.0,
        "SizeBytes": 1.0,
        "IsEncrypted": True,
        "PlanId": "plan",
        "SourceVaultArn": "",
        "ScanFindings": "",
        **facts,
    }


def copy_of(created: datetime = TODAY + HOUR / 2, **facts: Any) -> Row:
    return point(created, Region=AWAY, SourceVaultArn=vault_arn(HOME), **facts)


def rule(schedule: str = "cron(0 3 * * ? *)", **facts: Any) -> Row:
    return {
        "Account": "acme",
        "Region": HOME,
        "PlanId": "plan",
        "PlanName": "daily",
        "RuleName": "every-night",
        "VaultName": "main",
        "Schedule": schedule,
        "ScheduleTimezone": "Etc/UTC",
        "StartWindowMinutes": 60.0,
        "RetentionDays": 35.0,
        "CopyVaultArns": "[]",
        **facts,
    }


def selection(**chosen: Any) -> Row:
    return {
        "Account": "acme",
        "Region": HOME,
        "PlanId": "plan",
        "PlanName": "daily",
        "SelectionName": "all",
        "Selection": json.dumps(chosen),
    }


def job(state: str = "COMPLETED", created: datetime = TODAY, **facts: Any) -> Row:
    return {
        "Account": "acme",
        "Region": HOME,
        "JobId": f"{created:%d-%H%M}",
        "ResourceArn": ORDERS,
        "ResourceType": "Aurora",
        "VaultName": "main",
        "State": state,
        "Message": "",
        "CreatedAt": created,
        "CompletedAt": None,
        "RecoveryPointArn": "",
        "SourceRecoveryPointArn": "",
        "DestinationVaultArn": vault_arn(AWAY),
        "DestinationRecoveryPointArn": "",
        **facts,
    }


def tables(
    *,
    stores: Sequence[Row] | None = None,
    vaults: Sequence[Row] | None = None,
    rules: Sequence[Row] = (),
    selections: Sequence[Row] | None = None,
    points: Sequence[Row] | None = None,
    backup_jobs: Sequence[Row] = (),
    copy_jobs: Sequence[Row] = (),
) -> BackupTables:
    """Return the tables of one cluster with all as it should be, but for what is given."""
    return BackupTables(
        stores=frame([store()] if stores is None else stores, DATA_STORES),
        vaults=frame([vault(), vault(AWAY)] if vaults is None else vaults, BACKUP_VAULTS),
        rules=frame(rules, BACKUP_RULES),
        selections=frame(
            [selection(Resources=["*"])] if selections is None else selections, BACKUP_SELECTIONS
        ),
        points=frame([point(), copy_of()] if points is None else points, RECOVERY_POINTS),
        backup_jobs=frame(backup_jobs, BACKUP_JOBS),
        copy_jobs=frame(copy_jobs, COPY_JOBS),
    )


def coverage(*gaps: tuple[str, str]) -> list[Coverage]:
    """Return the coverage of a run in which all was read, but for tables in regions."""
    return [
        Coverage(
            table=table,
            asked="all",
            account="acme",
            region=region,
            rows=1,
            status=CoverageStatus.DENIED if (table, region) in gaps else CoverageStatus.COMPLETE,
        )
        for table in TABLES
        for region in (HOME, AWAY)
    ]


def assess(
    made: BackupTables | None = None,
    gaps: Iterable[tuple[str, str]] = (),
    as_of: datetime = AS_OF,
    **targets: Any,
) -> BackupPosture:
    """Hold tables against the targets of the guides, but for what is given."""
    return assess_backups(made or tables(), coverage(*gaps), as_of, BackupTargets(**targets))


def kinds(posture: BackupPosture) -> list[str]:
    return sorted(finding.kind.removeprefix("dr.") for finding in posture.findings)
