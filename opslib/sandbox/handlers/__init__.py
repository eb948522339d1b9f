"""What the overlay answers; importing this registers every handler."""

from opslib.sandbox.handlers import (
    backup,
    budgets,
    cloudtrail,
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
    "backup",
    "budgets",
    "cloudtrail",
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
