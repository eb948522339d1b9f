"""What an export holds in other currencies than the one that is reported."""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir

from opslib.tables.bill_days import in_days

__all__ = ["other_currencies"]


def other_currencies(bill: ir.Table, days: tuple[date, date], currency: str) -> ir.Table:
    """Return the charges left out, in columns of `opslib.tables.bill_controls.CURRENCIES`.

    Args:
        bill: all rows, in the columns of FOCUS.
        days: first and last UTC day.
        currency: the one that is reported.
    """
    charges = in_days(bill, days)
    charges = charges.filter(charges.BillingCurrency != currency)
    day = charges.ChargePeriodStart.date()
    return charges.group_by(
        "BillingCurrency",
        ProviderName=charges.ProviderName.fill_null(""),
        SubAccountId=charges.SubAccountId.fill_null(""),
    ).aggregate(
        FirstDay=day.min(),
        LastDay=day.max(),
        Rows=charges.count(),
        BilledCost=charges.BilledCost.sum(),
        EffectiveCost=charges.EffectiveCost.sum(),
    )
