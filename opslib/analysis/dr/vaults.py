"""Whether the vaults that hold the recovery points can be emptied."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from opslib.analysis.dr.points import given, moment
from opslib.findings import Finding, Severity
from opslib.wording import count, printable

__all__ = ["describe_vaults"]


def describe_vaults(vaults: pd.DataFrame, as_of: datetime) -> list[Finding]:
    """Put each vault that somebody with enough rights could empty.

    Args:
        vaults: columns of `opslib.tables.backups.BACKUP_VAULTS`.
        as_of: the report's moment.

    Source: AWS Backup developer guide, AWS Backup Vault Lock: without a lock date, or before it,
    whoever may (governance mode) can lift the lock; after it nobody can (compliance mode).
    """
    found = []
    for row in vaults.to_dict("records"):
        for_good = given(row["LockedForGoodAt"])
        if not row["IsLocked"]:
            found.append(_unlocked(row))
        elif for_good is None or for_good > as_of:
            found.append(_removable(row, for_good))
    return found


def _unlocked(row: dict[Any, Any]) -> Finding:
    return Finding(
        kind="dr.vault_unlocked",
        subject=_subject(row),
        severity=Severity.LOW,
        sentence=f"{_name(row)} has no lock: its {_held(row['RecoveryPoints'])} can be deleted by "
        "one administrator.",
        action="Set AWS Backup Vault Lock with the retention that is wanted.",
        evidence=("backup_vaults",),
    )


def _removable(row: dict[Any, Any], for_good: datetime | None) -> Finding:
    until = f" until {moment(for_good)}" if for_good else ""
    return Finding(
        kind="dr.vault_lock_removable",
        subject=_subject(row),
        severity=Severity.INFO,
        sentence=f"{_name(row)} has a lock that an administrator can lift{until}.",
        action="Set a lock date (ChangeableForDays) where that is wanted; it cannot be taken back.",
        evidence=("backup_vaults",),
    )


def _subject(row: dict[Any, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("Account", "Region", "VaultArn")}


def _name(row: dict[Any, Any]) -> str:
    return f"Vault {printable(row['VaultName'])} in {printable(row['Region'])}"


def _held(number: float | None) -> str:
    return "recovery points" if pd.isna(number) else count(int(number or 0), "recovery point")
