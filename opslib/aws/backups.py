"""AWS Backup: vaults, recovery points, backup jobs and copy jobs.

Source: AWS Backup API Reference, ListBackupVaults, ListRecoveryPointsByBackupVault,
ListBackupJobs and ListCopyJobs. Jobs are told for 30 days.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.places import Place, join_parts, read_places, utc
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.tables.backups import BACKUP_JOBS, BACKUP_VAULTS, COPY_JOBS, RECOVERY_POINTS
from opslib.wording import printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_backup_jobs", "read_backup_vaults", "read_copy_jobs", "read_recovery_points"]


def read_backup_vaults(reads: Reads) -> pd.DataFrame:
    """Read the vaults of every account and region; columns of `BACKUP_VAULTS`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        vaults = place.items("backup", "ListBackupVaults", "BackupVaultList")
        return [_vault_row(place, vault) for vault in vaults]

    return read_places(reads, "backup vaults", "all vaults", BACKUP_VAULTS, fetch)


def _vault_row(place: Place, vault: dict[str, Any]) -> tuple[Any, ...]:
    return (
        place.label,
        place.region,
        vault["BackupVaultName"],
        vault["BackupVaultArn"],
        vault.get("EncryptionKeyArn", ""),
        bool(vault.get("Locked", False)),
        utc(vault.get("LockDate")),
        _number(vault.get("MinRetentionDays")),
        _number(vault.get("MaxRetentionDays")),
        _number(vault.get("NumberOfRecoveryPoints")),
    )


def read_recovery_points(reads: Reads, vaults: pd.DataFrame) -> pd.DataFrame:
    """Read what every vault holds, one read a vault; columns of `RECOVERY_POINTS`.

    Args:
        reads: the context of the run.
        vaults: columns of `BACKUP_VAULTS`.
    """

    def read(account: Account | None, region: str) -> Fetched:
        place = Place(reads, account, region)
        mine = vaults[(vaults["Account"] == place.label) & (vaults["Region"] == region)]
        parts = [_read_vault(place, name) for name in sorted(mine["VaultName"])]
        return Fetched(frame=join_parts(parts, RECOVERY_POINTS))

    return join_parts([part.frame for part in reads.fan_out_regions(read)], RECOVERY_POINTS)


def _read_vault(place: Place, name: str) -> pd.DataFrame:
    request = ReadRequest(
        table="recovery points",
        asked=f"all of vault {printable(name)}",
        schema=RECOVERY_POINTS,
        account=place.label,
        region=place.region,
        arguments={"vault": name},
    )

    def fetch() -> Fetched:
        points = place.items(
            "backup", "ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName=name
        )
        rows = [_point_row(place, name, point) for point in points]
        return Fetched(frame=pd.DataFrame(rows, columns=list(RECOVERY_POINTS.columns)))

    return place.reads.read(request, fetch).frame


def _point_row(place: Place, vault: str, point: dict[str, Any]) -> tuple[Any, ...]:
    return (
        place.label,
        place.region,
        vault,
        point["RecoveryPointArn"],
        point.get("ResourceArn", ""),
        point.get("ResourceType", ""),
        point.get("Status", ""),
        utc(point["CreationDate"]),
        utc(point.get("CompletionDate")),
        utc(point.get("CalculatedLifecycle", {}).get("DeleteAt")),
        _number(point.get("Lifecycle", {}).get("DeleteAfterDays")),
        _number(point.get("BackupSizeInBytes")),
        point.get("IsEncrypted"),
        point.get("CreatedBy", {}).get("BackupPlanId", ""),
        point.get("SourceBackupVaultArn", ""),
        ",".join(sorted(point.get("AggregatedScanResult", {}).get("Findings", []))),
    )


def read_backup_jobs(reads: Reads, since: datetime) -> pd.DataFrame:
    """Read the backup jobs created after ``since``; columns of `BACKUP_JOBS`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        jobs = place.items("backup", "ListBackupJobs", "BackupJobs", ByCreatedAfter=since)
        return [_backup_job_row(place, job) for job in jobs]

    return read_places(
        reads, "backup jobs", _asked(since), BACKUP_JOBS, fetch, lambda _: {"since": since}
    )


def _backup_job_row(place: Place, job: dict[str, Any]) -> tuple[Any, ...]:
    return (
        place.label,
        place.region,
        job["BackupJobId"],
        job.get("ResourceArn", ""),
        job.get("ResourceType", ""),
        job.get("BackupVaultName", ""),
        job["State"],
        job.get("StatusMessage", ""),
        utc(job["CreationDate"]),
        utc(job.get("CompletionDate")),
        job.get("RecoveryPointArn", ""),
    )


def read_copy_jobs(reads: Reads, since: datetime) -> pd.DataFrame:
    """Read the copy jobs created after ``since``; columns of `COPY_JOBS`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        jobs = place.items("backup", "ListCopyJobs", "CopyJobs", ByCreatedAfter=since)
        return [_copy_job_row(place, job) for job in jobs]

    return read_places(
        reads, "copy jobs", _asked(since), COPY_JOBS, fetch, lambda _: {"since": since}
    )


def _copy_job_row(place: Place, job: dict[str, Any]) -> tuple[Any, ...]:
    return (
        place.label,
        place.region,
        job["CopyJobId"],
        job.get("ResourceArn", ""),
        job.get("ResourceType", ""),
        job.get("SourceRecoveryPointArn", ""),
        job.get("DestinationBackupVaultArn", ""),
        job.get("DestinationRecoveryPointArn", ""),
        job["State"],
        job.get("StatusMessage", ""),
        utc(job["CreationDate"]),
        utc(job.get("CompletionDate")),
    )


def _asked(since: datetime) -> str:
    return f"all since {since:%Y-%m-%dT%H:%MZ}"


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
