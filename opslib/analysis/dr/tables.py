"""The tables that the findings about backups can be traced to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.analysis.dr.posture import BackupPosture
from opslib.analysis.dr.rows import ResourcePosture
from opslib.tables.backups import BackupTables

__all__ = ["posture_tables"]

COLUMNS = (
    "Account",
    "Region",
    "ResourceType",
    "ResourceName",
    "ResourceArn",
    "verdict",
    "reasons",
    "plans",
    "recovery_points",
    "backed_up_at",
    "backup_age_hours",
    "retention_days",
    "copied_at",
    "is_pitr_on",
    "pitr_days",
    "pitr_latest",
)


def posture_tables(posture: BackupPosture, tables: BackupTables) -> Mapping[str, pd.DataFrame]:
    """Return the tables by the names that findings use as evidence.

    ``posture``: one row a resource that was judged; moments in UTC, reasons separated by
    semicolons, plans by commas. The others are as they were read, see `opslib.tables.backups`.
    """
    rows = [_row(row, posture) for row in posture.rows]
    return {
        "posture": pd.DataFrame(rows, columns=list(COLUMNS)),
        "data_stores": tables.stores,
        "backup_vaults": tables.vaults,
        "backup_rules": tables.rules,
        "backup_selections": tables.selections,
        "recovery_points": tables.points,
        "backup_jobs": tables.backup_jobs,
        "copy_jobs": tables.copy_jobs,
    }


def _row(row: ResourcePosture, posture: BackupPosture) -> tuple[Any, ...]:
    since = posture.as_of - row.backed_up_at if row.backed_up_at else None
    return (
        row.account,
        row.region,
        row.type,
        row.name,
        row.arn,
        row.verdict.value,
        "; ".join(row.reasons),
        None if row.plans is None else ", ".join(row.plans),
        row.recovery_points,
        row.backed_up_at,
        None if since is None else round(since.total_seconds() / 3600, 2),
        row.retention_days,
        row.newest_copy_at,
        row.pitr,
        row.pitr_days,
        row.pitr_latest,
    )
