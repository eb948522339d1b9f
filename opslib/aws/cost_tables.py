"""Everything that the cost report reads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from opslib.aws.bill import read_controlled_bill
from opslib.aws.budgets import read_budget_notifications, read_budgets
from opslib.aws.commitment_use import read_commitment_use
from opslib.aws.cost_anomaly_detection import read_aws_anomalies
from opslib.aws.cost_forecast import read_cost_forecast
from opslib.aws.unit_counts import read_unit_counts
from opslib.tables.cost_tables import CostTables

if TYPE_CHECKING:
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
    bill, controls = read_controlled_bill(reads, parameters, days)
    payer = parameters.accounts[0] if parameters.accounts else None
    return CostTables(
        bill=bill,
        controls=controls,
        budgets=budgets,
        notifications=read_budget_notifications(reads, budgets),
        forecast=read_cost_forecast(reads, parameters, parameters.as_of.date(), month_end),
        aws_anomalies=read_aws_anomalies(reads, payer, days),
        commitments=read_commitment_use(reads, payer, _settled(parameters, days)),
        units=read_unit_counts(reads, parameters, days),
    )


def _settled(parameters: CostParameters, days: tuple[date, ...]) -> tuple[date, ...]:
    """Return the days that are not restated any more; the first one at least."""
    last = (parameters.as_of - parameters.settle_time).date()
    return tuple(day for day in days if day < last) or days[:1]
