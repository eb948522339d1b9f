"""The bill by day and group, as Ibis expressions: nothing here reads or runs anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from opslib.tables.costs import AMOUNTS, TAG_VALUE, Breakdown
from opslib.tables.cur import athena_name
from opslib.tables.engine import map_value
from opslib.tables.focus import FocusType
from opslib.timewindow import TimeWindow

__all__ = [
    "account_names",
    "charges_of",
    "counted_charges",
    "daily_costs",
    "rows_filled",
    "rows_with",
    "tag_column",
    "tag_value",
]

NAMES = (
    "BillingCurrency",
    "BillingAccountId",
    "ProviderName",
    "SubAccountId",
    "SubAccountName",
    "ServiceName",
    "RegionId",
    "ChargeCategory",
    "PricingUnit",
)

MERGED = ("ChargePeriodStart", "SkuMeter", "SkuId", "ChargeDescription", "ResourceId", "Tags")
"""Columns that are read for what is made of them."""

COUNTED = ("ResourceId", "BilledCost", "EffectiveCost")
"""Columns whose nulls no group tells."""

QUANTIFIED = (Breakdown.METER, Breakdown.RESOURCE)
"""Breakdowns of which every group has one PricingUnit, so that quantities may be added."""


def charges_of(bill: ir.Table, *, days: tuple[date, date], tag_keys: Sequence[str]) -> ir.Table:
    """Return a bill, added up where nothing that a table of the report needs differs.

    Whatever is asked of a bill is asked of this, so that its files are read once; an hourly
    bill shrinks to a fraction. A charge counts on the UTC day that it begins. On other days than
    the asked ones resources are not told apart.

    Args:
        bill: all rows, in the columns of FOCUS.
        days: first and last day.
        tag_keys: the tags that are kept.

    Returns:
        `NAMES`, ``ChargePeriodStart`` (date), ``SkuMeter``, ``ResourceId``, a column
        `tag_column` a tag, `AMOUNTS`; ``LastStart`` (time), ``Rows``, ``TaggedRows``, and of
        each column of `COUNTED` how many rows have one, as `rows_with`.
    """
    window = TimeWindow.of_days(*days)
    bill = bill.select(*NAMES, *MERGED, *AMOUNTS)
    start = bill.ChargePeriodStart
    inside = (start >= _instant(window.start)) & (start < _instant(window.end))
    return bill.group_by(
        *NAMES,
        ChargePeriodStart=start.date(),
        SkuMeter=ibis.coalesce(bill.SkuMeter, bill.SkuId, bill.ChargeDescription),
        ResourceId=ibis.cases((inside, bill.ResourceId), else_=None),
        **{tag_column(key): tag_value(bill, key) for key in tag_keys},
    ).aggregate(
        **{name: bill[name].sum() for name in AMOUNTS},
        LastStart=start.max(),
        Rows=bill.count(),
        TaggedRows=bill.count(where=bill.Tags.length() > 0),
        **{rows_with(name): bill[name].count() for name in COUNTED},
    )


def counted_charges(charges: ir.Table, *, days: tuple[date, date], currency: str) -> ir.Table:
    """Return the charges of some days in one BillingCurrency, of what `charges_of` returns."""
    first, last = (ibis.literal(day) for day in days)
    return charges.filter(
        charges.ChargePeriodStart.between(first, last), charges.BillingCurrency == currency
    )


def daily_costs(charges: ir.Table, breakdown: Breakdown, tag_key: str = "") -> ir.Table:
    """Return the costs of each UTC day and group, as `opslib.tables.costs` defines them.

    Charges of every category count, but by tag and untagged only those of category Usage, and
    by resource only those with a ResourceId.

    Args:
        charges: what `counted_charges` returns.
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


def rows_filled(charges: ir.Table, name: str) -> ir.IntegerScalar:
    """Return how many rows have a value in a column, of what `charges_of` returns."""
    if name in COUNTED:
        return charges[rows_with(name)].sum()
    return charges.Rows.sum(where=charges[name].notnull())


def tag_column(key: str) -> str:
    """Return the name of the column of a tag: one to engines that take A and a for the same."""
    return f"tag_{key.encode().hex()}"


def tag_value(bill: ir.Table, key: str) -> ir.StringValue:
    """Return the value of tag ``key``; null where it is absent or empty.

    The key is matched exactly, in each spelling that AWS exports use: ``Project``,
    ``user:Project``, of files whose names Athena can take ``user_project``, and where tags of all
    kinds are in one column ``resourceTags/Project``; of several in one row the first counts. The
    next spelling is looked for only where the one before is absent.
    """
    athena = athena_name(key)
    users = (athena,) if key.startswith("aws:") else (f"user:{key}", f"user_{athena}")
    spellings = (key, *users, f"resourceTags/{key}")
    return ibis.coalesce(*(map_value(bill.Tags, spelling) for spelling in spellings)).nullif("")


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
