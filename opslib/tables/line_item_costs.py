"""What AWS line items cost: each way to cost one, from the columns that tell it.

Private discounts (EDP, private rates, bundled ones) come as line items of their own, in columns
(``Net...``) that tell each cost after them, or both, which then say the same. A row that tells its
cost after discounts counts that, and the line item of the discount nothing more: AWS tells zero for
it there. A row that does not counts what stands.

What was not used of a Savings Plan has no cost after discounts: it is discounted as the plan's fees
of the billing period are.

Sources: AWS Data Exports user guide, "Line item columns", "Reservation columns", "Savings plan
columns" and "Discount columns"; AWS Cloud Financial Management blog, "Bundled discounts in AWS Cost
and Usage Report".
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

import ibis
import ibis.expr.types as ir

from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FocusType

__all__ = ["COST_COLUMNS", "LineItemCost", "costs_of_line_items"]

FEES_OF_PLAN = (
    "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod",
    "savingsPlan/RecurringCommitmentForBillingPeriod",
)
NET_FEES_OF_PLAN = (
    "savingsPlan/NetAmortizedUpfrontCommitmentForBillingPeriod",
    "savingsPlan/NetRecurringCommitmentForBillingPeriod",
)

COST_COLUMNS = (
    "lineItem/NetUnblendedCost",
    "reservation/ReservationARN",
    "reservation/EffectiveCost",
    "reservation/NetEffectiveCost",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedRecurringFee",
    "reservation/NetUnusedRecurringFee",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/NetSavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
    *FEES_OF_PLAN,
    *NET_FEES_OF_PLAN,
)
"""Optional columns from which costs are made."""

SHARED_OUT = "decimal(28, 12)"
"""What a share of an amount is rounded to."""
ROUNDING = Decimal("0.01")
"""By how much the rounding of many rates may take a use above its commitment."""


class LineItemCost(StrEnum):
    """What a line item counts as cost, after private discounts where the report tells it so."""

    NOTHING = "zero"
    UNBLENDED = "lineItem/UnblendedCost"
    FEE = "lineItem/UnblendedCost, zero for the upfront fee of a reservation"
    SAVINGS_PLAN = "savingsPlan/SavingsPlanEffectiveCost"
    UNUSED_SAVINGS_PLAN = "savingsPlan/TotalCommitmentToDate - savingsPlan/UsedCommitment"
    RESERVATION = "reservation/EffectiveCost"
    UNUSED_RESERVATION = (
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod + reservation/UnusedRecurringFee"
    )


def costs_of_line_items(part: ExportPart) -> dict[LineItemCost, ir.DecimalValue]:
    """Return each way to cost a line item; null where the report lacks the amount it needs.

    What a commitment costs is never negative: a report that says so is refused.

    Args:
        part: files of one layout, their columns by the names of CUR 1.
    """
    nothing = ibis.literal(0).cast(FocusType.MONEY)
    unblended = _after_discounts(part, "lineItem/UnblendedCost", part.money)
    upfront, recurring, reserved, saved = (
        _after_discounts(part, name, part.not_negative)
        for name in (
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
            "reservation/UnusedRecurringFee",
            "reservation/EffectiveCost",
            "savingsPlan/SavingsPlanEffectiveCost",
        )
    )
    reservation = part.text("reservation/ReservationARN")
    return {
        LineItemCost.NOTHING: nothing,
        LineItemCost.UNBLENDED: unblended,
        LineItemCost.FEE: ibis.cases((reservation.notnull(), nothing), else_=unblended),
        LineItemCost.SAVINGS_PLAN: saved,
        LineItemCost.UNUSED_SAVINGS_PLAN: _unused_savings_plan(part),
        LineItemCost.RESERVATION: reserved,
        # A reservation paid all upfront, or not at all upfront, has one of the two only.
        LineItemCost.UNUSED_RESERVATION: ibis.coalesce(upfront + recurring, upfront, recurring),
    }


def _after_discounts(
    part: ExportPart, name: str, amount: Callable[[str], ir.DecimalValue]
) -> ir.DecimalValue:
    """Return a cost after private discounts where a row tells it, else as it stands."""
    group, _, cost = name.partition("/")
    net = f"{group}/Net{cost}"
    return ibis.coalesce(amount(net), amount(name)) if net in part.columns else amount(name)


def _unused_savings_plan(part: ExportPart) -> ir.DecimalValue:
    used = "savingsPlan/UsedCommitment"
    unused = part.not_negative("savingsPlan/TotalCommitmentToDate") - part.not_negative(used)
    overused = part.refuse(used, "holds more than the commitment").cast(FocusType.MONEY)
    return ibis.cases((unused < -ROUNDING, overused), else_=_discounted_as_fees(part, unused))


def _discounted_as_fees(part: ExportPart, unused: ir.DecimalValue) -> ir.DecimalValue:
    """Return what of a commitment was not used, discounted as the plan's fees of the period are."""
    if not set(NET_FEES_OF_PLAN) & set(part.columns):
        return unused
    gross, net = (
        ibis.coalesce(first + second, first, second).cast("float64")
        for first, second in (
            [part.not_negative(name) for name in names]
            for names in (FEES_OF_PLAN, NET_FEES_OF_PLAN)
        )
    )
    discounted = unused.cast("float64") * net / gross.nullif(0)
    return ibis.coalesce(discounted.cast(SHARED_OUT).cast(FocusType.MONEY), unused)
