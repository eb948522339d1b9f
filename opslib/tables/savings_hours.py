"""Hours of usage that Savings Plans or reservations apply to, and the rates that these have.

Amounts and quantities are whole billionths, so that millions of rows are exact and quick.

Sources: AWS Savings Plans user guide, "Savings Plans types" (Compute: EC2, Fargate and Lambda;
EC2 Instance: one family in a region); Amazon RDS, Amazon ElastiCache, Amazon Redshift and Amazon
OpenSearch Service user guides, on reserved instances and nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import pandas as pd
import pandera.pandas as pa

from opslib.tables.export import OPERATION
from opslib.tables.focus import FocusType
from opslib.tables.schema import column

__all__ = [
    "BILLED_HOURS",
    "BILLIONTH",
    "COMMITMENT_RATES",
    "HOURLY_USAGE",
    "METERS",
    "BacktestTables",
    "billed_hours",
    "hourly_usage",
]

BILLIONTH = 1_000_000_000
METERS: dict[str, tuple[str, ...]] = {
    "Amazon Elastic Compute Cloud": ("BoxUsage", "DedicatedUsage", "HostUsage"),
    "Amazon Elastic Container Service": ("Fargate-",),
    "Amazon Elastic Container Service for Kubernetes": ("Fargate-",),
    "AWS Lambda": ("Lambda-GB-Second", "Lambda-Provisioned"),
    "Amazon Relational Database Service": ("InstanceUsage:", "Multi-AZUsage:"),
    "Amazon ElastiCache": ("NodeUsage:",),
    "Amazon Redshift": ("Node:",),
    "Amazon OpenSearch Service": ("ESInstance:",),
}
"""ServiceName to parts of the usage types that a commitment may apply to."""
SPOT = "Spot"
GROUP = ("SubAccountId", "RegionId", "ServiceName", "SkuMeter")

HOURLY_USAGE = pa.DataFrameSchema(
    {
        "Hour": column(pd.Timestamp),
        **{name: column(str) for name in GROUP},
        "Operation": column(str),
        "IsCovered": column(bool),
        "Quantity": column(int),
        "Cost": column(int),
    },
    unique=["Hour", *GROUP, "Operation", "IsCovered"],
)
"""One row an hour (UTC) and meter. Operation is AWS's, '' where the export lacks it. IsCovered: a
Savings Plan or a reservation pays for it already. Quantity is in billionths of the pricing unit,
Cost the effective one in billionths of the currency."""

BILLED_HOURS = pa.DataFrameSchema({"Hour": column(pd.Timestamp)}, unique=["Hour"])
"""Hours (UTC) in which any charge begins."""

COMMITMENT_RATES = pa.DataFrameSchema(
    {
        "Plan": column(str),
        "Scope": column(str),
        "SkuMeter": column(str),
        "Operation": column(str),
        "Years": column(int),
        "Payment": column(str),
        "Rate": column(Decimal),
        "Upfront": column(Decimal),
    }
)
"""One row a rate. Plan is such as ``compute-savings-plan``. Scope is what one purchase applies to,
such as ``m6i us-east-1``; '' for everything. Operation is '' where the rate applies to any. Rate is
of the currency for a pricing unit, what is paid upfront spread over the term; Upfront its share
that is paid upfront."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTables:
    """What commitments are judged by.

    Args:
        first, end: the window, half-open; None where no hourly export was asked for.
        usage: columns of `HOURLY_USAGE`.
        hours: columns of `BILLED_HOURS`, within the window.
        rates: columns of `COMMITMENT_RATES`.
        currency: of the usage; empty where there is none.
        missing: URIs of files that the export promises and that are not there.
    """

    first: datetime | None = None
    end: datetime | None = None
    usage: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(HOURLY_USAGE.columns))
    )
    hours: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(BILLED_HOURS.columns))
    )
    rates: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(COMMITMENT_RATES.columns))
    )
    currency: str = ""
    missing: tuple[str, ...] = ()


def hourly_usage(bill: ir.Table, first: datetime, end: datetime) -> ir.Table:
    """Return the usage of every hour from ``first`` to before ``end`` that commitments apply to.

    Usage that costs nothing at all is free, and left out. Usage that is not billed and still has an
    effective cost is covered: its commitment is billed instead (FOCUS, BilledCost).

    Args:
        bill: what `opslib.tables.export.open_bill` returns with operations.
        first: of the window, UTC.
        end: of the window, UTC, exclusive.

    Returns:
        Columns of `HOURLY_USAGE`, and ``BillingCurrency``.
    """
    bill = _within(bill, first, end)
    usage = bill.filter(
        bill.ChargeCategory == "Usage",
        reduce(or_, (_is_metered(bill, name, parts) for name, parts in METERS.items())),
        ~bill.SkuMeter.contains(SPOT),
        bill.EffectiveCost > 0,
    )
    return usage.group_by(
        "BillingCurrency",
        Hour=usage.ChargePeriodStart.truncate("h"),
        **{name: usage[name].fill_null("") for name in GROUP},
        Operation=usage[OPERATION].fill_null(""),
        IsCovered=usage.BilledCost == 0,
    ).aggregate(
        Quantity=_billionths(usage.PricingQuantity.fill_null(Decimal(0))),
        Cost=_billionths(usage.EffectiveCost),
    )


def billed_hours(bill: ir.Table, first: datetime, end: datetime) -> ir.Table:
    """Return the hours of the window in which any charge begins; columns of `BILLED_HOURS`."""
    bill = _within(bill, first, end)
    return bill.select(Hour=bill.ChargePeriodStart.truncate("h")).distinct()


def _within(bill: ir.Table, first: datetime, end: datetime) -> ir.Table:
    start = bill.ChargePeriodStart
    return bill.filter(
        start >= ibis.literal(first, type=FocusType.TIME),
        start < ibis.literal(end, type=FocusType.TIME),
    )


def _is_metered(bill: ir.Table, service: str, parts: tuple[str, ...]) -> ir.BooleanValue:
    return (bill.ServiceName == service) & reduce(
        or_, (bill.SkuMeter.contains(part) for part in parts)
    )


def _billionths(amount: ir.DecimalColumn) -> ir.IntegerScalar:
    return (amount.sum().cast("float64") * BILLIONTH).round().cast("int64")
