"""The bill by day and group, as Ibis expressions: nothing here reads or runs anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from opslib.tables.costs import AMOUNTS, TAG_VALUE, Breakdown
from opslib.tables.cur import athena_name
from opslib.tables.focus import FocusType
from opslib.timewindow import TimeWindow

__all__ = [
    "account_names",
    "charges_of",
    "daily_costs",
    "in_currency",
    "rows_with",
    "tag_column",
    "tag_value",
]

PAYING = (
    "BillingCurrency",
    "BillingAccountId",
    "ProviderName",
    "ChargeCategory",
    "SubAccountId",
    "SubAccountName",
)
"""What is kept of charges on any day."""

USED = ("ServiceName", "RegionId", "PricingUnit", "ResourceId")
"""What is kept beside of charges on the days that are asked for."""

COUNTED = ("ChargePeriodStart", "ResourceId", "BilledCost", "EffectiveCost")
"""Columns whose nulls no group tells apart."""

QUANTIFIED = (Breakdown.METER, Breakdown.RESOURCE)
"""Breakdowns of which every group has one PricingUnit, so that quantities may be added."""


def charges_of(bill: ir.Table, *, days: tuple[date, date], tag_keys: Sequence[str]) -> ir.Table:
    """Return a bill, added up where nothing that a table of the report needs differs.

    Whatever is asked of a bill is asked of this, so that its files are read once; an hourly
    bill shrinks to a fraction. A charge counts on the UTC day that it begins. Of charges on
    other days than the asked ones ChargePeriodStart is null, and only how many they are, who
    paid them and when is kept.

    Args:
        bill: all rows, in the columns of FOCUS.
        days: first and last day.
        tag_keys: the tags that are kept.

    Returns:
        `PAYING`, `USED`, ``ChargePeriodStart`` (date), ``SkuMeter``, a column `tag_column` a
        tag, `AMOUNTS`; ``FirstStart`` and ``LastStart`` (times), ``Rows``, ``TaggedRows``, and
        of each column of `COUNTED` how many rows have one, as `rows_with`.
    """
    window = TimeWindow.of_days(*days)
    start = bill.ChargePeriodStart
    inside = (start >= _instant(window.start)) & (start < _instant(window.end))
    used = {
        "ChargePeriodStart": start.date(),
        **{name: bill[name] for name in USED},
        "SkuMeter": ibis.coalesce(bill.SkuMeter, bill.SkuId, bill.ChargeDescription),
        **{tag_column(key): tag_value(bill, key) for key in tag_keys},
    }
    return bill.group_by(
        *PAYING, **{name: ibis.cases((inside, value), else_=None) for name, value in used.items()}
    ).aggregate(
        **{name: bill[name].sum() for name in AMOUNTS},
        FirstStart=start.min(),
        LastStart=start.max(),
        Rows=bill.count(),
        **{rows_with(name): bill[name].count() for name in COUNTED},
        TaggedRows=bill.count(where=bill.Tags.length() > 0),
    )


def in_currency(charges: ir.Table, currency: str) -> ir.Table:
    """Return the charges of the asked days in one BillingCurrency."""
    return charges.filter(
        charges.ChargePeriodStart.notnull(), charges.BillingCurrency == currency
    )


def daily_costs(charges: ir.Table, breakdown: Breakdown, tag_key: str = "") -> ir.Table:
    """Return the costs of each UTC day and group, as `opslib.tables.costs` defines them.

    Charges of every category count, but by tag and untagged only those of category Usage, and
    by resource only those with a ResourceId.

    Args:
        charges: what `in_currency` returns.
        breakdown: what a group is.
        tag_key: with `Breakdown.TAG` and `Breakdown.UNTAGGED`, the tag.
    """
    counted = _counted(charges, breakdown, tag_key)
    groups = {name: _group(counted, name, tag_key) for name in breakdown.columns}
    return counted.group_by("ChargePeriodStart", **groups).aggregate(
        PricingQuantity=_quantity(counted, breakdown),
        BilledCost=counted.BilledCost.sum(),
        EffectiveCost=counted.EffectiveCost.sum(),
    )


def account_names(charges: ir.Table) -> ir.Table:
    """Return SubAccountId and its SubAccountName, the latest where it was renamed.

    Args:
        charges: what `charges_of` returns.
    """
    named = charges.filter(charges.SubAccountId.notnull(), charges.SubAccountName.notnull())
    return named.group_by("SubAccountId").aggregate(
        SubAccountName=named.SubAccountName.argmax(named.LastStart)
    )


def rows_with(name: str) -> str:
    """Return the name of the count of rows that have a value in a column of `COUNTED`."""
    return f"RowsWith{name}"


def tag_column(key: str) -> str:
    """Return the name of the column of a tag: one to engines that take A and a for the same."""
    return f"tag_{key.encode().hex()}"


def tag_value(bill: ir.Table, key: str) -> ir.StringValue:
    """Return the value of tag ``key``; null where it is absent or empty.

    The key is matched exactly, in each spelling that AWS exports use: ``Project``,
    ``user:Project`` and, of files whose names Athena can take, ``user_project``.
    """
    athena = athena_name(key)
    spellings = (key, athena) if key.startswith("aws:") else (key, f"user:{key}", f"user_{athena}")
    return ibis.coalesce(*(bill.Tags.get(spelling).nullif("") for spelling in spellings))


def _counted(charges: ir.Table, breakdown: Breakdown, tag_key: str) -> ir.Table:
    """Return the charges that a breakdown is about."""
    usage = charges.ChargeCategory == "Usage"
    if breakdown is Breakdown.RESOURCE:
        return charges.filter(charges.ResourceId.notnull())
    if breakdown is Breakdown.TAG:
        return charges.filter(usage)
    if breakdown is Breakdown.UNTAGGED:
        return charges.filter(usage, charges[tag_column(tag_key)].isnull())
    return charges


def _group(charges: ir.Table, name: str, tag_key: str) -> ir.StringValue:
    named = charges[tag_column(tag_key) if name == TAG_VALUE else name]
    return named.fill_null("")


def _quantity(charges: ir.Table, breakdown: Breakdown) -> ir.DecimalScalar:
    if breakdown in QUANTIFIED:
        return charges.PricingQuantity.sum()
    return ibis.null(FocusType.MONEY)


def _instant(moment: datetime) -> ir.TimestampScalar:
    return ibis.literal(moment, type=FocusType.TIME)
