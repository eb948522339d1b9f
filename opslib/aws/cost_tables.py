"""Everything that the cost report reads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.bill import read_bill
from opslib.aws.budgets import read_budget_notifications, read_budgets
from opslib.aws.cost_forecast import read_cost_forecast
from opslib.aws.unit_counts import read_unit_counts
from opslib.tables.bill_controls import CURRENCIES, DUPLICATES, EXPORT_FILES, BillControls
from opslib.tables.cost_anomalies import AWS_ANOMALIES, COMMITMENT_USE
from opslib.tables.cost_tables import CostTables

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

    from opslib.aws.reads import Reads
    from opslib.parameters.cost import CostParameters

__all__ = ["read_cost_tables"]


def read_cost_tables(
    reads: Reads, parameters: CostParameters, days: tuple[date, ...], month_end: date
) -> CostTables:
    """Read the bill, what it is controlled by, the budgets, and what AWS says of them.

    Args:
        reads: the run's context.
        parameters: the notebook's.
        days: consecutive UTC days.
        month_end: the day after the last one of AWS's forecast.
    """
    budgets = read_budgets(reads)
    return CostTables(
        bill=read_bill(reads, parameters, days),
        controls=BillControls(
            files=_empty(EXPORT_FILES),
            duplicates=_empty(DUPLICATES),
            currencies=_empty(CURRENCIES),
            tie_out=None,
        ),
        budgets=budgets,
        notifications=read_budget_notifications(reads, budgets),
        forecast=read_cost_forecast(reads, parameters, parameters.as_of.date(), month_end),
        aws_anomalies=_empty(AWS_ANOMALIES),
        commitments=_empty(COMMITMENT_USE),
        units=read_unit_counts(reads, parameters, days),
    )


def _empty(schema: DataFrameSchema) -> pd.DataFrame:
    return pd.DataFrame(columns=list(schema.columns))
