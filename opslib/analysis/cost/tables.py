"""The tables that the report's figures can be traced to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from opslib.analysis.cost.anomalies.tables import anomaly_tables
from opslib.analysis.cost.report import CostReport
from opslib.analysis.cost.tag_tables import tag_tables
from opslib.analysis.cost.variance import Effect
from opslib.tables.bill_controls import DUPLICATES, EXPORT_FILES

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

__all__ = ["report_tables"]


def report_tables(report: CostReport) -> Mapping[str, pd.DataFrame]:
    """Return the report's tables by the names that findings use as evidence.

    ``days``: cost a day. ``costs_by_meter``, ``costs_by_account``, ``costs_by_region``: the bill
    as analysed. ``controls``, ``export_files``, ``duplicates``, ``other_currencies``, ``tie_out``,
    ``tie_out_services``: what the bill was controlled by. ``variance``: every meter's
    change in parts. ``changes``: those that matter. ``anomalies``, ``anomaly_days``,
    ``anomaly_causes``: what was unusual, the days of it, and the changes before.
    ``aws_anomalies``, ``commitments``: as AWS tells them; ``commitment_use``: what the latter come
    to in the period. ``tag_values``: taggable spend by value; ``untagged``: what lacks the tag;
    ``untagged_rises``: where that rose. ``budgets``, ``allocation``: as named. ``unit_costs``:
    each unit by period, with the parts of this period's change; ``unit_days``: the same by day.
    Amounts are in the report's currency.
    """
    tables = {
        "days": _days(report),
        "costs_by_meter": report.bill.meters,
        "costs_by_account": report.bill.accounts,
        "costs_by_region": report.bill.regions,
        "variance": _variance(report),
        "changes": _changes(report),
        "controls": _controls(report),
        "export_files": _read(report.tables.controls.files, EXPORT_FILES),
        "duplicates": _read(report.tables.controls.duplicates, DUPLICATES),
        "other_currencies": report.tables.controls.currencies,
        "tie_out": _tie_out(report),
        "tie_out_services": _tie_out_services(report),
        **anomaly_tables(report.unusual, report.periods.current),
        "aws_anomalies": report.tables.aws_anomalies,
        "commitments": report.tables.commitments,
        "budgets": _budgets(report),
        **tag_tables(report.tags),
        "allocation": _allocation(report),
        "unit_costs": _unit_costs(report),
        "unit_days": _unit_days(report),
    }
    return {
        name: table if "BillingCurrency" in table else table.assign(BillingCurrency=report.currency)
        for name, table in tables.items()
    }


def _days(report: CostReport) -> pd.DataFrame:
    rows = [(d.day, d.cost, d.weekday_mean, d.settled) for d in report.totals.days]
    return pd.DataFrame(rows, columns=["day", "cost", "weekday_mean", "settled"])


def _controls(report: CostReport) -> pd.DataFrame:
    rows = [
        (c.name, c.verdict.value if c.verdict else "not controlled", c.said, len(c.doubtful))
        for c in report.controls
    ]
    return pd.DataFrame(rows, columns=["control", "verdict", "said", "days_in_doubt"])


def _read(table: pd.DataFrame | None, schema: DataFrameSchema) -> pd.DataFrame:
    return pd.DataFrame(columns=list(schema.columns)) if table is None else table


def _tie_out(report: CostReport) -> pd.DataFrame:
    rows = [
        (
            tied.day,
            tied.export,
            tied.explorer,
            tied.difference,
            "; ".join(f"{kind} {amount}" for kind, amount in tied.named),
            tied.unexplained,
        )
        for tied in (report.tied.days if report.tied else ())
    ]
    names = ["day", "export", "cost_explorer", "difference", "named", "unexplained"]
    return pd.DataFrame(rows, columns=names)


def _tie_out_services(report: CostReport) -> pd.DataFrame:
    services = report.tied.services if report.tied else ()
    rows = [(tie.service, tie.export, tie.explorer, tie.difference) for tie in services]
    names = ["ServiceName", "export", "cost_explorer", "difference"]
    return pd.DataFrame(rows, columns=names)


def _variance(report: CostReport) -> pd.DataFrame:
    meters = report.changes.variance.meters if report.changes else ()
    rows = [
        (
            meter.service,
            meter.meter,
            meter.unit,
            meter.cost_before,
            meter.cost_after,
            meter.quantity_before,
            meter.quantity_after,
            *(meter.effects[effect] for effect in Effect),
        )
        for meter in meters
    ]
    names = ["ServiceName", "SkuMeter", "PricingUnit", "cost_before", "cost_after"]
    quantities = ["quantity_before", "quantity_after"]
    return pd.DataFrame(
        rows, columns=[*names, *quantities, *(f"{effect.value}_effect" for effect in Effect)]
    )


def _changes(report: CostReport) -> pd.DataFrame:
    found = report.changes.found if report.changes else ()
    rows = [
        (
            c.kind.value,
            c.service,
            c.meter,
            c.unit,
            c.account,
            c.resource,
            c.first_day,
            c.amount,
            c.before,
            c.after,
            c.monthly,
        )
        for c in found
    ]
    names = ["kind", "ServiceName", "SkuMeter", "PricingUnit", "SubAccountId", "ResourceId"]
    return pd.DataFrame(
        rows, columns=[*names, "first_day", "amount", "before", "after", "amount_a_month"]
    )


def _budgets(report: CostReport) -> pd.DataFrame:
    rows = []
    for budget in report.budgets:
        total = budget.outlook.total if budget.outlook else None
        interval = (total.low, total.mid, total.high) if total else (None, None, None)
        rows.append(
            (
                budget.account,
                budget.name,
                budget.limit,
                budget.actual,
                budget.spent,
                *interval,
                budget.probability,
                budget.verdict.value,
                budget.because,
            )
        )
    names = ["account", "budget", "limit", "actual", "spent"]
    ends = ["expected_low", "expected", "expected_high"]
    return pd.DataFrame(
        rows, columns=[*names, *ends, "probability_of_passing", "verdict", "because"]
    )


def _allocation(report: CostReport) -> pd.DataFrame:
    rows = [
        (allocation.rule, allocation.tag_key, row.value, row.direct, row.shared, row.full)
        for allocation in report.allocations
        for row in allocation.rows
    ]
    return pd.DataFrame(rows, columns=["rule", "tag_key", "value", "direct", "shared", "full"])


def _unit_costs(report: CostReport) -> pd.DataFrame:
    rows = []
    for trend in report.units:
        for period in trend.periods:
            change = trend.change if period is trend.current else None
            parts = (change.spend, change.volume, change.extra) if change else (None, None, None)
            first = period.window.start.date()
            sums = (period.known_days, period.cost, period.count, period.price)
            rows.append(
                (trend.unit.name, trend.unit.per, first, period.window.last_day, *sums, *parts)
            )
    names = ["unit", "per", "first_day", "last_day", "known_days", "cost", "count", "unit_cost"]
    return pd.DataFrame(rows, columns=[*names, "spend_part", "volume_part", "extra_cost"])


def _unit_days(report: CostReport) -> pd.DataFrame:
    rows = [
        (trend.unit.name, day.day, day.cost, day.count, day.hours_seen, day.price(trend.unit.per))
        for trend in report.units
        for day in trend.days
    ]
    names = ["unit", "day", "cost", "count", "hours_seen", "unit_cost"]
    return pd.DataFrame(rows, columns=names)
