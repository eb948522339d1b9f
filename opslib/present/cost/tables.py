"""Tables of the cost report; each ends in a total that ties out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from opslib.analysis.cost.daily import sum_by_period
from opslib.analysis.cost.report import CostReport
from opslib.money import ZERO, total
from opslib.present.html import Column, Html, table
from opslib.wording import about, count, money, percent, printable, signed_money

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "tabulate_backtest",
    "tabulate_budgets",
    "tabulate_effects",
    "tabulate_groups",
    "tabulate_month",
    "tabulate_providers",
    "tabulate_totals",
]


SMALLEST_PART = Decimal("0.000001")
"""Below this a part is what rounding leaves; it is in the exact table beside the report."""


def _figure(header: str) -> Column:
    return Column(header, "figure")


def tabulate_totals(report: CostReport) -> Html:
    """Return the period's total against each figure it is compared with."""
    rows = [
        (
            comparison.against,
            money(comparison.amount, report.currency) if comparison.amount is not None else "—",
            signed_money(comparison.change, report.currency)
            if comparison.change is not None
            else "not enough history",
            percent(comparison.share, signed=True) if comparison.share is not None else "—",
        )
        for comparison in report.totals.comparisons
    ]
    exact = f"{report.totals.amount.normalize():f}"
    return table(
        (Column("Compared with"), _figure("Then"), _figure("Change"), _figure("Share")),
        rows,
        caption=f"{money(report.totals.amount, report.currency)} in {report.periods.current}",
        note=f"Exact total: {exact} {report.currency}, column {report.column}.",
    )


def tabulate_groups(report: CostReport, group: str, label: str) -> Html:
    """Return the largest groups of the period beside the period before, with the total.

    Args:
        report: the analysis.
        group: ServiceName, SubAccountId or RegionId.
        label: what the groups are called.
    """
    costs = report.bill.regions if group == "RegionId" else report.bill.accounts
    return _tabulate(report, costs, group, label)


def tabulate_providers(report: CostReport) -> Html:
    """Return what each provider cost; nothing where the bill has one only or tells none."""
    providers = report.bill.providers
    if providers is None or len(set(providers["ProviderName"])) <= 1:
        return Html("", "")
    return _tabulate(report, providers, "ProviderName", "Provider")


def _tabulate(report: CostReport, costs: pd.DataFrame, group: str, label: str) -> Html:
    """Return the largest groups of ``costs``, by one column."""
    windows = [report.periods.current, report.periods.before]
    now, before = sum_by_period(costs, windows, [group], report.column)
    largest = {
        name: max(now.get(name, ZERO), before.get(name, ZERO))
        for name in now.keys() | before.keys()
    }
    names = sorted(largest, key=lambda name: (-largest[name], name))
    shown = names[: report.parameters.top]
    rows = [_group_row(report, name, now.get(name, ZERO), before.get(name, ZERO)) for name in shown]
    if len(names) > len(shown):
        others = [
            total(period.get(name, ZERO) for name in names[len(shown) :])
            for period in (now, before)
        ]
        label_rest = count(len(names) - len(shown), "other")
        rows.append(_amount_row(report, label_rest, others[0], others[1]))
    sums = [total(period.values()) for period in (now, before)]
    return table(
        (Column(label), _figure("Now"), _figure("Before"), _figure("Change")),
        rows,
        caption=f"By {label.lower()}",
        total=_amount_row(report, "Total", sums[0], sums[1]),
    )


def _group_row(
    report: CostReport, name: tuple[str, ...], now: Decimal, before: Decimal
) -> tuple[str, ...]:
    (value,) = name
    known = report.bill.account_names.get(value, "")
    shown = f"{printable(known)} ({value})" if known else printable(value) or "(none)"
    return _amount_row(report, shown, now, before)


def _amount_row(report: CostReport, name: str, now: Decimal, before: Decimal) -> tuple[str, ...]:
    compared = report.changes is not None
    return (
        name,
        money(now, report.currency),
        money(before, report.currency) if compared else "—",
        signed_money(now - before, report.currency) if compared else "—",
    )


