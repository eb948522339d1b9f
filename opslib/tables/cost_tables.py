"""All tables that the cost analysis reads."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from opslib.tables.bill_controls import BillControls
from opslib.tables.costs import Bill

__all__ = ["CostTables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTables:
    """What was read for a cost report.

    Args:
        bill: the bill by its breakdowns.
        controls: what it is controlled by.
        budgets: columns of `opslib.tables.budgets.BUDGETS`.
        notifications: columns of `opslib.tables.budgets.NOTIFICATIONS`.
        forecast: columns of `opslib.tables.budgets.FORECAST`, one row or none.
        aws_anomalies: columns of `opslib.tables.cost_anomalies.AWS_ANOMALIES`.
        commitments: columns of `opslib.tables.cost_anomalies.COMMITMENT_USE`.
        units: columns of `opslib.tables.unit_counts.UNIT_COUNTS`.
    """

    bill: Bill
    controls: BillControls
    budgets: pd.DataFrame
    notifications: pd.DataFrame
    forecast: pd.DataFrame
    aws_anomalies: pd.DataFrame
    commitments: pd.DataFrame
    units: pd.DataFrame
