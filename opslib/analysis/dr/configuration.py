"""How a restored server is configured, held against its source.

What a drill chooses for isolation should be as it asked; what is of no use to a copy that is torn
down is left off; anything else that differs would have to be set after a real recovery.
Source: Amazon RDS user guide, "Restoring from a DB snapshot" (what is not restored); AWS Backup
developer guide, "Restore a database".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from opslib.analysis.dr.restore_order import RestoreOrder
from opslib.tables.database_servers import CONFIGURATION

__all__ = ["compare_configuration"]

SETTINGS = {
    "Engine": "engine",
    "EngineVersion": "engine version",
    "InstanceClass": "instance class",
    "ParameterGroup": "parameter group",
    "SubnetGroup": "subnet group",
    "SecurityGroups": "security groups",
    "IsEncrypted": "encryption",
    "IamAuthentication": "IAM authentication",
    "IsMultiAz": "Multi-AZ",
    "IsProtected": "deletion protection",
    "BackupRetentionDays": "backup retention in days",
}
OF_NO_USE = {"IsMultiAz", "IsProtected", "BackupRetentionDays"}


def compare_configuration(
    source: pd.DataFrame, restored: pd.DataFrame, order: RestoreOrder | None
) -> pd.DataFrame:
    """Return columns of `CONFIGURATION`; empty where either server is not known.

    Args:
        source: columns of `opslib.tables.database_servers.DATABASE_SERVERS`.
        restored: the same of the copy.
        order: the restore as it was asked for; None where somebody else restored.
    """
    if source.empty or restored.empty:
        return pd.DataFrame(columns=list(CONFIGURATION.columns))
    asked = _asked(order) if order else {}
    before, after = source.iloc[0], restored.iloc[0]
    rows = [
        (words, _text(before[name]), _text(after[name]), _judge(name, before, after, asked))
        for name, words in SETTINGS.items()
        if before[name] != "" or after[name] != ""
    ]
    return pd.DataFrame(rows, columns=list(CONFIGURATION.columns))


def _asked(order: RestoreOrder) -> Mapping[str, str]:
    asked = {
        "InstanceClass": order.instance_class,
        "ParameterGroup": order.parameter_group,
        "SubnetGroup": order.subnet_group,
        "SecurityGroups": ",".join(sorted(order.security_groups)),
    }
    return {name: value for name, value in asked.items() if value}


def _judge(name: str, source: Any, restored: Any, asked: Mapping[str, str]) -> str:
    if source[name] == restored[name]:
        return "as the source"
    if asked.get(name) == restored[name]:
        return "as asked"
    return "left off" if name in OF_NO_USE and asked else "differs"


def _text(value: Any) -> str:
    return {"True": "yes", "False": "no"}.get(str(value), str(value))
