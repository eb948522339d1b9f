"""What Cost Explorer says of the days of an export, to hold the export against.

One question by service and record type: 0.01 USD for each page of its answer.
Source: AWS Billing and Cost Management API Reference, GetCostAndUsage.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.cost_explorer import ask_costs
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.coverage import CoverageStatus
from opslib.tables.bill_controls import TIE_OUT

if TYPE_CHECKING:
    from opslib.parameters.cost import CostParameters
    from opslib.tables.costs import Bill

__all__ = ["days_to_tie", "read_tie_out"]

METRICS = {
    "BilledCost": "UnblendedCost",
    "EffectiveCost": "AmortizedCost",
    "NetBilledCost": "NetUnblendedCost",
    "NetEffectiveCost": "NetAmortizedCost",
}
KEYS = ("SERVICE", "RECORD_TYPE")
FEWEST_DAYS = 35
"""Days that are held against Cost Explorer: the period, the one before and the month so far."""
MONTH_DAYS = 31


def days_to_tie(parameters: CostParameters, days: tuple[date, ...]) -> tuple[date, ...]:
    """Return the settled days of two periods, and of five weeks at least.

    Args:
        parameters: as_of, settle_hours and period.
        days: consecutive UTC days.
    """
    lengths = {"week": 7, "month": MONTH_DAYS}
    length = lengths.get(parameters.period) or int(parameters.period.removesuffix("d"))
    settled = (parameters.as_of - parameters.settle_time).date()
    if parameters.period == "month":
        length += settled.day
    wanted = [day for day in days if day < settled]
    return tuple(wanted[-max(FEWEST_DAYS, 2 * length) :])


def read_tie_out(
    reads: Reads, parameters: CostParameters, bill: Bill
) -> tuple[pd.DataFrame | None, tuple[date, ...]]:
    """Ask Cost Explorer what the bill should come to.

    Args:
        reads: the run's context.
        parameters: whether to ask at all, the period, and the payer.
        bill: by an export; one without charges, or of several payers, is not asked about.

    Returns:
        Columns of `TIE_OUT`, None where nothing was asked or answered, and the days asked for.
    """
    days = days_to_tie(parameters, bill.days)
    off = not parameters.tie_out or parameters.is_local or parameters.source != "export"
    if off or not days or bill.first_day is None or len(bill.billing_accounts) > 1:
        return None, ()
    account = parameters.accounts[0] if parameters.accounts else None
    groups = [{"Type": "DIMENSION", "Key": key} for key in KEYS]

    def fetch() -> Fetched:
        client = reads.connection.client("ce", account=account)
        pages = list(ask_costs(client, days, groups, metrics=list(METRICS.values())))
        units = sorted({unit for page in pages for unit in _units(page)})
        if units not in ([], [bill.currency]):
            detail = f"it tells {', '.join(units)}, the bill is in {bill.currency}"
            nothing = pd.DataFrame(columns=list(TIE_OUT.columns))
            return Fetched(frame=nothing, status=CoverageStatus.PARTIAL, detail=detail)
        rows = [row for page in pages for row in _rows(page)]
        return Fetched(frame=pd.DataFrame(rows, columns=list(TIE_OUT.columns)))

    request = ReadRequest(
        table="tie-out",
        asked=f"{days[0]} to {days[-1]} by SERVICE and RECORD_TYPE",
        schema=TIE_OUT,
        account=account.label if account else "",
        arguments={"first": days[0], "last": days[-1], "group_by": groups},
    )
    read = reads.read(request, fetch)
    return (None if read.status.is_gap else read.frame), days


def _units(page: dict[str, Any]) -> set[str]:
    return {
        group["Metrics"][metric]["Unit"]
        for result in page["ResultsByTime"]
        for group in result["Groups"]
        for metric in METRICS.values()
    }


def _rows(page: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            date.fromisoformat(result["TimePeriod"]["Start"][:10]),
            *group["Keys"],
            *(Decimal(group["Metrics"][metric]["Amount"]) for metric in METRICS.values()),
        )
        for result in page["ResultsByTime"]
        for group in result["Groups"]
    ]
