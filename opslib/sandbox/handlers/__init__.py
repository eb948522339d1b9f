"""What the overlay answers; importing this registers every handler."""

from opslib.sandbox.handlers import (
    alarms,
    backup,
    budgets,
    cloudtrail,
    cloudwatch,
    cost_explorer,
    cost_forecast,
    databases,
    iam,
    pricing,
    rds_backups,
    restore_history,
    restores,
    tables,
)

__all__ = [
    "alarms",
    "backup",
    "budgets",
    "cloudtrail",
    "cloudwatch",
    "cost_explorer",
    "cost_forecast",
    "databases",
    "iam",
    "pricing",
    "rds_backups",
    "restore_history",
    "restores",
    "tables",
]
