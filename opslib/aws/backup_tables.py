"""Everything about backups, in one call."""

from __future__ import annotations

from datetime import datetime, timedelta

from opslib.aws.backup_plans import read_backup_rules, read_backup_selections
from opslib.aws.backups import (
    read_backup_jobs,
    read_backup_vaults,
    read_copy_jobs,
    read_recovery_points,
)
from opslib.aws.data_stores import read_data_stores
from opslib.aws.reads import Reads
from opslib.tables.backups import BackupTables

__all__ = ["read_backup_tables"]


def read_backup_tables(reads: Reads, as_of: datetime, job_days: float) -> BackupTables:
    """Read what holds data, and what AWS Backup keeps of it.

    Args:
        reads: the run's context.
        as_of: the report's moment.
        job_days: how far back from it jobs are read.
    """
    since = as_of - timedelta(days=job_days)
    vaults = read_backup_vaults(reads)
    rules = read_backup_rules(reads)
    return BackupTables(
        stores=read_data_stores(reads),
        vaults=vaults,
        rules=rules,
        selections=read_backup_selections(reads, rules),
        points=read_recovery_points(reads, vaults),
        backup_jobs=read_backup_jobs(reads, since),
        copy_jobs=read_copy_jobs(reads, since),
    )
