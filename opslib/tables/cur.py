"""AWS Cost and Usage Report (CUR 1) as FOCUS: the mapping, written out.

What a line item costs depends on its type, so `LINE_ITEMS` says for each type which charge
category it is and what it counts as billed and as effective cost.

Sources: *line item types*, AWS Data Exports user guide, "Line item details"
(lineItem/LineItemType). *Billed*: FOCUS, BilledCost, is the basis of the invoice; AWS writes
usage under a Savings Plan once at its on-demand cost (SavingsPlanCoveredUsage) and once
negated (SavingsPlanNegation), neither of which is invoiced, so both bill nothing and the total
stays that of lineItem/UnblendedCost. *Effective*: AWS Well-Architected Labs, "CUR queries",
amortized cost, the amount that Cost Explorer shows as amortized. *Category*: FOCUS,
ChargeCategory. Discounts that stand on lines of their own are no consumption of anything, and
of a refund the report does not tell whether it gives back usage or a purchase, so both are what
FOCUS leaves for the rest: adjustments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import ibis
import ibis.expr.types as ir

from opslib.tables.engine import FILE, refuse
from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FocusType

__all__ = [
    "LINE_ITEMS",
    "REQUIRED_COLUMNS",
    "LineItem",
    "LineItemCost",
    "athena_name",
    "cur_columns",
    "focus_of_cur",
    "tag_columns",
]

REQUIRED_COLUMNS = (
    "bill/PayerAccountId",
    "bill/BillingPeriodStartDate",
    "lineItem/UsageAccountId",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
    "lineItem/ProductCode",
    "lineItem/CurrencyCode",
    "lineItem/UnblendedCost",
)

OPTIONAL_COLUMNS = (
    "lineItem/UsageType",
    "lineItem/UsageAmount",
    "lineItem/LineItemDescription",
    "lineItem/ResourceId",
    "product/ProductName",
    "product/regionCode",
    "product/region",
    "product/sku",
    "pricing/unit",
    "pricing/publicOnDemandCost",
    "reservation/ReservationARN",
    "reservation/EffectiveCost",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
)

TAG_COLUMNS = "resourceTags/"


class LineItemCost(StrEnum):
    """What a line item counts as cost."""

    NOTHING = "zero"
    UNBLENDED = "lineItem/UnblendedCost"
    FEE = "lineItem/UnblendedCost, zero for the upfront fee of a reservation"
    SAVINGS_PLAN = "savingsPlan/SavingsPlanEffectiveCost"
    UNUSED_SAVINGS_PLAN = "savingsPlan/TotalCommitmentToDate - savingsPlan/UsedCommitment"
    RESERVATION = "reservation/EffectiveCost"
    UNUSED_RESERVATION = (
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod + reservation/UnusedRecurringFee"
    )


@dataclass(frozen=True, slots=True)
class LineItem:
    """What a line item type means in FOCUS.

    Args:
        category: its ChargeCategory.
        billed: what it counts as BilledCost.
        effective: what it counts as EffectiveCost.
        measured: whether lineItem/UsageAmount is its PricingQuantity; elsewhere the amount
            repeats that of the usage which the line item is about, or means nothing.
    """

    category: str
    billed: LineItemCost
    effective: LineItemCost
    measured: bool


_DISCOUNT = LineItem("Adjustment", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, False)

LINE_ITEMS: Mapping[str, LineItem] = {
    "Usage": LineItem("Usage", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, True),
    "SavingsPlanCoveredUsage": LineItem(
        "Usage", LineItemCost.NOTHING, LineItemCost.SAVINGS_PLAN, True
    ),
    "SavingsPlanNegation": LineItem("Usage", LineItemCost.NOTHING, LineItemCost.NOTHING, False),
    "DiscountedUsage": LineItem("Usage", LineItemCost.UNBLENDED, LineItemCost.RESERVATION, True),
    "SavingsPlanRecurringFee": LineItem(
        "Purchase", LineItemCost.UNBLENDED, LineItemCost.UNUSED_SAVINGS_PLAN, True
    ),
    "SavingsPlanUpfrontFee": LineItem(
        "Purchase", LineItemCost.UNBLENDED, LineItemCost.NOTHING, True
    ),
    "RIFee": LineItem("Purchase", LineItemCost.UNBLENDED, LineItemCost.UNUSED_RESERVATION, True),
    "Fee": LineItem("Purchase", LineItemCost.UNBLENDED, LineItemCost.FEE, True),
    "BundledDiscount": _DISCOUNT,
    "Discount": _DISCOUNT,
    "EdpDiscount": _DISCOUNT,
    "PrivateRateDiscount": _DISCOUNT,
    "RiVolumeDiscount": _DISCOUNT,
    "SppDiscount": _DISCOUNT,
    "Tax": LineItem("Tax", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, False),
    "Credit": LineItem("Credit", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, False),
    "Refund": LineItem("Adjustment", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, False),
}
"""Line item type to its meaning; a bill with any other type is refused."""


def athena_name(name: str) -> str:
    """Return the name that AWS gives to a CUR column or tag in its Athena and Parquet files.

    Source: AWS Data Exports user guide, "Running Amazon Athena queries", column names.
    """
    words = re.sub(r"([A-Z])", r"_\1", name).lower()
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]", "_", words)).strip("_")


def cur_columns(names: Collection[str]) -> dict[str, str]:
    """Return, for each CUR column that is there, its documented name to the name in the files.

    A file names its columns as documented (``lineItem/UnblendedCost``) or as Athena does
    (``line_item_unblended_cost``). Columns of tags stand under the name they have.
    """
    columns = {name: name for name in tag_columns(names)}
    for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS):
        for spelling in (name, athena_name(name)):
            if spelling in names:
                columns[name] = spelling
    return columns


def tag_columns(names: Collection[str]) -> dict[str, str]:
    """Return, for each tag column, its name to the key of its tag.

    ``resourceTags/user:Project`` is the tag ``Project``, ``resourceTags/aws:createdBy`` the tag
    ``aws:createdBy`` that AWS sets itself. Athena's ``resource_tags_user_project`` has lost the
    letters' case: it is kept as ``user_project``, which a question for ``Project`` also finds.
    """
    athena_prefix = f"{athena_name(TAG_COLUMNS)}_"
    documented = {
        name: name.removeprefix(TAG_COLUMNS).removeprefix("user:")
        for name in names
        if name.startswith(TAG_COLUMNS)
    }
    return documented | {
        name: name.removeprefix(athena_prefix) for name in names if name.startswith(athena_prefix)
    }


def focus_of_cur(part: ExportPart) -> dict[str, ir.Value]:
    """Return the FOCUS columns of a CUR file, by name.

    Args:
        part: its columns by the names that `cur_columns` gives them.
    """
    costs = _costs(part)
    return {
        "ProviderName": ibis.literal("AWS"),
        "BillingAccountId": part.text("bill/PayerAccountId"),
        "SubAccountId": part.text("lineItem/UsageAccountId"),
        "SubAccountName": ibis.null(FocusType.TEXT),
        "BillingCurrency": part.text("lineItem/CurrencyCode"),
        "BillingPeriodStart": part.time("bill/BillingPeriodStartDate"),
        "ChargePeriodStart": part.time("lineItem/UsageStartDate"),
        "ChargePeriodEnd": part.time("lineItem/UsageEndDate"),
        "ChargeCategory": _by_type(part, lambda kind: ibis.literal(kind.category)),
        "ChargeClass": ibis.null(FocusType.TEXT),
        "ServiceName": ibis.coalesce(
            part.text("product/ProductName"), part.text("lineItem/ProductCode")
        ),
        "RegionId": ibis.coalesce(
            part.text("product/regionCode"), part.text("product/region")
        ).nullif("global"),
        "SkuMeter": part.text("lineItem/UsageType"),
        "SkuId": part.text("product/sku"),
        "ChargeDescription": part.text("lineItem/LineItemDescription"),
        "ResourceId": part.text("lineItem/ResourceId"),
        "PricingQuantity": _by_type(part, lambda kind: _quantity(part, kind)),
        "PricingUnit": part.text("pricing/unit"),
        "ListCost": part.money("pricing/publicOnDemandCost"),
        "BilledCost": _by_type(part, lambda kind: costs[kind.billed]),
        "EffectiveCost": _by_type(part, lambda kind: costs[kind.effective]),
        "Tags": part.tags_of_columns(tag_columns(part.columns)),
    }


def _by_type(part: ExportPart, meaning: Callable[[LineItem], ir.Value]) -> ir.Value:
    """Return ``meaning`` by line item type; a type that is not in the table ends the query."""
    line_item_type = part.text("lineItem/LineItemType")
    branches = [(line_item_type == name, meaning(kind)) for name, kind in LINE_ITEMS.items()]
    unknown = refuse(
        "lineItem/LineItemType has no mapping to FOCUS:", line_item_type, part.relation[FILE]
    )
    return ibis.cases(*branches, else_=unknown.cast(branches[0][1].type()))


def _quantity(part: ExportPart, kind: LineItem) -> ir.DecimalValue:
    return part.money("lineItem/UsageAmount") if kind.measured else ibis.null(FocusType.MONEY)


def _costs(part: ExportPart) -> dict[LineItemCost, ir.DecimalValue]:
    """Return each way to cost a line item; null where the report lacks the amount it needs."""
    nothing = ibis.literal(0).cast(FocusType.MONEY)
    unblended = part.money("lineItem/UnblendedCost")
    upfront = part.money("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
    recurring = part.money("reservation/UnusedRecurringFee")
    commitment = part.money("savingsPlan/TotalCommitmentToDate")
    reservation = part.text("reservation/ReservationARN")
    return {
        LineItemCost.NOTHING: nothing,
        LineItemCost.UNBLENDED: unblended,
        LineItemCost.FEE: ibis.cases((reservation.notnull(), nothing), else_=unblended),
        LineItemCost.SAVINGS_PLAN: part.money("savingsPlan/SavingsPlanEffectiveCost"),
        LineItemCost.UNUSED_SAVINGS_PLAN: commitment - part.money("savingsPlan/UsedCommitment"),
        LineItemCost.RESERVATION: part.money("reservation/EffectiveCost"),
        # A reservation paid all upfront, or not at all upfront, has one of the two only.
        LineItemCost.UNUSED_RESERVATION: ibis.coalesce(upfront + recurring, upfront, recurring),
    }
