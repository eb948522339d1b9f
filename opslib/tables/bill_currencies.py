"""What an export holds in other currencies than the one that is reported."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

__all__ = ["other_currencies"]


def other_currencies(charges: ir.Table, days: tuple[date, date], currency: str) -> ir.Table:
    """Return the charges left out, in columns of `opslib.tables.bill_controls.CURRENCIES`.

    Args:
        charges: what `opslib.tables.aggregation.charges_of` returns.
        days: first and last UTC day.
        currency: the one that is reported.
    """
    first, last = (ibis.literal(day) for day in days)
    day = charges.ChargePeriodStart
    charges = charges.filter(day.between(first, last), charges.BillingCurrency != currency)
    return charges.group_by(
        "BillingCurrency",
        ProviderName=charges.ProviderName.fill_null(""),
        SubAccountId=charges.SubAccountId.fill_null(""),
    ).aggregate(
        FirstDay=charges.ChargePeriodStart.min(),
        LastDay=charges.ChargePeriodStart.max(),
        Rows=charges.Rows.sum(),
        BilledCost=charges.BilledCost.sum(),
        EffectiveCost=charges.EffectiveCost.sum(),
    )
