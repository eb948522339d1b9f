"""AWS line items as FOCUS: the mapping by line item type, written out.

It serves every layout of AWS's Cost and Usage Report; columns go by their documented names of
CUR 1, and a layout says where else a value stands. What a line item costs depends on its type, so
`LINE_ITEMS` says for each type which charge category it is and what it counts as billed and as
effective cost.

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

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from opslib.tables.engine import FILE, refuse
from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FocusType
from opslib.tables.line_item_costs import COST_COLUMNS, LineItemCost, costs_of_line_items

__all__ = [
    "LINE_ITEMS",
    "OPTIONAL_COLUMNS",
    "REQUIRED_COLUMNS",
    "LineItem",
    "focus_of_line_items",
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
    "lineItem/Operation",
    "lineItem/UsageAmount",
    "lineItem/LineItemDescription",
    "lineItem/ResourceId",
    "product/ProductName",
    "product/regionCode",
    "product/region",
    "product/sku",
    "pricing/unit",
    "pricing/publicOnDemandCost",
    *COST_COLUMNS,
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
    "FlatRateSubscription": LineItem(
        "Purchase", LineItemCost.UNBLENDED, LineItemCost.UNBLENDED, True
    ),
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


def focus_of_line_items(
    part: ExportPart,
    *,
    account_name: ir.StringValue,
    product_name: ir.StringValue,
    region: ir.StringValue,
    tags: ir.MapValue,
) -> dict[str, ir.Value]:
    """Return the FOCUS columns of line items, by name.

    Args:
        part: files of one layout, their columns by the names of `REQUIRED_COLUMNS` and
            `OPTIONAL_COLUMNS`.
        account_name: the name of the account that used.
        product_name: the product's name, where the report has one.
        region: the product's region, where it has no code of one.
        tags: tag key to value.
    """
    categories = {kind.category: ibis.literal(kind.category) for kind in LINE_ITEMS.values()}
    quantities = {True: part.money("lineItem/UsageAmount"), False: ibis.null(FocusType.MONEY)}
    costs = costs_of_line_items(part)
    return {
        "ProviderName": ibis.literal("AWS"),
        "BillingAccountId": part.text("bill/PayerAccountId"),
        "SubAccountId": part.text("lineItem/UsageAccountId"),
        "SubAccountName": account_name,
        "BillingCurrency": part.text("lineItem/CurrencyCode"),
        "BillingPeriodStart": part.time("bill/BillingPeriodStartDate"),
        "ChargePeriodStart": part.time("lineItem/UsageStartDate"),
        "ChargePeriodEnd": part.time("lineItem/UsageEndDate"),
        "ChargeCategory": _by_type(part, lambda kind: kind.category, categories),
        "ChargeClass": ibis.null(FocusType.TEXT),
        "ServiceName": ibis.coalesce(product_name, part.text("lineItem/ProductCode")),
        "RegionId": ibis.coalesce(part.text("product/regionCode"), region).nullif("global"),
        "SkuMeter": part.text("lineItem/UsageType"),
        "SkuId": part.text("product/sku"),
        "ChargeDescription": part.text("lineItem/LineItemDescription"),
        "ResourceId": part.text("lineItem/ResourceId"),
        "PricingQuantity": _by_type(part, lambda kind: kind.measured, quantities),
        "PricingUnit": part.text("pricing/unit"),
        "ListCost": part.money("pricing/publicOnDemandCost"),
        "BilledCost": _by_type(part, lambda kind: kind.billed, costs),
        "EffectiveCost": _by_type(part, lambda kind: kind.effective, costs),
        "Tags": tags,
    }


Means = TypeVar("Means", bound=Hashable)


def _by_type(
    part: ExportPart, meaning: Callable[[LineItem], Means], values: Mapping[Means, ir.Value]
) -> ir.Value:
    """Return the value of what a line item's type means; an unknown type ends the query."""
    column = "lineItem/LineItemType"
    line_item_type = part.text(column)
    types: dict[Means, list[str]] = {}
    for name, kind in LINE_ITEMS.items():
        types.setdefault(meaning(kind), []).append(name)
    branches = [(line_item_type.isin(names), values[means]) for means, names in types.items()]
    unknown = refuse(
        f"{part.spelled(column)} has no mapping to FOCUS:", line_item_type, part.relation[FILE]
    )
    return ibis.cases(*branches, else_=unknown.cast(branches[0][1].type()))
