"""How commitments are used: GetSavingsPlansUtilization and GetReservationUtilization.

Both follow from the bill: what a plan's fee comes to, and what of it is left as its own amortised
cost because no usage took it. Nobody reserved anything.

Source: AWS Billing and Cost Management API Reference, GetSavingsPlansUtilization and
GetReservationUtilization.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.sandbox.commitments import FEE
from opslib.sandbox.handlers.bill_view import match_filter, read_period, view_bill
from opslib.sandbox.handlers.cost_explorer import split_period
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError

__all__ = ["get_reservation_utilization", "get_savings_plans_utilization"]

COVERED = "SavingsPlanCoveredUsage"
NOTHING = Decimal(0)


@op("ce", "GetSavingsPlansUtilization")
def get_savings_plans_utilization(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetSavingsPlansUtilization by day or month; of an owner of plans only."""
    first, end = read_period(asked)
    rows = view_bill(caller.scenario.bill, caller)
    rows = rows[(rows["day"] >= first) & (rows["day"] < end)]
    rows = rows[match_filter(rows, asked.get("Filter"))]
    if not rows["record_type"].eq(FEE).any():
        raise _unavailable("Savings Plans")
    by_time = [
        {"TimePeriod": {"Start": str(begin), "End": str(until)}} | _use(part)
        for begin, until in split_period(first, end, asked.get("Granularity", "MONTHLY"))
        if not (part := rows[(rows["day"] >= begin) & (rows["day"] < until)]).empty
    ]
    return {"SavingsPlansUtilizationsByTime": by_time, "Total": _use(rows)}


@op("ce", "GetReservationUtilization")
def get_reservation_utilization(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ce:GetReservationUtilization: there is no reservation in any account."""
    del caller
    read_period(asked)
    raise _unavailable("Reservation")


def _unavailable(kind: str) -> AwsError:
    return AwsError("DataUnavailableException", f"{kind} utilization data is not available.")


def _use(rows: pd.DataFrame) -> dict[str, Any]:
    fees = rows[rows["record_type"] == FEE]
    covered = rows[rows["record_type"] == COVERED]
    total, unused = sum(fees["billed"], NOTHING), sum(fees["effective"], NOTHING)
    used = total - unused
    on_demand = sum(covered["quantity"] * covered["price"], NOTHING)
    share = 100 * used / total if total else NOTHING
    return {
        "Utilization": {
            "TotalCommitment": str(total),
            "UsedCommitment": str(used),
            "UnusedCommitment": str(unused),
            "UtilizationPercentage": str(share),
        },
        "Savings": {"NetSavings": str(on_demand - total), "OnDemandCostEquivalent": str(on_demand)},
        "AmortizedCommitment": {
            "AmortizedRecurringCommitment": str(total),
            "AmortizedUpfrontCommitment": "0",
            "TotalAmortizedCommitment": str(total),
        },
    }
