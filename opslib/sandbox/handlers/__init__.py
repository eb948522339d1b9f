"""What the overlay answers; importing this registers every handler."""

from opslib.sandbox.handlers import (
    backup,
    budgets,
    clusters,
    cost_explorer,
    cost_forecast,
    iam,
    rds_backups,
    tables,
)

__all__ = [
    "backup",
    "budgets",
    "clusters",
    "cost_explorer",
    "cost_forecast",
    "iam",
    "rds_backups",
    "tables",
]
