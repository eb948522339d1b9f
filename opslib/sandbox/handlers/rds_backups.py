"""The automated backups of RDS instances with their windows, which moto does not tell.

Source: Amazon RDS API Reference, DescribeDBInstanceAutomatedBackups.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.backups import RDS_PITR_DAYS, RECOVERY_LAG
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op

__all__ = ["describe_db_instance_automated_backups"]

MOST_A_PAGE = 100


@op("rds", "DescribeDBInstanceAutomatedBackups")
def describe_db_instance_automated_backups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:DescribeDBInstanceAutomatedBackups: one an instance."""
    epoch = caller.scenario.epoch
    window = {
        "EarliestTime": epoch - timedelta(days=RDS_PITR_DAYS),
        "LatestTime": epoch - RECOVERY_LAG,
    }
    backups = [
        {
            "DBInstanceArn": store.arn,
            "DBInstanceIdentifier": store.name,
            "Status": "active",
            "Engine": store.engine,
            "Encrypted": store.encrypted,
            "BackupRetentionPeriod": RDS_PITR_DAYS,
            "RestoreWindow": window,
        }
        for store in caller.scenario.backups.stores
        if (store.account, store.region, store.type) == (caller.account, caller.region, "RDS")
    ]
    page, marker = take_page(backups, asked.get("Marker"), asked.get("MaxRecords") or MOST_A_PAGE)
    return {"DBInstanceAutomatedBackups": page} | ({"Marker": marker} if marker else {})
