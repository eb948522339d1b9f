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

__all__ = ["account_names", "charges_of", "daily_costs", "tag_value"]

NAMES = (
    "ProviderName",
    "ServiceName",
    "PricingUnit",
    "SubAccountId",
    "RegionId",
    "ChargeCategory",
    "ResourceId",
)

QUANTIFIED = (Breakdown.METER, Breakdown.RESOURCE)
"""Breakdowns of which every group has one PricingUnit, so that quantities may be added."""


def charges_of(
    bill: ir.Table, *, days: tuple[date, date], currency: str, tag_keys: Sequence[str]
) -> ir.Table:
    """Return the charges of some days, added up where nothing that a breakdown needs differs.

    A charge counts on the UTC day that it begins. The columns are those of FOCUS that
    `daily_costs` reads; an hourly bill shrinks to a fraction.

    Args:
        bill: all rows, in the columns of FOCUS.
        days: first and last day.
        currency: the BillingCurrency whose charges count.
        tag_keys: the tags that are kept, under these names.
    """
    window = TimeWindow.of_days(*days)
    charges = bill.filter(
        bill.BillingCurrency == currency,
        bill.ChargePeriodStart >= _instant(window.start),
        bill.ChargePeriodStart < _instant(window.end),
    )
    return charges.group_by(
        *NAMES,
        ChargePeriodStart=charges.ChargePeriodStart.date(),
        SkuMeter=ibis.coalesce(charges.SkuMeter, charges.SkuId, charges.ChargeDescription),
        Tags=_tags(charges, tag_keys),
    ).aggregate(**{name: charges[name].sum() for name in AMOUNTS})


def daily_costs(charges: ir.Table, breakdown: Breakdown, tag_key: str = "") -> ir.Table:
    """Return the costs of each UTC day and group, as `opslib.tables.costs` defines them.

    Charges of every category count, but by tag and untagged only those of category Usage, and
    by resource only those with a ResourceId.

    Args:
        charges: what `charges_of` returns.
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


def account_names(bill: ir.Table) -> ir.Table:
    """Return SubAccountId and its SubAccountName, the latest where it was renamed."""
    named = bill.filter(bill.SubAccountId.notnull(), bill.SubAccountName.notnull())
    return named.group_by("SubAccountId").aggregate(
        SubAccountName=named.SubAccountName.argmax(named.ChargePeriodStart)
    )


def tag_value(bill: ir.Table, key: str) -> ir.StringValue:
    """Return the value of tag ``key``; null where it is absent or empty.

    The key is matched exactly, in each spelling that AWS exports use: ``Project``,
    ``user:Project`` and, of files whose names Athena can take, ``user_project``.
    """
    athena = athena_name(key)
    spellings = (key, athena) if key.startswith("aws:") else (key, f"user:{key}", f"user_{athena}")
    return ibis.coalesce(*(bill.Tags.get(spelling).nullif("") for spelling in spellings))


def _tags(bill: ir.Table, keys: Sequence[str]) -> ir.MapValue:
    if not keys:
        return ibis.null(FocusType.TAGS)
    return ibis.map(list(keys), ibis.array([tag_value(bill, key) for key in keys]))


def _counted(charges: ir.Table, breakdown: Breakdown, tag_key: str) -> ir.Table:
    """Return the charges that a breakdown is about."""
    usage = charges.ChargeCategory == "Usage"
    if breakdown is Breakdown.RESOURCE:
        return charges.filter(charges.ResourceId.notnull())
    if breakdown is Breakdown.TAG:
        return charges.filter(usage)
    if breakdown is Breakdown.UNTAGGED:
        return charges.filter(usage, charges.Tags.get(tag_key).isnull())
    return charges


def _group(charges: ir.Table, name: str, tag_key: str) -> ir.StringValue:
    named = charges.Tags.get(tag_key) if name == TAG_VALUE else charges[name]
    return named.fill_null("")


def _quantity(charges: ir.Table, breakdown: Breakdown) -> ir.DecimalScalar:
    if breakdown in QUANTIFIED:
        return charges.PricingQuantity.sum()
    return ibis.null(FocusType.MONEY)


def _instant(moment: datetime) -> ir.TimestampScalar:
    return ibis.literal(moment, type=FocusType.TIME)
