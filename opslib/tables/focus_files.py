"""FOCUS files, versions 1.0 to 1.2 of any provider: how they are laid out.

Of what the versions differ in, this matters here; all other columns are optional and left alone:

- SkuMeter came with 1.1. AWS's export of 1.0 has the usage type in x_UsageType.
- BilledCost, EffectiveCost and ListCost are in BillingCurrency in all versions; the amounts in
  PricingCurrency that 1.2 added stand in columns of their own.

A provider that has no id of a region leaves RegionId empty: its RegionName names the region then.

An unused commitment is a row of ChargeCategory Usage to FOCUS, told by CommitmentDiscountStatus.
Nobody used it and no resource's tag can claim it, and neither Cost Explorer nor the Cost and Usage
Report tells it from the fee of the commitment: it counts as Purchase, without a quantity, so that
a bill has the same kinds of charge whatever it is read from.

Sources: FinOps Open Cost and Usage Specification 1.0 to 1.2, https://focus.finops.org
(ChargeCategory, ChargeClass, CommitmentDiscountStatus, change log); AWS Data Exports user guide,
"FOCUS 1.0 with AWS columns", "FOCUS 1.2 with AWS columns".
"""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FOCUS_COLUMNS, FocusType

__all__ = ["CHARGE_CATEGORIES", "FOCUS_REQUIRED_COLUMNS", "focus_columns", "focus_of_focus"]

FOCUS_REQUIRED_COLUMNS = tuple(column.name for column in FOCUS_COLUMNS if column.required)

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
CHARGE_CLASSES = ("Correction",)


def focus_columns(names: Collection[str]) -> dict[str, str]:
    """Return the columns of FOCUS files under their own names."""
    return {name: name for name in names}


def focus_of_focus(part: ExportPart) -> dict[str, ir.Value]:
    """Return the columns of `FOCUS_COLUMNS` of FOCUS files, by name.

    Args:
        part: their columns by their own names.
    """
    readers = {
        FocusType.TEXT: part.text,
        FocusType.MONEY: part.money,
        FocusType.TIME: part.time,
        FocusType.TAGS: part.tags,
    }
    columns = {column.name: readers[column.type](column.name) for column in FOCUS_COLUMNS}
    category = _one_of(part, "ChargeCategory", CHARGE_CATEGORIES)
    unused = (category == "Usage") & part.text("CommitmentDiscountStatus").isin(("Unused",))
    return columns | {
        "ChargeCategory": ibis.cases((unused, "Purchase"), else_=category),
        "ChargeClass": _one_of(part, "ChargeClass", CHARGE_CLASSES),
        "RegionId": ibis.coalesce(part.text("RegionId"), part.text("RegionName")).nullif("global"),
        "SkuMeter": ibis.coalesce(part.text("SkuMeter"), part.text("x_UsageType")),
        "PricingQuantity": ibis.cases((unused, None), else_=columns["PricingQuantity"]),
    }


def _one_of(part: ExportPart, name: str, known: tuple[str, ...]) -> ir.StringValue:
    """Return a text column that FOCUS allows some values of only; null stays null."""
    value = part.text(name)
    unknown = part.refuse(name, "holds what FOCUS does not know")
    return ibis.cases((value.isnull() | value.isin(known), value), else_=unknown)
