"""The bill as one table: the FOCUS columns that opslib reads.

Names, meanings and nullability follow the FinOps Open Cost and Usage Specification (FOCUS)
1.0 to 1.2, https://focus.finops.org. Where versions differ, the later name is used:
``SkuMeter`` (since 1.1) is what AWS calls the usage type. How files of each layout become this
table is in `opslib.tables.focus_files`, `opslib.tables.cur2` and `opslib.tables.cur`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FOCUS_COLUMNS", "MONEY", "FocusColumn", "FocusType"]

MONEY = "decimal(38, 18)"
"""Money and quantities: 20 digits before the point, 18 after, exact in sums."""


class FocusType(StrEnum):
    """The types of FOCUS columns, as Ibis writes them."""

    TEXT = "string"
    MONEY = "decimal(38, 18)"
    TIME = "timestamp('UTC')"
    TAGS = "map<string, string>"


@dataclass(frozen=True, slots=True)
class FocusColumn:
    """One column of the bill.

    Args:
        name: its FOCUS name.
        type: its type.
        required: whether a bill without it cannot be read.
        meaning: what it holds, with its unit.
    """

    name: str
    type: FocusType
    required: bool
    meaning: str


FOCUS_COLUMNS: tuple[FocusColumn, ...] = (
    FocusColumn("ProviderName", FocusType.TEXT, True, "who provides the service"),
    FocusColumn("BillingAccountId", FocusType.TEXT, True, "the account that pays"),
    FocusColumn("SubAccountId", FocusType.TEXT, True, "the account that used"),
    FocusColumn("SubAccountName", FocusType.TEXT, False, "its name"),
    FocusColumn("BillingCurrency", FocusType.TEXT, True, "ISO 4217 code of all costs of the row"),
    FocusColumn("BillingPeriodStart", FocusType.TIME, True, "first moment of the billing period"),
    FocusColumn("ChargePeriodStart", FocusType.TIME, True, "first moment that is charged"),
    FocusColumn("ChargePeriodEnd", FocusType.TIME, True, "end of the charge, exclusive"),
    FocusColumn("ChargeCategory", FocusType.TEXT, True, "Usage, Purchase, Tax, Credit, Adjustment"),
    FocusColumn("ChargeClass", FocusType.TEXT, False, "Correction, for a closed period, or null"),
    FocusColumn("ServiceName", FocusType.TEXT, True, "the service"),
    FocusColumn("RegionId", FocusType.TEXT, False, "the region; null for global services"),
    FocusColumn("SkuMeter", FocusType.TEXT, False, "what is metered; AWS: the usage type"),
    FocusColumn("SkuId", FocusType.TEXT, False, "the SKU"),
    FocusColumn("ChargeDescription", FocusType.TEXT, False, "the charge in words"),
    FocusColumn("ResourceId", FocusType.TEXT, False, "the resource; null where none applies"),
    FocusColumn("PricingQuantity", FocusType.MONEY, False, "quantity that the price applies to"),
    FocusColumn("PricingUnit", FocusType.TEXT, False, "unit of PricingQuantity"),
    FocusColumn("ListCost", FocusType.MONEY, False, "cost at public on-demand prices"),
    FocusColumn("BilledCost", FocusType.MONEY, True, "what is invoiced"),
    FocusColumn("EffectiveCost", FocusType.MONEY, True, "amortised cost after discounts"),
    FocusColumn("Tags", FocusType.TAGS, False, "tag key to value"),
)