def tabulate_effects(report: CostReport) -> Html:
    """Return the meters that changed most, split into the parts; all parts sum to the change."""
    if report.changes is None:
        return table((Column("Meter"),), [], caption="No earlier period to compare with")
    variance = report.changes.variance
    meters = sorted(variance.meters, key=lambda m: (-abs(m.change), m.service, m.meter))
    shown, rest = meters[: report.parameters.top], meters[report.parameters.top :]
    rows = [
        (
            printable(f"{meter.service} {meter.meter}"),
            *(_part(meter.effects[effect], report.currency) for effect in variance.parts),
            signed_money(meter.change, report.currency),
        )
        for meter in shown
    ]
    if rest:
        parts = [total(meter.effects[effect] for meter in rest) for effect in variance.parts]
        rows.append(
            (
                count(len(rest), "other"),
                *(_part(part, report.currency) for part in parts),
                signed_money(total(parts), report.currency),
            )
        )
    return table(
        (
            Column("Service and usage type"),
            *(_figure(e.value) for e in variance.parts),
            _figure("Change"),
        ),
        rows,
        caption="Meters that changed most",
        total=(
            "Total",
            *(_part(variance.effect(effect), report.currency) for effect in variance.parts),
            signed_money(variance.change, report.currency),
        ),
    )


def _part(amount: Decimal, currency: str) -> str:
    return signed_money(amount, currency) if abs(amount) >= SMALLEST_PART else ""


def tabulate_budgets(report: CostReport) -> Html:
    """Return every budget with its limit, where it stands and where it will end."""
    rows = []
    for budget in report.budgets:
        expected = budget.outlook.total if budget.outlook else None
        interval = (
            f"{about(expected.mid, budget.unit)} ({about(expected.low, budget.unit)} to "
            f"{about(expected.high, budget.unit)})"
            if expected
            else "—"
        )
        remarks = [part for part in (budget.because, *budget.alarms) if part]
        rows.append(
            (
                printable(budget.name),
                printable(budget.account),
                _optional(budget.limit, budget.unit),
                _optional(budget.actual, budget.unit),
                interval,
                _optional(budget.aws_forecast, budget.unit),
                budget.said_probability,
                budget.verdict.value,
                "; ".join(remarks),
            )
        )
    headers = ("Limit", "Actual (AWS)", "Expected", "Forecast (AWS)", "P(passes)")
    return table(
        (
            Column("Budget"),
            Column("Account"),
            *(_figure(header) for header in headers),
            Column("Verdict"),
            Column("Remarks"),
        ),
        rows,
        caption="Budgets as they stand",
        note="" if rows else "No budget could be read.",
    )


def tabulate_month(report: CostReport) -> Html:
    """Return what the month has cost so far and what it will come to, ours and AWS's figure."""
    month, totals, currency = report.month, report.totals, report.currency
    total_row = month.total
    expected = (
        f"{about(total_row.mid, currency)} ({about(total_row.low, currency)} to "
        f"{about(total_row.high, currency)} at {percent(total_row.confidence)})"
        if total_row
        else f"no forecast: {month.because}"
    )
    rows = [
        ("Settled days so far", money(month.settled, currency)),
        ("Unsettled days, as booked so far", money(month.unsettled, currency)),
        ("Monthly charges still to come, as last month", money(month.monthly_charges, currency)),
        ("Expected at month end", expected),
        ("AWS's own forecast", _aws_month(report)),
        ("The month before", _optional(totals.last_month, currency)),
    ]
    name = f"{report.periods.month:%B %Y}"
    return table((Column(name), _figure("Amount")), rows, caption="Month to date and month end")


def _aws_month(report: CostReport) -> str:
    """Return AWS's forecast of the rest of the month with what is booked so far."""
    if report.aws_forecast.empty:
        return "—"
    row = report.aws_forecast.iloc[0]
    booked = report.totals.month_settled + report.totals.month_unsettled
    return about(booked + row["Mean"], str(row["Currency"]))


def tabulate_backtest(report: CostReport) -> Html:
    """Return how often the month's forecast would have been right in the past."""
    forecast = report.month.forecast
    columns = (Column("Model of the month"), _figure("Tested from"), _figure("Mean error"))
    if forecast is None:
        return table(columns, [], caption="Forecast", note=f"None: {report.month.because}.")
    origins = count(forecast.origins, "earlier day")
    return table(
        columns,
        [(forecast.model, origins, percent(forecast.mean_error))],
        caption="Forecast and its backtest",
    )


def _optional(amount: Decimal | None, unit: str) -> str:
    return money(amount, unit) if amount is not None else "—"
