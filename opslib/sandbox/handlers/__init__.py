"""What the overlay answers; importing this registers every handler."""

from opslib.sandbox.handlers import (
    backup,
    budgets,
    cost_explorer,
    cost_forecast,
    databases,
    iam,
    pricing,
    rds_backups,
    restores,
)

__all__ = [
    "backup",
    "budgets",
    "cost_explorer",
    "cost_forecast",
    "databases",
    "iam",
    "pricing",
    "rds_backups",
    "restores",
]
