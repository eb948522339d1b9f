"""The bill: what an export holds at all, and its costs by every breakdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from opslib.errors import TableError
from opslib.money import total
from opslib.tables.aggregation import (
    account_names,
    charges_of,
    counted_charges,
    daily_costs,
    rows_filled,
    rows_with,
)
from opslib.tables.costs import Bill, Breakdown
from opslib.tables.providers import services_apart
from opslib.timewindow import TimeWindow

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from opslib.tables.engine import Engine
    from opslib.tables.engine_spark import SparkEngine

__all__ = ["BillExtent", "aggregate_bill", "break_down", "describe_bill"]

NEVER_NULL = (
    "BillingCurrency",
    "ChargePeriodStart",
    "ChargeCategory",
    "BilledCost",
    "EffectiveCost",
)
"""Columns without whose value a charge cannot be counted; other names may be unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillExtent:
    """What an export holds, before anything is selected from it.

    Args:
        rows: charges in all.
        first_day: UTC day on which the first charge begins; None without any.
        last_day: UTC day on which the last charge begins; None without any.
        currencies: BillingCurrency to its number of rows.
        billing_accounts: BillingAccountId to its number of rows.
        providers: ProviderName to its number of rows.
        nulls: column of `NEVER_NULL` to its number of nulls, for those that have some.
        with_resource: rows that name a resource.
        with_tags: rows with at least one tag.
    """

    rows: int
    first_day: date | None
    last_day: date | None
    currencies: Mapping[str, int]
    billing_accounts: Mapping[str, int]
    providers: Mapping[str, int]
    nulls: Mapping[str, int]
    with_resource: int
    with_tags: int


def describe_bill(engine: Engine | SparkEngine, charges: ir.Table) -> BillExtent:
    """Return what a bill holds.

    Args:
        engine: runs it.
        charges: what `opslib.tables.aggregation.charges_of` returns.

    Raises:
        TableError: a file is broken or a value in it cannot be read.
    """
    names = ["BillingCurrency", "BillingAccountId", "ProviderName"]
    filled = {name: rows_filled(charges, name) for name in NEVER_NULL}
    groups = engine.run(
        charges.group_by([charges[name].fill_null("").name(name) for name in names]).aggregate(
            rows=charges.Rows.sum(),
            first_day=charges.ChargePeriodStart.min(),
            last_day=charges.ChargePeriodStart.max(),
            with_resource=charges[rows_with("ResourceId")].sum(),
            with_tags=charges.TaggedRows.sum(),
            **{f"filled_{name}": count for name, count in filled.items()},
        )
    )
    rows = int(groups["rows"].sum())
    nulls = {name: rows - int(groups[f"filled_{name}"].sum()) for name in NEVER_NULL}
    days = [*groups["first_day"].dropna(), *groups["last_day"].dropna()]
    return BillExtent(
        rows=rows,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        currencies=_rows_by(groups, "BillingCurrency"),
        billing_accounts=_rows_by(groups, "BillingAccountId"),
        providers=_rows_by(groups, "ProviderName"),
        nulls={name: count for name, count in nulls.items() if count},
        with_resource=int(groups["with_resource"].sum()),
        with_tags=int(groups["with_tags"].sum()),
    )


def aggregate_bill(
    engine: Engine | SparkEngine,
    bill: ir.Table,
    *,
    days: tuple[date, date],
    tag_keys: Sequence[str],
    currency: str = "",
    source: str = "export",
) -> Bill:
    """Return the costs of ``days`` by every breakdown.

    Args:
        engine: runs it.
        bill: all rows, in the columns of FOCUS (`opslib.tables.export.open_bill`).
        days: first and last UTC day.
        tag_keys: tags to break down by; left out where no charge of the bill has any tag.
        currency: the one to report; empty for the one of most charges.
        source: what the bill came from.

    Raises:
        TableError: a file is broken, a value cannot be read or is missing, no charge is in the
            currency, or the breakdowns do not sum to the same total.
    """
    keys = tuple(dict.fromkeys(tag_keys))
    charges = engine.keep(charges_of(bill, days=days, tag_keys=keys))
    return break_down(engine, charges, days=days, tag_keys=keys, currency=currency, source=source)


