"""Tables of the cost report; each ends in a total that ties out."""

from __future__ import annotations

from decimal import Decimal

from opslib.analysis.cost.daily import sum_by_period
from opslib.analysis.cost.report import CostReport
from opslib.analysis.cost.variance import Effect
from opslib.money import ZERO, total
from opslib.present.html import Column, Html, table
from opslib.wording import about, count, money, percent, printable, signed_money

__all__ = [
    "tabulate_allocation",
    "tabulate_backtest",
    "tabulate_budgets",
    "tabulate_effects",
    "tabulate_groups",
    "tabulate_offenders",
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
    meters = sorted(
        report.changes.variance.meters, key=lambda m: (-abs(m.change), m.service, m.meter)
    )
    shown, rest = meters[: report.parameters.top], meters[report.parameters.top :]
    rows = [
        (
            printable(f"{meter.service} {meter.meter}"),
            *(_part(meter.effects[effect], report.currency) for effect in Effect),
            signed_money(meter.change, report.currency),
        )
        for meter in shown
    ]
    if rest:
        parts = [total(meter.effects[effect] for meter in rest) for effect in Effect]
        rows.append(
            (
                count(len(rest), "other"),
                *(_part(part, report.currency) for part in parts),
                signed_money(total(parts), report.currency),
            )
        )
    variance = report.changes.variance
    return table(
        (Column("Service and usage type"), *(_figure(e.value) for e in Effect), _figure("Change")),
        rows,
        caption="Meters that changed most",
        total=(
            "Total",
            *(_part(variance.effect(effect), report.currency) for effect in Effect),
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
                percent(budget.probability) if budget.probability is not None else "—",
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


def tabulate_offenders(report: CostReport) -> Html:
    """Return the largest untagged costs by key, each key closed by what is untagged in all."""
    rows = []
    for tag in report.tags:
        shown = tag.offenders[: report.parameters.top]
        rows += [
            (
                printable(tag.key),
                printable(offender.service),
                printable(offender.resource) or "—",
                printable(report.bill.account_names.get(offender.account, offender.account)) or "—",
                money(offender.cost, report.currency),
            )
            for offender in shown
        ]
        rest = tag.untagged - total(offender.cost for offender in shown)
        if rest:
            rows.append((printable(tag.key), "others", "", "", money(rest, report.currency)))
        share = percent(tag.untagged_share) if tag.untagged_share is not None else "—"
        rows.append(
            (
                printable(tag.key),
                f"all untagged, {share}",
                "",
                "",
                money(tag.untagged, report.currency),
            )
        )
    return table(
        (Column("Tag"), Column("Service"), Column("Resource"), Column("Account"), _figure("Cost")),
        rows,
        caption="Where tags are missing",
        note="Only charges of category Usage count; tax, credits and fees cannot be tagged.",
    )


def tabulate_allocation(report: CostReport) -> Html:
    """Return shared costs spread over tag values; each rule sums to the period's total."""
    rows: list[tuple[str, ...]] = []
    for allocation in report.allocations:
        rows += [
            (
                printable(allocation.rule),
                printable(row.value) or "(untagged)",
                money(row.direct, report.currency),
                money(row.shared, report.currency),
                money(row.full, report.currency),
            )
            for row in allocation.rows
        ]
        rows.append(_rule_row(report, allocation.rule, "tax, credits, fees", allocation.untaggable))
        whole = allocation.taggable + allocation.untaggable
        rows.append(_rule_row(report, allocation.rule, "total", whole))
    reasons = [f"{a.rule}: {a.because}." for a in report.allocations if a.because]
    empty = "" if rows else "No rule in shared_costs could be applied."
    return table(
        (Column("Rule"), Column("Value"), _figure("Direct"), _figure("Shared"), _figure("Full")),
        rows,
        caption="Shared costs, spread",
        note=" ".join(reasons) or empty,
    )


def _rule_row(report: CostReport, rule: str, name: str, amount: Decimal) -> tuple[str, ...]:
    return (printable(rule), name, "", "", money(amount, report.currency))