def break_down(
    engine: Engine | SparkEngine,
    charges: ir.Table,
    *,
    days: tuple[date, date],
    tag_keys: Sequence[str],
    currency: str = "",
    source: str = "export",
) -> Bill:
    """Return the costs of charges by every breakdown, as `aggregate_bill` does.

    Args:
        engine: runs it.
        charges: what `opslib.tables.aggregation.charges_of` returns for ``days`` and
            ``tag_keys``, kept.
        days: first and last UTC day.
        tag_keys: tags to break down by, each once.
        currency: the one to report.
        source: what the bill came from.

    Raises:
        TableError: as `aggregate_bill` does.
    """
    extent = describe_bill(engine, charges)
    _check_complete(extent)
    chosen = _choose_currency(extent, currency)
    keys = tuple(tag_keys) if extent.with_tags else ()
    counted = counted_charges(charges, days=days, currency=chosen)
    if len(extent.providers) > 1:
        counted = engine.keep(services_apart(counted))

    def costs(breakdown: Breakdown, tag_key: str = "") -> pd.DataFrame:
        frame = daily_costs(counted, breakdown, tag_key)
        return engine.run(frame.order_by("ChargePeriodStart", *breakdown.columns))

    result = Bill(
        source=source,
        currency=chosen,
        meters=costs(Breakdown.METER),
        accounts=costs(Breakdown.ACCOUNT),
        regions=costs(Breakdown.REGION),
        places=costs(Breakdown.PLACE),
        providers=costs(Breakdown.PROVIDER),
        tags={key: costs(Breakdown.TAG, key) for key in keys},
        resources=costs(Breakdown.RESOURCE) if extent.with_resource else None,
        untagged={key: costs(Breakdown.UNTAGGED, key) for key in keys if extent.with_resource},
        account_names=dict(engine.run(account_names(charges)).itertuples(index=False)),
        billing_accounts=tuple(sorted(extent.billing_accounts)),
        days=TimeWindow.of_days(*days).days,
        first_day=extent.first_day,
        last_day=extent.last_day,
    )
    _check_totals(result)
    return result


def _rows_by(groups: pd.DataFrame, name: str) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for value, count in zip(groups[name], groups["rows"], strict=True):
        rows[value] += int(count)
    return dict(rows.most_common())


def _check_complete(extent: BillExtent) -> None:
    missing = [f"{name} in {extent.nulls[name]}" for name in NEVER_NULL if name in extent.nulls]
    if missing:
        raise TableError(
            f"values that every charge needs are missing: {', '.join(missing)} "
            f"of {extent.rows} rows",
            where="export",
            remedy="Export the period again with all columns.",
        )


def _choose_currency(extent: BillExtent, wanted: str) -> str:
    counts = ", ".join(f"{name} ({rows} rows)" for name, rows in extent.currencies.items())
    if wanted and extent.currencies and wanted not in extent.currencies:
        raise TableError(
            f"no charge is in {wanted}; the bill has {counts}",
            where="currency",
            remedy=f"Set currency: {next(iter(extent.currencies))}.",
        )
    return wanted or next(iter(extent.currencies), "")


def _check_totals(bill: Bill) -> None:
    """Refuse a bill whose breakdowns of all charges disagree."""
    for column in ("BilledCost", "EffectiveCost"):
        totals = {
            name: total(frame[column])
            for name, frame in (
                ("meters", bill.meters),
                ("accounts", bill.accounts),
                ("regions", bill.regions),
            )
        }
        if len(set(totals.values())) > 1:
            parts = ", ".join(f"{name} {amount}" for name, amount in totals.items())
            raise TableError(f"{column} does not sum to one total: {parts}", where=bill.source)
